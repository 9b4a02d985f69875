from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from campaigns.rules.collisions import price_inconsistent as rule
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

WEB, SHOP, APP = 1, 2, 3
NAMES = {WEB: "web", SHOP: "shop", APP: "app"}
TWENTY = product(1, price=20)


def web(number=1, /, **facts):
    return offer(number, **{"channels": [WEB], "fixed_price": 11} | facts)


def shop(number=2, /, **facts):
    return offer(number, **{"channels": [SHOP], "fixed_price": 10} | facts)


def judge(*offers, products=(TWENTY,), names=NAMES, **options):
    """(low, its channel, high, its channel, score) of the one finding, None without any."""
    findings = found(rule, plan(*offers, products=products, channel_names=names), **options)
    if not findings:
        return None
    (one,) = findings
    numbers = one.numbers
    return numbers["low"], numbers["low_channel"], numbers["high"], numbers["high_channel"], one.severity.score


def test_a_difference_of_10_per_cent_scores_67():
    # 35 + 30 · (0.10 - 0.02) / 0.20 + 20
    assert judge(web(), shop()) == ("10.00", "shop", "11.00", "web", 67)


@pytest.mark.parametrize(
    ("price", "score"), [("10.20", None), ("10.21", 55), ("12.20", 85), (19, 85)], ids=["limit", "more", "most", "max"]
)
def test_what_is_beyond_the_tolerance_counts(price, score):
    answer = judge(web(fixed_price=price), shop())

    assert (answer and answer[-1]) == score


def test_the_tolerance_may_be_set():
    assert judge(web(), shop(), tolerance=10) is None
    assert judge(web(), shop(), tolerance=0)[-1] == 70


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        # Both on all channels: the better one counts everywhere.
        ({"channels": []}, {"channels": []}, None),
        ({}, {"channels": [WEB]}, None),
        # The cheaper one is to be had on web, too.
        ({}, {"channels": []}, None),
        ({}, {"channels": [WEB, SHOP]}, None),
        # The dearer one is all there is in the shop.
        ({"channels": []}, {}, ("10.00", "shop", "11.00", "", 67)),
        ({"channels": [WEB, SHOP]}, {}, ("10.00", "shop", "11.00", "web", 67)),
        ({"fixed_price": 10}, {}, None),
        ({"fixed_price": None, "percent_off": 45}, {}, ("10.00", "shop", "11.00", "web", 67)),
        ({"fixed_price": None, "amount_off": 10}, {}, None),
        ({"fixed_price": None, "points_multiplier": 3}, {}, None),
        ({"fixed_price": None, "mechanic": "message"}, {}, None),
        ({"applies_to": "order"}, {}, None),
    ],
)
def test_the_better_offer_of_each_channel_is_compared(a, b, expected):
    assert judge(web(**a), shop(**b)) == expected


def test_channels_that_are_all_named_leave_no_others():
    a, b = web(channels=[]), shop(channels=[WEB, SHOP])

    assert judge(a, b, names={WEB: "web", SHOP: "shop"}) is None
    assert judge(a, b) == ("10.00", "web", "11.00", "", 67)


def test_terms_of_a_channel_count_unless_they_are_said_to_hold_there_alone():
    a = {"channels": [], "channel_terms": [on_channel(APP, fixed_price=8)]}
    b = {"channels": [], "fixed_price": 12}

    assert judge(web(**a), shop(**b)) is None
    assert judge(web(**a, fixed_price=13), shop(**b)) == ("8.00", "app", "12.00", "", 85)
    said = {"channels": [], "channel_terms": [on_channel(APP, fixed_price=8, is_exclusive=True)]}
    assert judge(web(**said, fixed_price=13), shop(**b)) is None
    dearer = {"channel_terms": [on_channel(WEB, fixed_price=11, is_exclusive=True)]}
    assert judge(web(**dearer), shop())[-1] == 67


