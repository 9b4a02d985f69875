from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from campaigns.rules.collisions.facts import Claim, PriceFact, Protected
from campaigns.rules.collisions.findings import defaults
from campaigns.rules.self_checks import CONFIRM, ERROR, OPTIONS, WARN, check
from campaigns.tests.collisions.plans import DAY, MECHANICS, offer, on_channel, plan, product, with_bitmaps

TODAY = DAY - timedelta(days=30)


def checks(
    one, *, products=None, others=(), today=TODAY, approved=None, texts=None, bitmaps=False, facts=None, **options
):
    """{code: the check} of an offer on products that cost 10 and the company 6."""
    priced = [product(number, price=10, cost=6) for number in range(1, 11)] if products is None else products
    the_plan = plan(one, *others, products=priced, today=today, **facts or {})
    if bitmaps:
        the_plan = with_bitmaps(the_plan)
    given = {name: Decimal(value) for name, value in options.items()}
    assert given.keys() <= {option.name for option in OPTIONS}
    found = check(the_plan, the_plan.offers[1], defaults(OPTIONS) | given, approved_products=approved, texts=texts)
    assert len({one.code for one in found}) == len(found)
    return {one.code: one for one in found}


def said(one, **given):
    """(severity, fields, text) by code."""
    return {code: (it.severity, it.fields, it.text) for code, it in checks(one, **given).items()}


def fine(**facts):
    return offer(1, **facts if facts.keys() & {"mechanic", *MECHANICS} else {"percent_off": 20} | facts)


def test_a_sound_offer_has_nothing_to_say():
    assert checks(fine()) == {}
    assert checks(fine(), bitmaps=True) == {}


@pytest.mark.parametrize(
    ("facts", "today", "how", "text"),
    [
        ({"days": 0}, TODAY, ERROR, "The last day, 30 Apr 2026, is before the first, 1 May 2026."),
        ({"days": -3}, TODAY, ERROR, "The last day, 27 Apr 2026, is before the first, 1 May 2026."),
        ({}, date(2026, 5, 11), WARN, "It is over: its last day was 10 May 2026."),
    ],
)
def test_days_that_cannot_be(facts, today, how, text):
    severity, fields, told = said(fine(**facts), today=today)["wrong_days"]

    assert (severity, fields[-1], told) == (how, "last_day", text)


def test_an_offer_on_its_last_day_is_not_over():
    assert checks(fine(), today=date(2026, 5, 10)) == {}


@pytest.mark.parametrize(("left", "fires"), [(3, False), (2, True), (0, True), (-1, False)])
def test_notice_of_three_days(left, fires):
    assert ("short_notice" in checks(fine(), today=DAY - timedelta(days=left))) == fires


def test_notice_is_told_and_can_be_set():
    day_before = DAY - timedelta(days=1)
    assert said(fine(), today=day_before) == {
        "short_notice": (
            WARN,
            ("starts_on",),
            "It starts on 1 May 2026. Shops and channels need 3 days; only 1 left.",
        )
    }
    assert checks(fine(), today=day_before, notice_days=1) == {}


def test_nothing_on_offer():
    products = ("categories", "add_products", "drop_products")
    assert said(fine(products=())) == {
        "empty_scope": (
            CONFIRM,
            products,
            "No product is on offer: what it takes out is all that it takes in, or its categories are empty.",
        )
    }
    assert said(fine(products=(), knows_products=False)) == {
        "empty_scope": (WARN, products, "Nobody said yet which products are on offer: no collision can be ruled out.")
    }
    assert checks(fine(products=(), mechanic="free_shipping")) == {}
    assert checks(fine(products=(), amount_off=5, applies_to="order")) == {}


def test_nobody_reached():
    audience = ("include", "exclude")
    assert said(fine(customers=())) == {
        "empty_audience": (
            CONFIRM,
            audience,
            "Nobody gets it: there is no customer in its segments who is not excluded.",
        )
    }
    assert said(fine(customers=(), knows_audience=False)) == {
        "empty_audience": (WARN, audience, "Nobody said yet who gets it: no collision can be ruled out.")
    }


def test_terms_that_are_not_complete():
    severity, fields, _text = said(offer(1))["incomplete_terms"]
    assert (severity, fields) == (WARN, ("mechanic",))
    assert said(offer(1, mechanic="bxgy", buy_quantity=2)) == {
        "incomplete_terms": (ERROR, ("get_quantity",), "Its kind of offer needs 1 more number.")
    }
    assert said(fine(channel_terms=[on_channel(3, mechanic="percent")]), facts={"channel_names": {3: "app"}}) == {
        "incomplete_terms": (ERROR, ("channel_terms",), "Its terms on the channel app are not complete.")
    }


def test_a_price_that_is_no_lower():
    columns = ("fixed_price",)
    assert said(fine(fixed_price=10, products={1, 2})) == {
        "no_reduction": (
            ERROR,
            columns,
            "No cheaper than without it: 2 products (Product 1, Product 2). Product 1 costs 10.00 today.",
        )
    }
    mixed = [product(1, price=10), product(2, price=8, name="Kettle")]
    severity, _fields, text = said(fine(fixed_price=9, products={1, 2}), products=mixed)["no_reduction"]
    assert (severity, text) == (WARN, "No cheaper than without it: 1 product (Kettle). Kettle costs 8.00 today.")
    assert checks(fine(points_multiplier="1.5")) == {}


