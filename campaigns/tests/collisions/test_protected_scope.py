from datetime import date, timedelta
from decimal import Decimal

import pytest

from campaigns.rules.collisions import protected_scope as rule
from campaigns.rules.collisions.facts import Protected
from campaigns.tests.collisions.plans import (
    DAY,
    check_symmetric,
    check_told,
    found,
    gaps,
    offer,
    on_channel,
    only,
    plan,
    product,
)


def protected(number=7, /, *, days=30, **facts):
    facts = {"kind": "brand_exclusive", "name": "Acme", "department": 2, "department_name": "Department 2"} | facts
    facts["products"] = frozenset(facts.get("products", {1}))
    starts_on = facts.pop("starts_on", DAY)
    return Protected(number, starts_on=starts_on, ends_before=starts_on + timedelta(days=days), **facts)


def lowest_price(amount, **facts):
    return protected(**{"kind": "minimum_price", "min_price": Decimal(amount)} | facts)


def intruder(**facts):
    return offer(1, **{"products": range(1, 11), "percent_off": 20} | facts)


def owner(number=2, /, **facts):
    return offer(number, **{"department": 2, "products": {1, 50}, "customers": {500}} | facts)


def at_100(*offers, guard=None, **facts):
    products = [product(number, price=100) for number in range(1, 11)]
    return plan(*offers, products=products, protected=[guard or protected()], **facts)


def test_a_tenth_of_the_products_of_a_hard_protection_scores_92():
    finding = only(rule, at_100(intruder(), owner()))

    # 60 + 30 · 1 + 20 · 0.1
    assert (finding.severity.score, finding.severity.level) == (92, "critical")
    assert (finding.offers, finding.key) == ((1, 2), "1:7")
    assert (finding.products, finding.customers) == (1, 0)
    assert (finding.starts_on, finding.ends_before) == (date(2026, 5, 1), date(2026, 5, 11))
    assert finding.levers[0] == "exclude_products"


def test_a_wish_counts_half():
    assert only(rule, at_100(intruder(), owner(), guard=protected(is_hard=False))).severity.score == 77


def test_each_offer_of_the_department_is_a_party():
    both = at_100(intruder(), owner(2), owner(3), owner(4, products={60}), pairs=[])

    assert [one.offers for one in found(rule, both)] == [(1, 2), (1, 3)]


@pytest.mark.parametrize(
    "apart",
    [{"products": {2, 3}}, {"starts_on": DAY + timedelta(days=30)}, {"department": 2}, {"joint_group": "spring"}],
    ids=["products", "days", "department", "joint_group"],
)
def test_whoever_keeps_out_is_silent(apart):
    theirs = owner(joint_group="spring")
    assert len(found(rule, at_100(intruder(), theirs))) == 1

    assert found(rule, at_100(intruder(**apart), theirs)) == []


def test_neither_channels_nor_customers_make_an_intrusion_right():
    assert len(found(rule, at_100(intruder(channels=[1], customers={1}), owner(channels=[2])))) == 1


def test_an_offer_of_the_owner_after_the_protection_is_no_party():
    late = owner(starts_on=DAY + timedelta(days=30))

    assert found(rule, at_100(intruder(), late)) == []
    assert [touch.count for touch in rule.alone(at_100(intruder(), late), intruder())] == [1]


def test_messages_and_offers_without_terms_intrude_too():
    for terms in ({"mechanic": "message"}, {}):
        assert len(found(rule, at_100(offer(1, **terms), owner()))) == 1


def test_a_lowest_price_is_broken_by_less():
    below = only(rule, at_100(intruder(products={1, 2}), owner(), guard=lowest_price("80.01", products={1, 2})))
    assert (below.numbers["price"], below.products, below.levers[0]) == ("80.00", 2, "cap_discount")

    assert found(rule, at_100(intruder(), owner(), guard=lowest_price(80))) == []
    assert found(rule, at_100(intruder(mechanic="message", percent_off=None), owner(), guard=lowest_price(90))) == []


