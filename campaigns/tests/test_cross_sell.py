"""What sells what, and whom a test leaves out."""

import pytest
from django.core.exceptions import ValidationError

from campaigns.actions import offers, planning
from campaigns.actions.reach import Reach
from campaigns.tests import factories as make
from campaigns.tests.promising import state_of, told
from customers.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return make.make_campaign(make.make_department("CRM"), "CRM-1")


@pytest.fixture
def lead(campaign):
    return make.lead_of(campaign.department)


def test_triggers_and_recommendations_are_lists_of_products(campaign, lead):
    tea, milk, cup = (make.make_product(code) for code in ("TEA", "MILK", "CUP"))
    offer = make.make_offer(campaign, products=[tea])
    for _ in range(2):
        offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(triggers=[tea, milk], recommended=[cup]))
    rows = {(row.product.code, row.role) for row in offer.product_rows.select_related("product")}
    assert rows == {("TEA", "target"), ("TEA", "trigger"), ("MILK", "trigger"), ("CUP", "recommended")}
    offer.refresh_from_db()
    assert offer.version == 2
    assert told() == {"trigger products": ("—", "MILK, TEA"), "recommended products": ("—", "CUP")}
    offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(triggers=[milk]))
    assert told() == {"trigger products": ("TEA", "—")}
    many = make.make_products(12)
    offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(triggers=many))
    assert told() == {"trigger products": ("MILK", "12")}


def test_nothing_is_recommended_with_itself(campaign, lead):
    tea, milk = make.make_product("TEA"), make.make_product("MILK")
    offer = make.make_offer(campaign)
    offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(triggers=[tea]))
    before = state_of(offer)
    for reach in (Reach(recommended=[milk, tea]), Reach(triggers=[milk], recommended=[milk])):
        with pytest.raises(ValidationError) as error:
            offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=reach)
        assert error.value.message_dict.keys() == {"recommended"}
    assert error.value.message_dict == {"recommended": ["Both a trigger and recommended: MILK. Keep one."]}
    assert state_of(offer) == before
    # In one change they may swap.
    offers.change_offer(offer=offer, by=lead, now=make.NOW, reach=Reach(triggers=[milk], recommended=[tea]))
    assert sorted(offer.product_rows.values_list("product__code", "role")) == [
        ("MILK", "trigger"),
        ("TEA", "recommended"),
    ]


def test_another_control_group_is_news_of_the_offers(campaign, lead):
    shown, gone = make.make_offer(campaign), make.make_offer(campaign)
    offers.withdraw_offers(offers=[gone], by=lead, now=make.NOW, reason="x")
    group = make.make_segment("CONTROL", numbers=[1, 2])
    Event.objects.all().delete()
    for _ in range(2):
        planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, control_group=group)
    campaign.refresh_from_db()
    assert campaign.control_group == group
    assert told() == {"control group": ("—", "CONTROL")}
    assert list(Event.objects.values_list("topic", "payload")) == [("offer.changed", {"offers": [shown.pk]})]
