"""Who is let in, with what, and how often."""

import logging
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from customers.actions.tokens import use_token
from customers.models import ApiToken

logger = logging.getLogger(__name__)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer concordia_…`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = use_token(secret.strip().decode("latin-1"), now=timezone.now())
        if token is None:
            raise AuthenticationFailed(_("This token does not work: unknown, revoked or ended. Make a new one."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):
    """Describes the above in the schema; found by drf-spectacular because it is loaded."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "manage.py create_token USERNAME prints one."}


class StaffSession(SessionAuthentication):
    """The session of the admin; whoever only has a customer's account is nobody here."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        return found if found and found[0].is_staff else None


class StaffSessionScheme(OpenApiAuthenticationExtension):
    target_class = StaffSession
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class Staff(BasePermission):
    """Colleagues; with a reading token, only to read. What they find is visible(user)'s business."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not (user and user.is_authenticated and user.is_active and user.is_staff):
            return False
        token = request.auth
        if isinstance(token, ApiToken) and token.scope == ApiToken.Scope.READ and request.method not in SAFE_METHODS:
            self.message = _("This token reads only. Make one that writes.")
            return False
        return True


class _Throttle(UserRateThrottle):
    """Counted in the cache; without a cache everybody comes through, as people must be able to work without Redis."""

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except Exception as error:  # noqa: BLE001 - each cache has its own errors
            logger.warning("the cache does not answer, requests are not counted: %s", type(error).__name__)
            return True


class ReadThrottle(_Throttle):
    scope = "read"

    def allow_request(self, request: Request, view: Any) -> bool:
        return request.method not in SAFE_METHODS or super().allow_request(request, view)


class FeedThrottle(_Throttle):
    """For whoever reads a feed with nothing but its address; counted by the address of their machine."""

    scope = "feed"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})


class WriteThrottle(_Throttle):
    scope = "write"

    def allow_request(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or super().allow_request(request, view)