def test_a_lowest_price_counts_the_products_below_it():
    cheap = plan(
        intruder(products={1, 2}),
        owner(),
        products=[product(1, price=100), product(2, price=50, name="Kettle")],
        protected=[lowest_price(45, products={1, 2})],
    )

    finding = only(rule, cheap)

    assert (finding.products, finding.numbers["examples"]) == (1, ["Kettle"])
    assert finding.severity.exposure == 0.5


def test_a_lowest_price_holds_on_every_channel_and_for_its_own_department():
    special = intruder(percent_off=5, channel_terms=[on_channel(3, percent_off=50)])
    assert only(rule, at_100(special, owner(), guard=lowest_price(80))).numbers["price"] == "50.00"

    own = owner(3, percent_off=50, products={1})
    finding = only(rule, at_100(own, owner(stackable=True), guard=lowest_price(80)))
    assert (finding.offers, finding.key) == ((2, 3), "3:7")


def test_what_is_not_known_cannot_be_ruled_out():
    unknown_price = plan(intruder(), owner(), protected=[lowest_price(80)])
    assert gaps(rule, unknown_price) == [(1, "price")]
    assert gaps(rule, at_100(offer(1), owner(percent_off=1), guard=lowest_price(80))) == [(1, "terms")]
    assert gaps(rule, at_100(intruder(percent_off=None), owner(percent_off=1), guard=lowest_price(80))) == [
        (1, "terms")
    ]
    assert gaps(rule, at_100(intruder(knows_products=False, products=()), owner())) == [(1, "products")]


def test_what_is_not_known_does_not_matter_where_something_else_is_apart():
    unknown = {"knows_products": False, "products": ()}
    assert gaps(rule, at_100(intruder(**unknown, starts_on=DAY + timedelta(days=30)), owner())) == []
    assert gaps(rule, at_100(intruder(**unknown), offer(2, department=3))) == []
    assert gaps(rule, plan(intruder(products={2}), owner(percent_off=1), protected=[lowest_price(80)])) == []


@pytest.mark.parametrize("department", [None, 9])
def test_without_an_offer_of_the_owner_it_concerns_the_one_offer(department):
    guard = protected(department=department)
    lonely = at_100(intruder(), owner(), guard=guard)

    assert found(rule, lonely) == []
    assert list(rule.alone(lonely, lonely.offers[1])) == [rule.Touch(intruder(), guard, 1, ["Product 1"])]


def test_where_the_owner_is_a_party_or_joined_in_it_does_not_concern_the_one_offer():
    for group in ("", "spring"):
        together = at_100(intruder(joint_group=group), owner(joint_group=group))
        assert list(rule.alone(together, together.offers[1])) == []
        assert list(rule.alone(together, together.offers[2])) == []


def test_sides_and_kinds_of_sets_do_not_matter():
    both = at_100(intruder(), owner(), owner(3), guard=lowest_price(90))
    check_symmetric(rule, both)
    check_symmetric(rule, at_100(intruder(), owner(), owner(3)))


def test_it_is_told_in_words():
    finding = only(rule, at_100(intruder(), owner(), guard=protected(reason="contract 12", is_hard=False)))
    assert check_told(rule, finding) == (
        "Offer 1 (Department 1) includes 1 product (Product 1) of “Acme”, which only Department 2 may promote until"
        " 30 May 2026. Offer 2 (Department 2) is planned there. It is a wish, not a must. Reason: contract 12"
    )
    assert check_told(rule, only(rule, at_100(intruder(), owner(), guard=lowest_price(90)))) == (
        "Offer 1 (Department 1) sells 1 product (Product 1) of “Acme” from 80.00 on; until 30 May 2026 nothing there"
        " may cost less than 90.00. Offer 2 (Department 2) is planned there."
    )


def test_a_touch_is_told_in_words_too():
    lonely = at_100(intruder(), guard=protected(department=None, department_name=""))
    (touch,) = rule.alone(lonely, lonely.offers[1])

    assert rule.tell(rule.numbers_of(touch)) == (
        "Offer 1 (Department 1) includes 1 product (Product 1) of “Acme”, which nobody may promote until 30 May 2026."
    )
