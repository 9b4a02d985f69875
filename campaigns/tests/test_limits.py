"""Numbers, days and texts beyond their limits: refused by full_clean() of the actions, and by the database itself."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.utils import DataError

from campaigns.actions import offers, planning
from campaigns.models import Campaign, Department, Offer, Product
from campaigns.tests import factories as make
from customers.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

RANGE = "“{}” is out of range: from {} to {}"


@pytest.fixture
def campaign():
    return make.make_campaign(make.make_department("CRM"), "CRM-1")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("budget", Decimal(-1), RANGE.format("-1", "0", "9999999999.99")),
        ("name", "a\u202eb", "character 2: an invisible character (U+202E RIGHT-TO-LEFT OVERRIDE), which is not allowed here: delete it"),
        ("name", "\u3164", "nothing of this text can be seen: empty it, or type it again"),
        ("kpi", "a\nb", "character 2: a line break (U+000A), which is not allowed here: delete it"),
        ("goal", "a\x00", "character 2: a control character (U+0000), which is not allowed here: delete it"),
        ("goal", "x" * 10_001, f"“{'x' * 57}...” has more than 10000 characters"),
        ("starts_on", date(1999, 12, 31), "“1999-12-31” is no year to plan in: from 2000 to 2200"),
        ("ends_before", date(2201, 1, 2), "“2201-01-01” is no year to plan in: from 2000 to 2200"),
        ("ends_before", make.DAY + timedelta(days=10 + 733), "from 2026-11-12 to 2028-11-13 is longer than 732 days: check the years"),
    ],
)  # fmt: skip
def test_a_plan_beyond_its_limits_is_refused_by_the_action(campaign, field, value, message):
    before, told = Campaign.objects.values().get(), HistoryEntry.objects.count()
    with pytest.raises(ValidationError) as error:
        planning.change_campaign(
            campaign=campaign, by=make.lead_of(campaign.department), now=make.NOW, **{field: value}
        )
    assert message in error.value.message_dict[field]
    assert (Campaign.objects.values().get(), HistoryEntry.objects.count()) == (before, told)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"mechanic": "amount_off", "amount_off": Decimal(0)}, RANGE.format("0", "0.01", "9999999999.99")),
        ({"mechanic": "percent", "percent_off": Decimal("100.01")}, RANGE.format("100.01", "0.01", "100")),
        ({"mechanic": "bxgy", "buy_quantity": 2**31, "get_quantity": 1}, RANGE.format(2**31, 1, 2**31 - 1)),
        ({"priority": 2**15}, RANGE.format(2**15, -32767, 32767)),
        ({"margin_floor_pct": Decimal(100)}, RANGE.format("100", "0", "99.99")),
    ],
)
def test_an_offer_beyond_its_limits_is_refused_by_the_action(campaign, fields, message):
    lead = make.lead_of(campaign.department)
    fields = {"name": "Ten off"} | fields
    with pytest.raises(ValidationError) as error:
        offers.plan_offer(campaign=campaign, by=lead, now=make.NOW, code="O", fields=fields)
    assert message in error.value.messages
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Campaign, {"budget": Decimal(-1)}),
        (Campaign, {"starts_on": date(1999, 12, 31)}),
        (Campaign, {"ends_before": date(2201, 1, 2)}),
        (Offer, {"priority": -(2**15)}),
        (Offer, {"starts_on": date(1999, 12, 31)}),
        (Product, {"price": Decimal(-1)}),
        (Product, {"stock": 2**31}),
        (Product, {"stock": -1}),
        (Department, {"code": "mkt"}),
        (Department, {"name": "MARKETING"}),
    ],
)
def test_the_database_refuses_them_too(campaign, model, values):
    make.make_offer(campaign, products=make.make_products(1))
    other = Department.objects.create(code="MKT", name="Marketing")
    rows = model.objects.exclude(pk=other.pk) if model is Department else model.objects.all()
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        rows.update(**values)
