"""What a digest tells, as its reader may see it now: what waits for them, and the news that it gathered."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from approvals.models import Mail
from approvals.queries.cases import CaseLine, waiting_for
from approvals.queries.news import DigestLine, DigestNews
from approvals.queries.reviews import Reviewed, waits_for
from approvals.rules.notification import Block, block_of, digest_day, lines_shown


def news_of(digest: Mail, now: datetime) -> DigestNews:
    blocks: dict[Block, list[DigestLine]] = {block: [] for block in Block}
    blocks[Block.WAITS] = list(_waiting(digest.recipient, now))
    for mail in (
        Mail.objects.filter(digest=digest).inbox(digest.recipient).defer("text", "html", "calendar").order_by("id")
    ):
        blocks[block_of(mail.event, mail.part)].append(DigestLine(mail.event, mail.subject, _url(mail.place)))
    shown = lines_shown([len(lines) for lines in blocks.values()])
    return DigestNews(
        url=_url(reverse("admin:approvals_mail_inbox")),
        day=digest_day(digest.created_at, timezone.get_default_timezone()),
        blocks=tuple((block, tuple(lines[:most])) for (block, lines), most in zip(blocks.items(), shown, strict=True)),
        more=sum(map(len, blocks.values())) - sum(shown),
    )


def tells_something(digest: Mail) -> bool:
    """Whether its reader may still see any of the news for which it was made."""
    return bool(Mail.objects.filter(digest=digest).inbox(digest.recipient).exists())


def _waiting(person: User, now: datetime) -> Iterable[DigestLine]:
    cases = waiting_for(person, now)
    yield from (_case("decide", line) for line in cases.decide)
    yield from (_review(one) for one in waits_for(person, now))
    yield from (_case("agree", line) for line in cases.agree)


def _case(verb: str, line: CaseLine) -> DigestLine:
    (_department_a, _code_a, name_a), (_department_b, _code_b, name_b) = line.parties
    due = line.agree_by if verb == "agree" else line.decide_by
    place = reverse("admin:approvals_case_change", args=[line.pk])
    return DigestLine(verb, f"{line.label}: {name_a} ↔ {name_b}", _url(place), due)


def _review(one: Reviewed) -> DigestLine:
    place = reverse("admin:approvals_review_campaign", args=[one.campaign.pk])
    return DigestLine("approve", f"{one.campaign.name} ({one.campaign.code})", _url(place))


def _url(place: str) -> str:
    return f"{settings.SITE_URL}{place}"
