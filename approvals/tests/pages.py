"""What the tests of the admin's case pages share."""

from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse

from approvals.models import Case
from approvals.tests.builders import (
    NOW,
    REASON,
    Dispute,
    make_campaign,
    make_department,
    make_offer,
    make_products,
    make_user,
    settle_down,
    submit,
)
from campaigns.models import Campaign


def url(case: Case, page: str = "change") -> str:
    return reverse(f"admin:approvals_case_{page}", args=[case.pk])


def typed(**fields: str) -> dict[str, str]:
    """A decision as the form sends it."""
    return {"what_0": "keep", "days_0": "", "what_1": "keep", "days_1": "", "reason": REASON} | fields


def administrator() -> User:
    return make_user("alicia", is_superuser=True)


def add_collisions(dispute: Dispute, number: int, *, after: int = 0, now: datetime = NOW) -> None:
    """More offers of the first side, each colliding with the offer of the second on a product of its own.

    `after` is how many of them there are already.
    """
    segment = dispute.second.audience_rows.get().segment
    products = [row.product for row in dispute.second.product_rows.select_related("product")]
    for place in range(after, after + number):
        make_offer(
            dispute.first.campaign, f"MKT-1-more{place}", segments=[segment], products=products + make_products(place)
        )
    settle_down(now)


def make_rival(dispute: Dispute, code: str) -> Campaign:
    """One more campaign of another department against the first side."""
    products = [row.product for row in dispute.first.product_rows.select_related("product")]
    campaign = make_campaign(make_department(code), f"{code}-1")
    make_offer(campaign, segments=[dispute.first.audience_rows.get().segment], products=products)
    return submit(campaign)
