"""What the page of a case shows: both sides, what they share, how it went on and how it ended.

Parties see each other's terms, the shared products and the exact shared counts; budget, margin and customer codes are
not in here at all.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Prefetch

from approvals.models import Case, Ruling
from approvals.permissions import can_decide, can_escalate
from approvals.queries.exhibits import Evidence, OfferLine, OverlapFact, RulingFacts, Side, Step, Totals
from approvals.queries.news import name_of
from approvals.queries.shared import distinct_customers, distinct_products, those_that_count
from approvals.queries.terms import terms_of
from approvals.rules import closing, operations, timeline
from campaigns.choices import CollisionState
from campaigns.models import Campaign, Collision, Offer
from campaigns.queries.collisions import product_count
from campaigns.rules.severity import Severity, severity
from customers.models import Channel, Customer, HistoryEntry


def evidence(case: Case, viewer: AbstractBaseUser | AnonymousUser | None = None) -> Evidence:
    """Everything the page shows, in a number of queries that does not grow with the case."""
    collisions = _collisions(case)
    lines = _lines(collisions)
    campaigns = sorted((case.campaign_a, case.campaign_b), key=lambda one: (one.department.name, one.code))
    first, second = (_side(campaign, collisions, lines) for campaign in campaigns)
    history = list(HistoryEntry.objects.filter(scope=f"case:{case.label}").order_by("id"))
    names = _names({entry.actor for entry in history} | {passed["user"] for passed in case.mediator_trail})
    return Evidence(
        case=case,
        sides=(first, second),
        overlaps=tuple(_fact(collision, lines, first.pk) for collision in collisions),
        totals=_totals(collisions),
        mediator=name_of(case.mediator),
        passed_over=tuple(
            (names.get(passed["user"], passed["user"]), timeline.why_passed_over(passed["why"]))
            for passed in case.mediator_trail
        ),
        because=closing.words(case.closed_because),
        ruling=_ruling(case, viewer),
        timeline=tuple(_step(entry, names) for entry in history),
        may_decide=viewer is not None and can_decide(viewer, case),
        may_escalate=viewer is not None and can_escalate(viewer, case),
    )


def _collisions(case: Case) -> list[Collision]:
    offers = Offer.objects.select_related("audience", "gift_product", "campaign").defer("audience__members")
    offers = offers.prefetch_related(Prefetch("channels", Channel.objects.order_by("name")))
    rows = Collision.objects.filter(pk__in=case.collision_rows.values("collision"))
    rows = rows.prefetch_related(Prefetch("offer_a", offers), Prefetch("offer_b", offers))
    # What still has to be decided stands first, the most severe on top.
    return sorted(rows.order_by("-score", "id"), key=lambda collision: collision.state != CollisionState.OPEN)


def _lines(collisions: Sequence[Collision]) -> dict[int, OfferLine]:
    offers = {offer.pk: offer for collision in collisions for offer in (collision.offer_a, collision.offer_b)}
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
        offer.pk
        for collision in collisions
        for offer in (collision.offer_a, collision.offer_b)
        if offer.campaign_id == campaign.pk
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


def _fact(collision: Collision, lines: dict[int, OfferLine], first: int) -> OverlapFact:
    left, right = lines[collision.offer_a_id], lines[collision.offer_b_id]
    if collision.offer_a.campaign_id != first:
        left, right = right, left
    return OverlapFact(
        pk=collision.pk,
        left=left,
        right=right,
        starts_on=collision.starts_on,
        ends_before=collision.ends_before,
        days=collision.days,
        customers=collision.shared_customers,
        products=collision.shared_products,
        score=collision.score,
        level=collision.level,
        state=collision.state,
        severity=_explained(collision, left, right),
    )


def _explained(collision: Collision, left: OfferLine, right: OfferLine) -> Severity | None:
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


def _totals(collisions: Sequence[Collision]) -> Totals:
    counted = those_that_count(collisions)
    days = {collision.starts_on + timedelta(days=day) for collision in counted for day in range(collision.days)}
    return Totals(
        collisions=len(counted),
        customers=distinct_customers(counted),
        products=distinct_products(counted),
        days=len(days),
        starts_on=min((collision.starts_on for collision in counted), default=None),
        ends_before=max((collision.ends_before for collision in counted), default=None),
    )


def _ruling(case: Case, viewer: AbstractBaseUser | AnonymousUser | None) -> RulingFacts | None:
    ruling = Ruling.objects.filter(case=case).select_related("decided_by").first()
    if ruling is None:
        return None
    orders = operations.parse(ruling.operations)
    return RulingFacts(
        by=name_of(ruling.decided_by),
        at=ruling.decided_at,
        reason=ruling.reason,
        orders=tuple(operations.describe(order) for order in orders),
        effect={**ruling.effect, **{name: _own(name, ruling, case, viewer) for name in ("cleared", "new")}},
    )


def _own(
    name: str, ruling: Ruling, case: Case, viewer: AbstractBaseUser | AnonymousUser | None
) -> list[dict[str, Any]]:
    """Collisions that the ruling made or ended: those of the case for everybody; those with third campaigns for who
    decided, and for each party as campaigns.models.visible shows collisions: their own, and those of two plans they read.
    """
    found: list[dict[str, Any]] = ruling.effect[name]
    if viewer is not None and viewer.pk == ruling.decided_by_id:
        return found
    parties = {case.campaign_a.code, case.campaign_b.code}
    pairs = [{collision["campaign_a"], collision["campaign_b"]} for collision in found]
    if viewer is None or all(pair == parties for pair in pairs):
        return [collision for collision, pair in zip(found, pairs, strict=True) if pair == parties]
    campaigns = Campaign.objects.filter(code__in=set().union(*pairs))
    read = set(campaigns.visible(viewer).values_list("code", flat=True))
    planned = set(campaigns.planned(viewer).values_list("code", flat=True))
    offers = {collision[side] for collision in found for side in ("offer_a", "offer_b")}
    offered = set(
        Offer.objects.filter(code__in=offers, department__memberships__user=viewer.pk).values_list("code", flat=True)
    )
    return [
        collision
        for collision, pair in zip(found, pairs, strict=True)
        if pair == parties or pair <= read or pair & planned or {collision["offer_a"], collision["offer_b"]} & offered
    ]


def _step(entry: HistoryEntry, names: dict[str, str]) -> Step:
    return Step(
        at=entry.at,
        who=names.get(entry.actor, entry.actor),
        verb=entry.verb,
        words=timeline.words(entry.verb),
        reason=entry.reason,
        changes=entry.changes,
    )


def _names(usernames: set[str]) -> dict[str, str]:
    return {user.username: name_of(user) for user in User.objects.filter(username__in=usernames - {""})}