def test_the_widest_difference_is_quoted():
    a = web(products=range(4), fixed_price=None, amount_off=8)
    b = shop(products=range(4), percent_off=50, fixed_price=None)
    prices = {0: 16, 1: 20, 2: 40, 3: 40}
    finding = only(rule, plan(a, b, products=[product(number, price=price) for number, price in prices.items()]))

    # 8 and 8; 12 and 10; 32 and 20 twice
    assert (finding.numbers["product"], finding.numbers["low"], finding.numbers["high"]) == (
        "Product 2",
        "20.00",
        "32.00",
    )
    assert (finding.products, finding.numbers["difference"]) == (4, "60.0")


@pytest.mark.parametrize("seed", range(8))
def test_few_products_need_a_close_look(seed):
    random = Random(seed)
    priced = [product(number, price=Decimal(random.randrange(100, 5000)) / 100) for number in range(30)]
    special = [on_channel(APP, percent_off=random.choice([10, 30, 60]), is_exclusive=random.choice([True, False]))]
    a = web(products=range(30), fixed_price=None, amount_off=random.choice([1, 5]), channel_terms=special, channels=[])
    b = shop(products=range(30), fixed_price=random.choice([3, 9]))
    each = [
        judge(a, b, products=[one]) for one in priced if found(rule, plan(a, b, products=[one], channel_names=NAMES))
    ]
    answer = judge(a, b, products=priced)

    assert (answer is None) == (not each)
    assert answer is None or answer[-1] == max(score for *_, score in each)


def test_what_is_free_somewhere_differs_in_full():
    assert judge(web(), shop(fixed_price=0)) == ("0.00", "shop", "11.00", "web", 85)


def test_the_exposure_is_the_mean_of_all_three():
    a = web(products=range(8), customers=range(200))
    b = shop(starts_on=DAY + timedelta(days=5), days=20, products=[0, 1, *range(50, 60)], customers=range(150, 650))

    # 35 + 12 + 20 · ∛(0.5 · 0.25 · 0.25)
    assert judge(a, b, products=[product(0, price=20), TWENTY])[-1] == 53


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"products": {2}},
        {"customers": {200}},
        {"channels": [WEB]},
        {"joint_group": "spring"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_one_dimension_apart_is_enough_to_be_silent(apart):
    a = web(joint_group="spring")
    assert judge(a, shop())

    assert judge(a, shop(**apart), products=[TWENTY, product(2, price=20)]) is None
    assert gaps(rule, plan(a, shop(**apart))) == []


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"knows_products": False, "products": ()}, "products"),
        ({"knows_audience": False, "customers": ()}, "audience"),
        ({"mechanic": "", "fixed_price": None}, "terms"),
        ({"mechanic": "bundle", "fixed_price": 9, "products": {1, 2}}, "price"),
    ],
)
def test_what_is_not_known_of_an_offer_is_a_gap(unknown, missing):
    assert gaps(rule, plan(web(), shop(**unknown), products=[TWENTY])) == [(2, missing)]
    assert judge(web(), shop(**unknown)) is None
    assert gaps(rule, plan(web(), shop(**unknown, starts_on=DAY + timedelta(days=10)))) == []
    assert gaps(rule, plan(web(), shop(**unknown | {"channels": [WEB]}))) == []


def test_a_product_without_a_price_is_a_gap_of_both():
    a, b = web(products={1, 2}), shop(products={1, 2})

    assert gaps(rule, plan(a, b, products=[TWENTY])) == [(1, "price"), (2, "price")]
    assert judge(a, b) is not None


def test_it_is_symmetric():
    check_symmetric(
        rule,
        plan(
            *(web(products={1, 2}), shop(products={1, 2}), shop(3, channels=[APP]), web(4, channels=[])),
            products=[TWENTY, product(2, price=10)],
        ),
    )


def test_it_is_told():
    both = plan(web(), shop(), products=[TWENTY], channel_names=NAMES)

    assert check_told(rule, only(rule, both)) == (
        "Product 1 is 10.00 on shop with Offer 2 (Department 2) and 11.00 on web with Offer 1 (Department 1),"
        " from 1 May 2026 to 10 May 2026, for 100 customers. The difference is 10 %; up to 2 % does not count."
    )
    everywhere = plan(web(channels=[]), shop(), products=[TWENTY])
    assert "is 10.00 on 2 with Offer 2 (Department 2) and 11.00 on every other channel with" in check_told(
        rule, only(rule, everywhere)
    )