def test_a_price_below_the_floor():
    # 6 / (1 - 15 %) = 7.06
    assert checks(fine(percent_off=29), margin_floor=15) == {}
    assert said(fine(percent_off=30), margin_floor=15) == {
        "below_floor": (
            WARN,
            ("percent_off", "margin_floor_pct"),
            "Below the margin floor: 1 product (Product 1). Product 1 leaves 7.00; the floor is 7.06.",
        )
    }
    assert checks(fine(percent_off=30, margin_floor_pct=15), margin_floor=0).keys() == {"below_floor"}


def test_a_price_below_cost_has_to_be_meant():
    severity, _fields, text = said(fine(percent_off=45))["below_floor"]

    assert (severity, text) == (
        CONFIRM,
        "Sold at a loss: 1 product (Product 1). Product 1 leaves 5.50 and costs the company 6.00.",
    )


def test_what_products_cost_is_left_out_for_others():
    for percent_off, text in ((45, "Sold at a loss: 1 product (Product 1)."), (40, "Below the margin floor: ")):
        check = checks(fine(percent_off=percent_off), margin_floor=15)["below_floor"]
        assert check.told_to(is_owner=True) is check
        assert check.told_to(is_owner=False).text.startswith(text)
        assert "6.00" not in check.told_to(is_owner=False).text


def test_points_and_channels_count_for_the_floor():
    dear = [product(1, price=10, cost="9.5")]
    assert checks(fine(points_multiplier=3), products=dear, margin_floor=0) == {}
    assert checks(fine(points_multiplier=3), products=dear, margin_floor=0, point_cost=5).keys() == {"below_floor"}
    special = fine(percent_off=1, channel_terms=[on_channel(3, percent_off=10)])
    assert checks(special, products=dear, margin_floor=0).keys() == {"below_floor"}


def test_without_a_cost_no_floor_is_broken():
    assert checks(fine(percent_off=45), products=[product(1, price=10)]) == {}


@pytest.mark.parametrize(("percent_off", "severity"), [(50, None), ("50.01", WARN), (99, WARN), (100, CONFIRM)])
def test_deep_discounts(percent_off, severity):
    found = checks(fine(percent_off=percent_off), products=[])

    assert [one.severity for one in found.values()] == ([severity] if severity else [])


def test_deep_discounts_by_price():
    free = [product(1, price=10), product(2, price=5)]
    severity, fields, text = said(fine(amount_off=6, products={1}), products=free)["deep_discount"]
    assert (severity, fields) == (WARN, ("amount_off",))
    assert text == "It takes off up to 60 %, more than the usual 50 %."
    severity, _fields, text = said(fine(amount_off=6, products={1, 2}), products=free)["deep_discount"]
    assert (severity, text) == (CONFIRM, "It gives products away: the discount is 100 %.")
    assert checks(fine(buy_quantity=1, get_quantity=1), products=free) == {}
    assert checks(fine(buy_quantity=1, get_quantity=2), products=free).keys() == {"deep_discount"}
    assert checks(fine(percent_off=40), products=free, deep=30).keys() == {"deep_discount"}


def _reference(one, **given):
    found = said(one, **given)
    assert found.keys() <= {"reference_price"}
    return found.get("reference_price", (None, None, None))[::2]


def test_a_reference_price_that_is_no_more_than_the_price():
    assert _reference(fine(reference_price=8, reference_price_policy="msrp")) == (
        ERROR,
        "It compares with 8.00, which is no more than it asks itself: 1 product (Product 1). Product 1 costs 8.00 with it.",
    )
    assert _reference(fine(reference_price="8.01", reference_price_policy="msrp")) == (None, None)


@pytest.mark.parametrize(("policy", "severity"), [("", WARN), ("list", ERROR), ("current", ERROR), ("msrp", None)])
def test_a_reference_price_above_the_list_price(policy, severity):
    one = fine(reference_price=12, reference_price_policy=policy)
    text = "It compares with 12.00, more than today: 1 product (Product 1). Product 1 costs 10.00 without it."

    assert _reference(one) == (severity, text if severity else None)


def test_a_reference_price_of_who_compares_with_nothing():
    severity, text = _reference(fine(reference_price=10, reference_price_policy="none"))
    assert (severity, text) == (WARN, "It compares with 10.00, although it is to compare with nothing.")
    assert _reference(fine(reference_price_policy="none")) == (None, None)


def _history(price, *, ends_before=DAY, **facts):
    return {"prices": [PriceFact(1, Decimal(price), ends_before - timedelta(days=5), ends_before, **facts)]}


@pytest.mark.parametrize(
    ("policy", "severity"), [("", WARN), ("list", WARN), ("none", None), ("msrp", None), ("lowest_30d", None)]
)
def test_a_price_shortly_before(policy, severity):
    one = fine(reference_price_policy=policy)

    assert _reference(one, facts=_history(9))[0] == severity
    assert _reference(one, facts=_history(10)) == (None, None)


