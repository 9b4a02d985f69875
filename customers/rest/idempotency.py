"""`Idempotency-Key`: a POST that is sent again gets its first answer again, and has one effect.

The same key with another request is refused with 422, while the first is still running with 409 (as in the IETF draft
"The Idempotency-Key HTTP Header Field"). Answers are kept for two days; those of failures of ours (5xx) are not.
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from customers.actions import requests
from customers.models import IdempotentRequest
from customers.rest.problems import Conflict, Unprocessable

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")
_KEPT_HEADERS = ("ETag", "Location")

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """For the method of a viewset that answers a POST. With or without a key it runs in one transaction.

    A response may carry `kept_data`, which is kept in the place of `data`: for what is shown only once.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            with transaction.atomic():
                return handler(view, request, *args, **kwargs)
        if not _KEY.match(key):
            raise ParseError(_("%(header)s has between 1 and 128 visible ASCII characters.") % {"header": HEADER})
        try:
            row = requests.take(user=request.user, key=key, fingerprint=fingerprint_of(request), now=timezone.now())
        except requests.OtherRequest as error:
            raise Unprocessable(
                _("This %(header)s was used for another request. Use a new one.") % {"header": HEADER}
            ) from error
        except requests.StillRunning as error:
            raise Conflict(_("The same request is still running. Ask again in a moment.")) from error
        if row.http_status is not None:
            return _replay(row)
        return _run(view, handler, request, row, *args, **kwargs)

    once.is_idempotent = True  # type: ignore[attr-defined]
    return once


def fingerprint_of(request: Request) -> str:
    """Digest of method, address and what the body says, however it is spelt; keyed, as bodies may hold passwords."""
    data = request.data
    if hasattr(data, "lists"):  # a form: files by their content, as its boundaries differ each time
        said = {name: [_content(value) for value in values] for name, values in sorted(data.lists())}
    else:
        said = data
    canonical = json.dumps(said, sort_keys=True, default=str, ensure_ascii=True)
    whole = f"{request.method}\n{request.get_full_path()}\n{canonical}"
    return salted_hmac("idempotency", whole, algorithm="sha256").hexdigest()


def _content(value: Any) -> str:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"{value.name}:{digest.hexdigest()}"


def _run(view: Any, handler: Handler, request: Request, row: IdempotentRequest, *args: Any, **kwargs: Any) -> Response:
    try:
        try:
            with transaction.atomic():
                response = handler(view, request, *args, **kwargs)
                _keep(row, response)
        except requests.StillRunning:
            raise
        except Exception as error:  # noqa: BLE001 - raised again below if it is no refusal
            # What the request had done is rolled back; that it was refused is an answer too.
            response = _refusal(view, row, error)
            _keep(row, response)
    except requests.StillRunning as error:
        raise Conflict(_("The request took too long and is being tried again. Ask again in a moment.")) from error
    return response


def _refusal(view: Any, row: IdempotentRequest, error: Exception) -> Response:
    try:
        return view.handle_exception(error)
    except Exception:
        requests.release(row)
        raise


def _keep(row: IdempotentRequest, response: Response) -> None:
    body = JSONRenderer().render(getattr(response, "kept_data", response.data)).decode()
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    if response.content_type:
        headers["Content-Type"] = response.content_type
    requests.answer(row, status=response.status_code, body=body, headers=headers)


def _replay(row: IdempotentRequest) -> Response:
    headers = dict(row.headers)
    content_type = headers.pop("Content-Type", None)
    data = json.loads(row.body) if row.body else None
    return Response(data, status=row.http_status, headers=headers | {REPLAYED: "true"}, content_type=content_type)
