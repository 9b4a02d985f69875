"""Small builders for tests, through the real actions where there is one."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from pyroaring import BitMap

from campaigns.actions import access, lifecycle, offers, planning, signatures
from campaigns.choices import CampaignStatus, Mode
from campaigns.models import Campaign, Category, Department, Offer, Product
from campaigns.queries.content import content_hashes
from campaigns.rules.self_checks import MEANT
from customers.actions.segments import replace_members
from customers.models import Channel, Customer, Segment
from customers.permissions import ANALYSTS

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 2)

_numbers = count(1)


def make_user(username: str = "", **fields: Any) -> User:
    username = username or f"user{next(_numbers)}"
    fields = {"is_staff": True, "email": f"{username}@example.com", "first_name": username.title()} | fields
    return User.objects.create_user(username=username, password="secret", **fields)


def make_analyst(username: str = "analyst") -> User:
    analyst = make_user(username)
    analyst.groups.add(Group.objects.get(name=ANALYSTS))
    return analyst


def make_department(code: str = "", lead: User | None = None, members: list[User] | None = None) -> Department:
    """A department with a lead (made up unless given) and the given members."""
    code = code or f"D{next(_numbers)}"
    department = Department.objects.create(code=code, name=code.title())
    lead = lead or make_user(f"lead_{code.lower()}")
    access.join(department=department, user=lead, is_lead=True, by=None, now=NOW)
    for member in members or []:
        access.join(department=department, user=member, is_lead=False, by=None, now=NOW)
    return department


def lead_of(department: Department) -> User:
    lead = planning.lead_of(department)
    assert lead is not None
    return lead


def make_campaign(
    department: Department | None = None,
    code: str = "",
    starts_on: date = DAY + timedelta(days=10),
    days: int = 10,
    **brief: Any,
) -> Campaign:
    """A draft by the department's lead, complete enough to be submitted once it has an offer."""
    department = department or make_department()
    code = code or f"C{next(_numbers)}"
    return planning.plan_campaign(
        by=lead_of(department),
        now=NOW,
        code=code,
        name=brief.pop("name", f"Campaign {code}"),
        department=department,
        starts_on=starts_on,
        ends_before=starts_on + timedelta(days=days),
        **{"goal": "Sell more", "kpi": "conversion rate", "kpi_target": 4, "journey_stage": "decision"} | brief,
    )


def make_category(code: str = "") -> Category:
    return Category.objects.create(code=code or f"cat{next(_numbers)}")


def make_product(code: str = "", category: Category | None = None, **fields: Any) -> Product:
    code = code or f"P{next(_numbers)}"
    category = category or make_category()
    product = Product.objects.create(code=code, name=fields.pop("name", code), category=category, **fields)
    Category.objects.filter(pk=category.pk).update(size=category.products.count())
    return product


def make_products(number: int, category: Category | None = None) -> list[Product]:
    category = category or make_category()
    return [make_product(category=category) for _ in range(number)]


def make_customers(number: int) -> list[Customer]:
    start = Customer.objects.count()
    return Customer.objects.bulk_create(
        [Customer(number=start + i, code=f"customer-{start + i}") for i in range(number)]
    )


def make_segment(code: str = "", numbers: Iterable[int] = ()) -> Segment:
    """A segment of customer numbers; the customers need not exist."""
    code = code or f"S{next(_numbers)}"
    segment = Segment.objects.create(code=code, name=code, members=BitMap().serialize())
    replace_members(segment=segment, numbers=BitMap(numbers), by=None, now=NOW)
    segment.refresh_from_db()
    return segment


def make_channel(code: str = "") -> Channel:
    code = code or f"ch{next(_numbers)}"
    return Channel.objects.create(code=code, name=code.title())


def make_offer(
    campaign: Campaign,
    code: str = "",
    *,
    segments: list[Segment] | None = None,
    without: list[Segment] | None = None,
    products: list[Product] | None = None,
    categories: list[Category] | None = None,
    channels: list[Channel] | None = None,
    promises: offers.Promises | None = None,
    **fields: Any,
) -> Offer:
    """An offer by the lead, 10 % off unless said otherwise; the lead works in another `department` it is to have, too."""
    code = code or f"{campaign.code}-O{next(_numbers)}"
    if (department := fields.get("department")) not in (None, campaign.department):
        access.join(department=department, user=lead_of(campaign.department), is_lead=False, by=None, now=NOW)
    return offers.plan_offer(
        campaign=campaign,
        by=lead_of(campaign.department),
        now=NOW,
        code=code,
        fields={"name": f"Offer {code}", "mechanic": "percent", "percent_off": 10} | fields,
        reach=offers.Reach(
            include=segments,
            exclude=without,
            channels=channels,
            categories={("target", Mode.INCLUDE): categories} if categories else None,
            add_products=products or [],
        ),
        promises=promises,
        # Offers of tests may sell at a loss to nobody.
        confirmed=MEANT,
    )


def make_planned_offer(
    department: Department, code: str, *, starts_on: date, submitted: bool = True, **fields: Any
) -> Offer:
    """An offer with a campaign to itself, which is submitted unless said otherwise."""
    campaign = make_campaign(department, f"{code}-1", starts_on)
    offer = make_offer(campaign, f"{code}-1-O", **fields)
    if submitted:
        submit(campaign)
    return Offer.objects.select_related("campaign", "department").get(pk=offer.pk)


def submit(campaign: Campaign) -> Campaign:
    by = campaign.accountable or lead_of(campaign.department)
    return lifecycle.submit(campaign=campaign, by=by, now=NOW)


def agreed(campaign: Campaign) -> bool:
    """The word of an upper app that everybody has approved it."""
    return True


def approve(campaign: Campaign) -> Campaign:
    """Submit when still a draft, then approve as an import does: as if everybody who is asked had agreed."""
    campaign.refresh_from_db()
    if campaign.status == CampaignStatus.DRAFT:
        submit(campaign)
    signatures.sign_by_import(content_hashes([campaign.pk]))
    return lifecycle.approve(campaign=campaign, by=campaign.accountable, now=NOW, agreed=agreed)


def make_colliding_pair(shared_customers: int = 50, shared_products: int = 3) -> tuple[Offer, Offer]:
    """Two submitted offers of two departments on the same products for the same customers on the same days."""
    segment = make_segment(numbers=range(shared_customers))
    products = make_products(shared_products)
    pair = []
    for _ in range(2):
        campaign = make_campaign()
        pair.append(make_offer(campaign, segments=[segment], products=products))
        submit(campaign)
    return pair[0], pair[1]
