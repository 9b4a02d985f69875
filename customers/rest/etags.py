"""ETags: the state of a thing as its reader sees it, so that nobody overwrites what they have not read."""

import hashlib
from typing import Any

from django.http import HttpRequest
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from customers.rest.problems import PreconditionFailed


def etag_of(representation: Any) -> str:
    """Strong, from the whole representation: it differs exactly when something the reader sees differs."""
    return quote_etag(hashlib.sha256(JSONRenderer().render(representation)).hexdigest()[:32])


class EtagMixin:
    """A viewset whose rows have ETags: `If-None-Match` when reading, `If-Match` when writing."""

    has_etags = True

    def whole(self, row: Any) -> Serializer:
        """The representation without `?fields=`."""
        return self.get_serializer_class()(row, context=self.get_serializer_context() | {"whole": True})

    def check_match(self, row: Any) -> None:
        """Refuse (412) if the row is not what the caller says they have read; call it under the row's lock."""
        given = self.request.headers.get("If-Match")
        if given is None:
            return
        tags = parse_etags(given)
        if "*" not in tags and etag_of(self.whole(row).data) not in tags:
            raise PreconditionFailed(
                _("Somebody changed this since you read it. Read it again, compare, then send your change again.")
            )

    def tagged(self, row: Any, *, code: int = status.HTTP_200_OK, headers: dict[str, str] | None = None) -> Response:
        """The row as an answer, with its tag."""
        data = self.whole(row).data
        return Response(data, status=code, headers={"ETag": etag_of(data)} | (headers or {}))

    def retrieve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        data = self.whole(row).data
        tag = etag_of(data)
        if tag in parse_etags(request.headers.get("If-None-Match", "")):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        wanted = self.get_serializer().fields
        return Response({name: value for name, value in data.items() if name in wanted}, headers={"ETag": tag})
