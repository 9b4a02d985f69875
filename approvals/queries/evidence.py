"""What the page of a case shows: both sides, what they share, how it went on and how it ended.

Parties see each other's terms, the shared products and the exact shared counts; budget, margin and customer codes are
not in here at all.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Prefetch

from approvals.choices import RulingSource
from approvals.models import Case, Ruling
from approvals.permissions import (
    can_appeal,
    can_decide,
    can_escalate,
    can_negotiate,
    can_open,
    can_propose,
    can_step_aside,
    sides_to_challenge,
)
from approvals.queries.effects import as_seen
from approvals.queries.exhibits import (
    Evidence,
    MeetingFacts,
    OfferLine,
    OverlapFact,
    RulingFacts,
    Side,
    Step,
    ThirdOffer,
    Totals,
)
from approvals.queries.meetings import encounters, sides_of
from approvals.queries.party import name_of
from approvals.queries.shared import distinct_customers, distinct_products, those_that_count
from approvals.queries.signers import joined, signers_of
from approvals.queries.terms import terms_of
from approvals.rules import closing, mandates, operations, timeline
from campaigns import chronicle
from campaigns.choices import CollisionState
from campaigns.models import Campaign, Collision, CollisionMember, Offer
from campaigns.queries.collisions import product_count
from campaigns.queries.explanation import NOBODY, Reader, explain, offers_in, reader_of
from campaigns.rules.collisions import overlap
from campaigns.rules.severity import Severity, severity
from customers.models import Channel, Customer, HistoryEntry


def evidence(case: Case, viewer: AbstractBaseUser | AnonymousUser | None = None) -> Evidence:
    """Everything the page shows, in a number of queries that does not grow with the case."""
    collisions = _collisions(case)
    campaigns = sides_of(case)
    lines = _lines(collisions, {campaign.pk for campaign in campaigns})
    first, second = (_side(campaign, collisions, lines) for campaign in campaigns)
    reader = reader_of(viewer) if viewer else NOBODY
    overlaps = tuple(_fact(collision, lines, (first.pk, second.pk), reader) for collision in collisions)
    history = list(
        HistoryEntry.objects.filter(scope=f"case:{case.label}").exclude(verb__in=timeline.SAID).order_by("id")
    )
    names = _names({entry.actor for entry in history} | _people_of(case))
    proposals = tuple(case.proposals.select_related("offer__campaign__department", "proposed_by", "answered_by"))
    terms = tuple(case.terms.select_related("campaign__department", "proposed_by", "answered_by"))
    said = {f"proposal {one.pk}": one.sentence for one in proposals} | {
        f"terms {one.pk}": one.sentence for one in terms
    }
    return Evidence(
        case=case,
        sides=(first, second),
        overlaps=overlaps,
        meetings=_meetings(overlaps),
        totals=_totals(case, collisions),
        mediator=name_of(case.mediator),
        mediator_why=_why(case, names),
        passed_over=tuple(
            (names.get(passed["user"], passed["user"]), timeline.why_passed_over(passed["why"]))
            for passed in case.mediator_trail
        ),
        because=closing.words(case.closed_because),
        ruling=ruling_of(case, viewer),
        proposals=proposals,
        terms=terms,
        timeline=tuple(_step(entry, names, said) for entry in history),
        may_decide=viewer is not None and can_decide(viewer, case),
        may_open=viewer is not None and can_open(viewer, case),
        may_escalate=viewer is not None and can_escalate(viewer, case),
        may_appeal=viewer is not None and can_appeal(viewer, case),
        may_step_aside=viewer is not None and can_step_aside(viewer, case),
        may_challenge=viewer is not None and bool(sides_to_challenge(viewer, case)),
        may_negotiate=viewer is not None and can_negotiate(viewer, case),
        may_propose=viewer is not None and can_propose(viewer, case),
    )


def _people_of(case: Case) -> set[str]:
    """User names of whom choosing the mediator names."""
    return {passed["user"] for passed in case.mediator_trail} | {(case.mediator_why or {}).get("instead_of", "")}


def _why(case: Case, names: dict[str, str]) -> str:
    before = (case.mediator_why or {}).get("instead_of", "")
    return mandates.why(case.mediator_why, names.get(before, before))


def _collisions(case: Case) -> list[Collision]:
    """With all their offers, each read once however many collisions it stands in."""
    rows = list(
        Collision.objects.filter(pk__in=case.collision_rows.values("collision"))
        .prefetch_related(Prefetch("members", CollisionMember.objects.order_by("offer__code")))
        .order_by("-score", "id")
    )
    ids = {pk for row in rows for pk in (row.offer_a_id, row.offer_b_id)}
    ids |= {member.offer_id for row in rows for member in row.members.all()}
    offers = Offer.objects.select_related("audience", "gift_product", "campaign", "department")
    offers = offers.defer("audience__members").prefetch_related(Prefetch("channels", Channel.objects.order_by("name")))
    found = offers.in_bulk(ids)
    for row in rows:
        row.offer_a, row.offer_b = found[row.offer_a_id], found[row.offer_b_id]
        for member in row.members.all():
            member.offer = found[member.offer_id]
    # What still has to be decided stands first, the most severe on top.
    return sorted(rows, key=lambda collision: collision.state != CollisionState.OPEN)


def _lines(collisions: Sequence[Collision], campaigns: Collection[int]) -> dict[int, OfferLine]:
    """Offers of these campaigns, by id."""
    offers = {
        offer.pk: offer for collision in collisions for offer in offers_in(collision) if offer.campaign_id in campaigns
    }
    products = product_count(offers)
    everybody = Customer.objects.count()
    return {
        offer.pk: OfferLine(
            pk=offer.pk,
            code=offer.code,
            name=offer.name,
            starts_on=offer.starts_on,
            ends_before=offer.ends_before,
            terms=terms_of(offer),
            audience=offer.audience.name if offer.audience else "",
            customers=offer.audience.size if offer.audience else everybody,
            products=products[offer.pk],
            channels=tuple(channel.name for channel in offer.channels.all()),
            held=offer.held,
            live=offer.live_since is not None,
            withdrawn=offer.withdrawn_at is not None,
        )
        for offer in offers.values()
    }


def _side(campaign: Campaign, collisions: Iterable[Collision], lines: dict[int, OfferLine]) -> Side:
    offers = {
        offer.pk for collision in collisions for offer in offers_in(collision) if offer.campaign_id == campaign.pk
    }
    return Side(
        pk=campaign.pk,
        code=campaign.code,
        name=campaign.name,
        department=campaign.department.name,
        status=campaign.status,
        status_label=campaign.get_status_display(),
        starts_on=campaign.starts_on,
        ends_before=campaign.ends_before,
        accountable=name_of(campaign.accountable),
        contact=name_of(campaign.contact_person),
        offers=tuple(sorted((lines[pk] for pk in offers), key=lambda line: (line.starts_on, line.code))),
    )


def _fact(collision: Collision, lines: dict[int, OfferLine], sides: tuple[int, int], reader: Reader) -> OverlapFact:
    offers = offers_in(collision)
    lefts, rights = (tuple(lines[offer.pk] for offer in offers if offer.campaign_id == side) for side in sides)
    why = explain(collision, reader)
    return OverlapFact(
        pk=collision.pk,
        lefts=lefts,
        rights=rights,
        others=tuple(
            ThirdOffer(offer.name, offer.department.name) for offer in offers if offer.campaign_id not in sides
        ),
        starts_on=collision.starts_on,
        ends_before=collision.ends_before,
        days=collision.days,
        customers=collision.shared_customers,
        products=collision.shared_products,
        score=collision.score,
        level=collision.level,
        state=collision.state,
        why=why,
        severity=_added_up(collision, lefts[0], rights[0]) if collision.rule == overlap.CODE else why.severity,
    )


def _meetings(overlaps: Iterable[OverlapFact]) -> tuple[MeetingFacts, ...]:
    """In the order in which the most severe collision of each stands."""
    found: dict[tuple[tuple[OfferLine, ...], tuple[OfferLine, ...]], list[OverlapFact]] = {}
    for fact in overlaps:
        found.setdefault((fact.lefts, fact.rights), []).append(fact)
    return tuple(MeetingFacts(*offers, found=tuple(facts)) for offers, facts in found.items())


def _added_up(collision: Collision, left: OfferLine, right: OfferLine) -> Severity | None:
    """The base fact's terms as they are now."""
    if not (left.products and right.products and left.customers and right.customers):
        return None
    return severity(
        collision.shared_products,
        left.products,
        right.products,
        collision.shared_customers,
        left.customers,
        right.customers,
        collision.days,
        (left.ends_before - left.starts_on).days,
        (right.ends_before - right.starts_on).days,
    )


