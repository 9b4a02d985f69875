"""How far the approval of a plan is, who said what, and what changed: as lines ready for pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import Vote
from approvals.queries.reviews import Reviewed, is_standing
from approvals.rules import routing
from approvals.wording import section_name
from campaigns import chronicle, wording
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Department, Version
from campaigns.queries.raci import is_consulted
from campaigns.queries.versions import Sections, as_it_was
from campaigns.rules.differences import differences
from campaigns.rules.lifecycle import REVIEWED
from campaigns.rules.sections import BRIEF


def url(campaign: Campaign, page: str = "campaign") -> str:
    return reverse(f"admin:approvals_review_{page}", args=[campaign.pk])


def campaign_url(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


@dataclass(frozen=True)
class RequirementLine:
    """Who must agree to what, and how far that is: `state` is "done", "waits" or "nobody"."""

    who: str
    why: str
    sections: str
    state: str


def requirement_lines(one: Reviewed) -> list[RequirementLine]:
    names = _people(one)
    lacking = {missing.requirement.key: missing.sections for missing in one.standing.missing}
    lines = []
    for requirement in one.standing.requirements:
        missing = lacking.get(requirement.key, ())
        sections = missing or requirement.sections
        lines.append(
            RequirementLine(
                who=", ".join(names.get(pk, "") for pk in sorted(requirement.people)) or _("nobody"),
                why=_why(one, requirement),
                sections=_sections(one, sections),
                state="done" if one.by_import or not missing else "waits" if requirement.people else "nobody",
            )
        )
    lines += _reader_lines(one, names)
    return lines


def _reader_lines(one: Reviewed, names: dict[int, str]) -> Iterator[RequirementLine]:
    """Beside those who are concerned: somebody who did not write it, together for the sections that the same people read."""
    groups: dict[tuple[frozenset[int], int], list[str]] = {}
    for section in one.plan.sections:
        key = (frozenset(one.readers_of(section)), one.standing.unread.get(section, 0))
        groups.setdefault(key, []).append(section)
    for (people, lacks), sections in groups.items():
        needed = one.standing.needed
        yield RequirementLine(
            who=", ".join(filter(None, (names.get(pk, "") for pk in sorted(people)))) or _("nobody"),
            why=ngettext("one of these, who did not write it", "%(n)s of these, who did not write it", needed)
            % {"n": needed},
            sections=_sections(one, sections),
            state="done" if one.by_import or not lacks else "waits" if len(people) >= needed else "nobody",
        )


def _why(one: Reviewed, requirement: routing.Requirement) -> str:
    match requirement.kind:
        case "accountable":
            return _("A · approves, answers for it")
        case "department":
            name = one.departments.get(requirement.subject, requirement.subject)
            return _("a lead of %(department)s, which has a part in it") % {"department": name}
        case "activity":
            return _("answers for an activity")
    rule = next((rule for rule in one.rules if rule.key == requirement.subject), None)
    return rule_in_words(rule.measure, rule.above) if rule else _("rule of the house")


def rule_in_words(measure: str, above: Decimal) -> str:
    match measure:
        case routing.AUDIENCE:
            return _("rule of the house: more than %(number)s customers") % {"number": number_format(int(above))}
        case routing.BUDGET:
            return _("rule of the house: budget above %(money)s") % {"money": wording.money(above)}
        case routing.DISCOUNT:
            return _("rule of the house: discount above %(number)s %%") % {"number": number_format(above.normalize())}
    return _("rule of the house")


def missing_in_words(one: Reviewed) -> str:
    """Who is waited for, in one line."""
    names = _people(one)
    waits = {pk for missing in one.standing.missing for pk in missing.requirement.people}
    if one.standing.objections:
        objecting = {
            vote.voter_id for vote in one.votes if vote.decision == routing.CHANGES and is_standing(one, vote)
        }
        return _("Changes asked for by %(people)s") % {"people": _listed(names, objecting)}
    if not waits and one.standing.unread:
        waits = {pk for section in one.standing.unread for pk in one.readers_of(section)}
        return _("One of %(people)s") % {"people": _listed(names, waits)}
    return _listed(names, waits) or _("nothing")


def _listed(names: dict[int, str], people: set[int]) -> str:
    return ", ".join(names[pk] for pk in sorted(people) if pk in names)


def _people(one: Reviewed) -> dict[int, str]:
    return {pk: wording.person(person) for pk, person in one.people.items()}


def _sections(one: Reviewed, sections: Sequence[str]) -> str:
    if len(sections) == len(one.plan.sections) > 1:
        return _("everything")
    return ", ".join(section_name(section, one.departments) for section in sections)


@dataclass(frozen=True)
class SectionLine:
    """A section as it is signed: `facts` are (field, value) of the brief, `offers` (code, name, facts)."""

    section: str
    name: str
    facts: list[tuple[str, str]]
    offers: list[tuple[str, str, list[tuple[str, str]]]]
    is_asked: bool


def section_lines(one: Reviewed, asked: Sequence[str]) -> list[SectionLine]:
    lines = []
    for section in one.plan.sections:
        content = one.content.readable(section)
        offers = []
        if section != BRIEF:
            offers = [(code, said.get("name", code), _facts(said)) for code, said in content.items()]
        facts = _facts(content) if section == BRIEF else []
        name = section_name(section, one.departments)
        lines.append(SectionLine(section, name, facts, offers, section in asked))
    return lines


def _facts(said: dict[str, Any]) -> list[tuple[str, str]]:
    skipped = ("code", "name", "department__code")
    return [
        (chronicle.label(name), chronicle.signed(name, value)) for name, value in said.items() if name not in skipped
    ]


@dataclass(frozen=True)
class VoteLine:
    """`stands`: it counts now; otherwise it was taken back, or the section says something else by now."""

    vote: Vote
    section: str
    stands: bool


def vote_lines(one: Reviewed) -> list[VoteLine]:
    """The newest first."""
    return [
        VoteLine(vote, section_name(vote.section, one.departments), is_standing(one, vote))
        for vote in reversed(one.votes)
    ]


def choices(one: Reviewed, people: list[int], asked: Sequence[str]) -> dict[str, tuple[str, str, bool]]:
    """What this person may speak about, for VoteForm."""
    consulted = is_consulted(people[0], one.campaign)
    return {
        section: (section_name(section, one.departments), hashed, section in asked)
        for section, hashed in one.plan.sections.items()
        if consulted or one.parts_of(people, section)
    }


def may_revoke(one: Reviewed, user: AbstractBaseUser) -> bool:
    early = one.campaign.status in REVIEWED - {CampaignStatus.LIVE, CampaignStatus.PAUSED}
    return early and any(
        vote.voter_id == user.pk and vote.revoked_at is None and vote.decision != routing.COMMENT for vote in one.votes
    )


@dataclass(frozen=True)
class DifferenceLine:
    section: str
    offer: str
    field: str
    before: str
    after: str


def difference_lines(before: Sections, after: Sections, departments: dict[str, str]) -> list[DifferenceLine]:
    lines = []
    for one in differences(before, after):
        came, went = _("the whole offer"), "—"
        if one.field:
            was, now = chronicle.signed(one.field, one.before), chronicle.signed(one.field, one.after)
        else:
            was, now = (went, came) if one.before is None else (came, went)
        field = chronicle.label(one.field) if one.field else _("offer")
        lines.append(DifferenceLine(section_name(one.section, departments), one.offer, field, was, now))
    return lines


def version_differences(before: Version, after: Version) -> list[DifferenceLine]:
    return difference_lines(as_it_was(before), as_it_was(after), dict(Department.objects.values_list("code", "name")))