def test_a_price_shortly_before_is_told():
    text = "It compares with 10.00, but Product 1 cost 9.00 until 30 Apr 2026, within the 30 days before."
    assert _reference(fine(), facts=_history(9)) == (WARN, text)
    stated = fine(reference_price=10, reference_price_policy="lowest_30d")
    assert _reference(stated, facts=_history(9)) == (ERROR, text)


def test_only_prices_of_others_in_the_window_count():
    assert _reference(fine(), facts=_history(9, offer_code="O01")) == (None, None)
    assert _reference(fine(), facts=_history(9, offer_code="O02"))[0] == WARN
    assert _reference(fine(), facts=_history(9, ends_before=DAY - timedelta(days=30))) == (None, None)
    assert _reference(fine(), facts=_history(9, ends_before=DAY - timedelta(days=29)))[0] == WARN
    assert _reference(fine(products={2}), facts=_history(9)) == (None, None)
    assert _reference(fine(buy_quantity=4, get_quantity=1), facts=_history(9)) == (None, None)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "Save 20% - now $8 instead of $10, $2 off, 100 % cotton"),
        ({"percent_off": "12.5"}, "Ahorra un 12,5 %"),
        ({"amount_off": 5, "min_spend": 50, "applies_to": "order"}, "5 € menos desde 50 €"),
        ({"fixed_price": "7.50"}, "Solo 7,50 €, un 25 % menos"),
        ({"fixed_price": "1234.5", "products": {2}}, "Por 1.234,50 €"),
        ({"buy_quantity": 2, "get_quantity": 1}, "3 for 2: save 33%"),
        ({"reference_price": 10}, "was $10.00"),
        ({"channel_terms": [on_channel(3, percent_off=25)]}, "20% off, 25 % in the app"),
        ({"claims": [Claim("free_shipping_always", "Free from 30 €", amount=Decimal(30))]}, "Free from 30 €"),
        ({"gift_product": 3}, "A gift worth $10"),
        ({"mechanic": ""}, "20 % off"),
    ],
)
def test_texts_that_say_what_the_offer_gives(facts, text):
    products = [product(1, price=10), product(2, price=2000), product(3, price=10)]

    assert "text_differs" not in checks(fine(**facts), products=products, texts={"headline": text})


def test_texts_that_say_something_else():
    text = "Save 30%, $9 only, $9 only"
    assert said(fine(), texts={"headline": text, "body": "20 %"}) == {
        "text_differs": (
            WARN,
            ("headline",),
            "“Save 30%, $9 only, $9 only” says “30%” and “$9”, which is not what the offer gives.",
        )
    }
    claim = Claim("everyday_price", "Always 15 % less")
    assert said(fine(claims=[claim]))["text_differs"][1] == ("claims",)
    assert checks(fine(mechanic="message"), texts={"headline": "20 % off"}).keys() == {"text_differs"}


@pytest.mark.parametrize(("approved", "fires"), [(None, False), (10, False), (9, False), (8, True), (0, True)])
def test_growth_since_approval(approved, fires):
    assert checks(fine(products=range(1, 11)), approved=approved).keys() == ({"scope_grew"} if fires else set())


def test_growth_is_told_and_can_be_allowed():
    ten = fine(products=range(1, 11))
    severity, fields, text = said(ten, approved=8)["scope_grew"]
    assert (severity, fields[0]) == (CONFIRM, "categories")
    assert text == "It was approved with 8 products on offer and has 10 products by now, 25 % more."
    assert (
        said(ten, approved=0)["scope_grew"][2]
        == "It was approved without products on offer and has 10 products by now."
    )
    assert checks(ten, approved=8, growth=25) == {}


@pytest.mark.parametrize(
    ("is_hard", "department", "severity"),
    [(True, None, ERROR), (True, 9, CONFIRM), (False, None, WARN), (False, 9, WARN)],
)
def test_protected_products(is_hard, department, severity):
    days = (DAY, DAY + timedelta(days=5))
    guard = Protected(7, "embargo", "Acme", frozenset({1}), *days, department=department, is_hard=is_hard)

    ((found_severity, _fields, text),) = said(fine(), facts={"protected": [guard]}).values()

    assert found_severity == severity
    assert text.startswith("Offer 1 (Department 1) includes 1 product (Product 1) of “Acme”, which ")


def test_what_stops_an_offer_comes_first():
    one = fine(percent_off=60, products=range(1, 11), customers=(), reference_price=3, reference_price_policy="msrp")
    found = checks(one, approved=5, today=DAY).values()

    assert [it.severity for it in found] == [ERROR, CONFIRM, CONFIRM, CONFIRM, WARN, WARN]


def test_everything_is_said_in_spanish_too():
    one = fine(percent_off=60, reference_price=3, products=range(1, 11), customers=())
    with translation.override("es"):
        texts = [it.text for it in checks(one, approved=5, today=DAY, texts={"body": "30%"}).values()]

    assert len(texts) == 7
    assert not any("%(" in text for text in texts)