def _totals(case: Case, collisions: Sequence[Collision]) -> Totals:
    counted = those_that_count(collisions)
    met = encounters(case, counted)
    days = {collision.starts_on + timedelta(days=day) for collision in counted for day in range(collision.days)}
    return Totals(
        collisions=len(counted),
        customers=distinct_customers(met),
        products=distinct_products(met),
        days=len(days),
        starts_on=min((collision.starts_on for collision in counted), default=None),
        ends_before=max((collision.ends_before for collision in counted), default=None),
    )


def ruling_of(case: Case, viewer: AbstractBaseUser | AnonymousUser | None) -> RulingFacts | None:
    """What was decided, as this reader may read it. Who decided as a mediator saw all of the effect."""
    ruling = Ruling.objects.filter(case=case).select_related("decided_by", "terms").first()
    if ruling is None:
        return None
    is_agreed = ruling.source == RulingSource.AGREED
    sees_all = not is_agreed and viewer is not None and viewer.pk == ruling.decided_by_id
    return RulingFacts(
        source=ruling.source,
        by=joined(signers_of(ruling.terms)) if is_agreed else name_of(ruling.decided_by),
        at=ruling.decided_at,
        reason=ruling.reason,
        orders=tuple(operations.describe(order) for order in operations.parse(ruling.operations)),
        effect=ruling.effect if sees_all else as_seen(ruling.effect, case, viewer),
    )


def _step(entry: HistoryEntry, names: dict[str, str], said: dict[str, str]) -> Step:
    """`said` are the sentences of proposals and terms, by what the history calls them."""
    return Step(
        at=entry.at,
        who=names.get(entry.actor, entry.actor),
        verb=entry.verb,
        words=timeline.words(entry.verb),
        what=_recounted(entry) or next((said[name] for name in entry.changes if name in said), ""),
        reason=entry.reason,
        changes=entry.changes,
    )


def _recounted(entry: HistoryEntry) -> str:
    """From when to when the calendar, or both sides, moved the deadline, and what changed in the calendar."""
    if entry.verb not in ("recount", "grant_time"):
        return ""
    pairs = (
        (name, chronicle.text(name, before), chronicle.text(name, value))
        for name, (before, value) in entry.changes.items()
        if not name.startswith("extension ")
    )
    return "; ".join(f"{chronicle.label(name)}: {before} → {value}" for name, before, value in pairs)


def _names(usernames: set[str]) -> dict[str, str]:
    return {user.username: name_of(user) for user in User.objects.filter(username__in=usernames - {""})}
