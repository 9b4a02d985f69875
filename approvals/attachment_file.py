"""Files of statements on their way in and out, for pages and the API."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from approvals.models import Attachment
from approvals.rules.attachments import LARGEST, MEDIA_TYPES, MOST, FileKind

# Bytes of a request that are read at all. Twice what is taken: whoever picks one file too many keeps what they typed.
LONGEST_REQUEST = 2 * MOST * LARGEST


def is_too_long(request: HttpRequest) -> bool:
    return int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_REQUEST


def too_long() -> str:
    return _("The files are far too large to be read: at most %(most)d of %(size)d MB each. Nothing was kept.") % {
        "most": MOST,
        "size": LARGEST // 2**20,
    }


def sent(file: Attachment) -> HttpResponse:
    """To be kept and never to be shown: what a colleague attached must not run as a page of ours."""
    answer = HttpResponse(bytes(file.content), content_type=MEDIA_TYPES[FileKind(file.kind)])
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
