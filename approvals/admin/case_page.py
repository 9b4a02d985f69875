"""The page of one case: whose turn it is, both sides beside each other, what they share, and what happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.actions.deadlines import deadline_with
from approvals.actions.enforcement import Effect
from approvals.admin import conversation_block
from approvals.choices import CaseOutcome, CaseState, ReopenedBecause
from approvals.forms.cases import DecisionForm
from approvals.forms.precedents import CitationForm, ObjectionForm
from approvals.forms.terms import MoreTimeForm, TermsForm, filled_in
from approvals.models import Case
from approvals.models.proposals import LONGEST_TEXT
from approvals.permissions import speaks_for
from approvals.queries.cases import Evidence, OfferLine, Side, evidence, ruling_of
from approvals.queries.meetings import sides_of
from approvals.queries.negotiation import negotiation_of
from approvals.queries.precedents import said_in, shown_for
from approvals.queries.proposals import talks_of
from approvals.queries.reach import Reach, reach_of
from approvals.queries.standing_rules import notice_in
from approvals.rules.operations import parse
from approvals.wording import distance
from campaigns import wording
from campaigns.models import Campaign
from customers.clock import local_day

# Pairs of offers on one page, each with all that was found about it.
ROWS = 10
# Offers of a side that are written out; the others unfold.
SHOWN = 5


@dataclass(frozen=True)
class SideOnPage:
    """`is_open`: the reader may open the campaign and its offers; `is_mine`: the reader speaks for this side."""

    facts: Side
    reach: Reach
    is_mine: bool
    is_open: bool

    @property
    def first_offers(self) -> tuple[OfferLine, ...]:
        return self.facts.offers[:SHOWN]

    @property
    def more_offers(self) -> tuple[OfferLine, ...]:
        return self.facts.offers[SHOWN:]


def url(case: Case, page: str = "change", **query: object) -> str:
    return reverse(f"admin:approvals_case_{page}", args=[case.pk])


def base_context(model_admin: ModelAdmin, request: HttpRequest, case: Case, title: str = "") -> dict:
    """What every page of a case needs around its content."""
    first, second = sides_of(case)
    names = _("%(first)s ↔ %(second)s") % {"first": first.name, "second": second.name}
    crumbs = [{"title": _("Cases"), "url": reverse("admin:approvals_case_changelist")}]
    crumbs += [{"title": case.label, "url": url(case)}, {"title": title}] if title else [{"title": case.label}]
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title or f"{case.label} · {names}",
        "crumbs": crumbs,
        "case": case,
        "names": names,
        "case_url": url(case),
        "zone": settings.TIME_ZONE.replace("_", " "),
    }


def show(
    model_admin: ModelAdmin,
    request: HttpRequest,
    case: Case,
    *,
    form: DecisionForm | None = None,
    terms_form: TermsForm | None = None,
    time_form: MoreTimeForm | None = None,
    citations: CitationForm | None = None,
    objection: ObjectionForm | None = None,
) -> HttpResponse:
    """The page; forms are what was sent and came back with errors, and keep what was typed."""
    now = timezone.now()
    found = evidence(case, request.user)
    sides = _on_page(found, request.user, case)
    if found.may_decide and form is None:
        form = DecisionForm(sides_of(case), initial=_decided_before(case))
    is_open = case.state in {CaseState.NEGOTIATION, CaseState.MEDIATION}
    precedents = shown_for(case, request.user, today=local_day(now)) if is_open else []
    notice = notice_in(case, request.user)
    context = {
        **base_context(model_admin, request, case),
        "evidence": found,
        "sides": sides,
        "turn": turn(case, found, now),
        "terms": terms(case),
        "mine": [side for side in sides if side.is_mine],
        "meetings": Paginator(found.meetings, ROWS).get_page(request.GET.get("page")),
        **_before_and_after(case, found, request.user),
        "effect": Effect.from_json(found.ruling.effect) if found.ruling else None,
        "talks": talks_of(case, found.proposals, request.user),
        **_agreeing(case, found, request.user, terms_form, time_form, now),
        "longest": LONGEST_TEXT,
        **conversation_block.block(request, case),
        "steps": list(reversed(found.timeline)),
        "form": form if found.may_decide else None,
        "precedents": precedents,
        "citations": citations or CitationForm(precedents),
        "cited": said_in(case.ruling, request.user) if found.ruling else [],
        "notice": notice,
        "notice_effect": Effect.from_json(notice.notice.effect) if notice else None,
        "objection": objection or ObjectionForm(),
        "now": now,
    }
    return TemplateResponse(request, "approvals/case.html", context)


def _decided_before(case: Case) -> dict[str, Any]:
    """What was decided about plans that have changed since: where a mediator begins to look again."""
    if case.reopened_because != ReopenedBecause.OVERTAKEN:
        return {}
    ruling = case.reopened_from.ruling
    return {**filled_in(parse(ruling.operations), sides_of(case)), "reason": ruling.reason}


def _before_and_after(case: Case, found: Evidence, user: User) -> dict[str, Any]:
    """The case that this one takes up, with what was decided in it and who appealed why, and the one that takes up this."""
    before = case.reopened_from
    was_decided = case.reopened_because in (ReopenedBecause.APPEAL, ReopenedBecause.OVERTAKEN)
    cases = Case.objects.visible(user)
    return {
        "earlier": ruling_of(before, user) if was_decided else None,
        "appeal": next((step for step in found.timeline if step.verb == "reopen" and step.reason), None),
        "earlier_is_open_to_me": before is not None and cases.filter(pk=before.pk).exists(),
        "later": cases.filter(reopened_from=case).first(),
    }


def _agreeing(
    case: Case,
    found: Evidence,
    user: User,
    terms_form: TermsForm | None,
    time_form: MoreTimeForm | None,
    now: datetime,
) -> dict[str, Any]:
    """The block of terms: where they stand and, for the sides, one form, which begins with what is on the table."""
    talks = negotiation_of(case, found.terms, user, now=now)
    if found.may_negotiate and terms_form is None:
        sides = sides_of(case)
        known = found.terms[0].orders if found.terms else ()
        terms_form = TermsForm(sides, initial=filled_in(known, sides))
    if talks.time.most and time_form is None:
        time_form = MoreTimeForm(talks.time.most)
    return {
        "negotiation": talks,
        "terms_form": terms_form if found.may_negotiate else None,
        "time_form": time_form,
        "until": deadline_with(case, talks.time.waiting.hours) if talks.time.waiting else None,
    }


def turn(case: Case, found: Evidence, now: datetime) -> str:
    """What this is, whose turn it is and until when, in one sentence."""
    first, second = (side.department for side in found.sides)
    if case.state == CaseState.NEGOTIATION:
        return _(
            "%(first)s and %(second)s have until %(moment)s to agree (%(distance)s); then a mediator decides."
        ) % {
            "first": first,
            "second": second,
            "moment": wording.moment(case.agree_by),
            "distance": distance(case.agree_by, now),
        }
    if case.state == CaseState.MEDIATION:
        return _mediation(case, found, now)
    if case.state == CaseState.DETECTED:
        return _(
            "Found on %(moment)s and not open yet: nobody has been told. It opens by itself unless the collision is gone."
        ) % {"moment": wording.moment(case.detected_at)}
    if case.state == CaseState.DECIDED:
        return _("%(mediator)s has decided. It takes effect on %(moment)s, unless one of the two appeals before.") % {
            "mediator": found.mediator,
            "moment": wording.moment(case.takes_effect_at),
        }
    closed = {"moment": wording.moment(case.closed_at), "mediator": found.mediator, "because": found.because}
    if case.outcome == CaseOutcome.RULED and case.mediator is None:
        return _("A standing rule decided on %(moment)s. Nobody has to do anything.") % closed
    if case.outcome == CaseOutcome.RULED:
        return _("%(mediator)s decided on %(moment)s. Nobody has to do anything.") % closed
    if case.outcome == CaseOutcome.AGREED:
        return _("The departments agreed on %(moment)s. Nobody has to do anything.") % closed
    if case.outcome == CaseOutcome.WAIVED:
        return (
            _("Both departments know of the overlap and allowed it on %(moment)s. Nobody has to do anything.") % closed
        )
    if case.outcome in (CaseOutcome.APPEALED, CaseOutcome.OVERTAKEN):
        return _("Closed on %(moment)s; another case goes on.") % closed
    return _("Closed on %(moment)s without a decision. %(because)s") % closed


def terms(case: Case) -> str:
    """By what the deadline was counted, as long as it matters."""
    if case.state == CaseState.MEDIATION and case.mediator:
        hours, since = case.hours_to_decide, case.assigned_at
    elif case.state == CaseState.NEGOTIATION:
        hours, since = case.hours_to_agree + case.hours_extended, case.opened_at
    else:
        return ""
    counted = ngettext("%(n)s working hour since %(moment)s", "%(n)s working hours since %(moment)s", hours) % {
        "n": number_format(hours),
        "moment": wording.moment(since),
    }
    if case.settle_before is None or (case.state == CaseState.MEDIATION and case.decide_by > case.settle_before):
        return _("Terms of this case: %(hours)s.") % {"hours": counted}
    return _(
        "Terms of this case: %(hours)s; at the latest %(moment)s, %(n)s hours before the first collision begins."
    ) % {
        "hours": counted,
        "moment": wording.moment(case.settle_before),
        "n": number_format(case.hours_before_start),
    }


def _mediation(case: Case, found: Evidence, now: datetime) -> str:
    if case.mediator is None:
        waits = {"moment": wording.moment(case.escalated_at)}
        return _("In mediation since %(moment)s, and nobody is free to decide. Administrators were told.") % waits
    until = {
        "first": found.sides[0].department,
        "second": found.sides[1].department,
        "mediator": found.mediator,
        "moment": wording.moment(case.decide_by),
        "distance": distance(case.decide_by, now),
    }
    is_late = case.decide_by <= now
    if found.may_decide and is_late:
        return _("Your turn: your decision was due by %(moment)s (%(distance)s). You can still decide.") % until
    if found.may_decide:
        return (
            _("Your turn: %(first)s and %(second)s did not agree, you decide until %(moment)s (%(distance)s).") % until
        )
    if is_late:
        return _("%(mediator)s decides; the decision was due by %(moment)s (%(distance)s).") % until
    return _("%(mediator)s decides until %(moment)s (%(distance)s).") % until


def _on_page(found: Evidence, user: User, case: Case) -> list[SideOnPage]:
    campaigns = {campaign.pk: campaign for campaign in (case.campaign_a, case.campaign_b)}
    may_open = set(Campaign.objects.visible(user).filter(pk__in=campaigns).values_list("pk", flat=True))
    mine = speaks_for(user, case)
    return [
        SideOnPage(side, reach, is_mine=side.pk in mine, is_open=side.pk in may_open)
        for side, reach in zip(found.sides, reach_of(found.sides), strict=True)
    ]
