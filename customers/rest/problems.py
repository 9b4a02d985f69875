"""Errors as RFC 9457 problem details.

`{"type", "title", "status", "detail", "errors": [{"pointer" | "parameter", "code", "detail"}]}`: `pointer` is an
RFC 6901 JSON pointer into the body of the request, `parameter` names a part of its query.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DomainError
from django.db import IntegrityError
from django.http import Http404
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

# Codes of a domain error that say "not now": the same request may be right in another state of the thing.
CONFLICTS = {"state", "stale"}


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class PreconditionFailed(exceptions.APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed"


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Unprocessable(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class ParameterError(exceptions.ValidationError):
    """Something in the query of the address is wrong: `{parameter: [text]}`."""


def handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER; None for what is nobody's mistake but ours."""
    known = _known(error, context)
    if known is None:
        return None
    headers = {}
    if getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = known.auth_header
    if getattr(known, "wait", None):
        headers["Retry-After"] = str(int(known.wait) + 1)
    return Response(_document(known), status=known.status_code, headers=headers, content_type=MEDIA_TYPE)


def _known(error: Exception, context: Mapping[str, Any]) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        # The same for what does not exist and for what the reader may not see.
        return exceptions.NotFound(_("There is nothing here that you may see."))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, IntegrityError) and "unique" in str(error).lower():
        # Two at once: both looked before either had written.
        return Conflict(
            _("Somebody else wrote the same at this moment. Read it, then send yours again if it is still needed.")
        )
    if isinstance(error, DomainError):
        return from_domain(error, getattr(context.get("view"), "renamed", {}))
    return None


def from_domain(error: DomainError, renamed: Mapping[str, str]) -> exceptions.APIException:
    """What an action refused, as an error of the API; `renamed` maps columns to the names the API has for them."""
    if getattr(error, "code", None) in CONFLICTS:
        return Conflict(" ".join(error.messages))
    if hasattr(error, "error_dict"):
        fields = {
            "" if name == "__all__" else renamed.get(name, name): [
                exceptions.ErrorDetail(text, code=one.code or "invalid") for one in errors for text in one.messages
            ]
            for name, errors in error.error_dict.items()
        }
        return exceptions.ValidationError(fields)
    return exceptions.ValidationError({"": error.messages})


def _document(error: exceptions.APIException) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[error.status_code],
        "status": error.status_code,
    }
    if not isinstance(error, exceptions.ValidationError):
        return document | {"detail": force_str(error.detail)}
    place = "parameter" if isinstance(error, ParameterError) else "pointer"
    errors = [
        {place: path.removeprefix("/") if place == "parameter" else path, "code": text.code, "detail": str(text)}
        for path, text in _leaves(error.detail)
    ]
    return document | {"detail": _said(errors), "errors": errors}


def _leaves(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            at_root = key in ("", "non_field_errors")
            yield from _leaves(value, path if at_root else f"{path}/{step}")
    elif isinstance(detail, list):
        for place, value in enumerate(detail):
            if isinstance(value, dict | list):
                yield from _leaves(value, f"{path}/{place}")
            else:
                yield path, value
    else:
        yield path, detail


def _said(errors: list[dict[str, str]]) -> str:
    if len(errors) == 1:
        return errors[0]["detail"]
    return _("%(number)d things are wrong; each is named with its place.") % {"number": len(errors)}
