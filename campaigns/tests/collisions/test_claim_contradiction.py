from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from campaigns.rules.collisions import claim_contradiction as rule
from campaigns.rules.collisions.contradictions import KINDS
from campaigns.rules.collisions.facts import Claim
from campaigns.rules.severity import HEURISTIC, weigh
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

TEA, COFFEE, FREE = 1, 2, 9
WEB, APP, SHOP = 1, 2, 3
NAMES = {WEB: "web", APP: "app", SHOP: "shop"}
PRODUCTS = [
    product(TEA, name="Tea", price=10, brand="Acme", stock=500),
    product(COFFEE, name="Coffee", price=20, brand="Other"),
    product(FREE, name="Mug"),
]
MEMBERS = frozenset(range(60))
BLIND = {"customers": (), "knows_audience": False}


def claim(kind, **facts):
    decimals = {name: Decimal(value) for name, value in facts.items() if name == "amount"}
    return Claim(kind, "So it is.", **facts | decimals)


def saying(kind, terms=(), **facts):
    """Offer 1, at 20 % off, makes a claim."""
    given = dict(terms) or {"percent_off": 20}
    return offer(1, claims=[claim(kind, **facts)], **given)


def of(*offers, **facts):
    return plan(*offers, products=PRODUCTS, **{"channel_names": NAMES} | facts)


def days(number):
    return DAY + timedelta(days=number)


LOWEST = saying("lowest_price", product=TEA)
ON_THE_WEB = saying("exclusive_to", channel=WEB)
FOR_MEMBERS = saying("exclusive_to", segment=MEMBERS)
ENDS = saying("ends", until=days(9))
NEVER = saying("never_discounted", {"mechanic": "message"}, brand="ACME")
HERE = saying("only_here", {"percent_off": 20, "channels": {WEB}}, channel=WEB)
NEW = saying("new_customers_only", segment=MEMBERS)
SHIPPED = saying("free_shipping_always", {"mechanic": "free_shipping"})
LIMITED = saying("limited_quantity", product=TEA, quantity=100)


def shipping(**facts):
    return offer(2, mechanic="free_shipping", **facts)


# What makes each claim untrue.
UNTRUE = {
    "lowest_price": (LOWEST, offer(2, percent_off=30)),
    "exclusive_to": (ON_THE_WEB, offer(2, percent_off=20, channels={APP})),
    "ends": (ENDS, offer(2, percent_off=20, starts_on=days(15))),
    "never_discounted": (NEVER, offer(2, percent_off=5)),
    "only_here": (HERE, offer(2, percent_off=20, channels={SHOP})),
    "new_customers_only": (NEW, offer(2, percent_off=20)),
    "free_shipping_always": (SHIPPED, shipping(min_spend=30)),
    "limited_quantity": (LIMITED, offer(2, claims=[claim("limited_quantity", product=TEA, quantity=401)])),
}


def test_every_kind_has_a_test_here():
    assert UNTRUE.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", UNTRUE)
def test_each_kind(kind):
    one = next(one for one in found(rule, of(*UNTRUE[kind])) if one.key == f"1:{kind}")

    assert one.offers == (1, 2)
    assert one.numbers["claim"] == "So it is."
    check_symmetric(rule, of(*UNTRUE[kind]))


def test_a_claim_of_which_the_law_asks_that_it_is_true():
    legal = offer(1, percent_off=20, claims=[claim("lowest_price", product=TEA, is_legal=True)])

    # 45 + 30 · 1 + 20, and with a weight of 0.6
    assert only(rule, of(legal, offer(2, percent_off=30))).severity.score == 95
    assert only(rule, of(LOWEST, offer(2, percent_off=30))).severity.score == 83


def test_a_contradiction_in_words_alone_would_score_less():
    assert weigh(base=rule.BASE, impact=Fraction(1), parts=(), certainty=HEURISTIC).score == 59


def test_exposure_is_that_of_days_and_customers():
    half = offer(2, percent_off=30, starts_on=days(5), customers=range(75, 300))

    # 45 + 18 + 20 · √(1/2 · 1/4)
    assert only(rule, of(LOWEST, half)).severity.score == 70


@pytest.mark.parametrize(
    "kind", ["lowest_price", "exclusive_to", "ends", "never_discounted", "only_here", "free_shipping_always"]
)
def test_silent_for_other_customers(kind):
    mine, theirs = UNTRUE[kind]
    others = replace(theirs, customers=frozenset(range(100, 200)))
    blind = replace(theirs, customers=frozenset(), knows_audience=False)

    assert not found(rule, of(mine, others))
    assert not gaps(rule, of(mine, others))
    assert gaps(rule, of(mine, blind)) == [(2, "audience")]


@pytest.mark.parametrize("kind", [kind for kind in UNTRUE if kind != "ends"])
def test_silent_on_other_days(kind):
    mine, theirs = UNTRUE[kind]
    later = replace(theirs, starts_on=days(10), ends_before=days(20))

    assert not found(rule, of(mine, later))
    assert not gaps(rule, of(mine, later))


@pytest.mark.parametrize("kind", UNTRUE)
def test_silent_in_a_joint_group(kind):
    joint = [replace(one, joint_group="spring") for one in UNTRUE[kind]]

    assert not found(rule, of(*joint))


@pytest.mark.parametrize(
    "kind", ["lowest_price", "exclusive_to", "ends", "never_discounted", "only_here", "new_customers_only"]
)
def test_silent_for_other_products_and_a_gap_for_unknown_ones(kind):
    mine, theirs = UNTRUE[kind]
    other = replace(theirs, products=frozenset({COFFEE}))
    unknown = replace(theirs, products=frozenset(), knows_products=False)

    assert not found(rule, of(mine, other))
    assert not gaps(rule, of(mine, other))
    assert gaps(rule, of(mine, unknown)) == [(2, "products")]


# --- the lowest price ---


@pytest.mark.parametrize(
    "terms", [{"percent_off": 20}, {"percent_off": 10}, {"points_multiplier": 5}, {"amount_off": 1}]
)
def test_a_price_that_is_not_lower_leaves_the_lowest_price_true(terms):
    assert not found(rule, of(LOWEST, offer(2, **terms)))


def test_the_lowest_price_is_that_of_the_claim_if_it_says_one():
    assert only(rule, of(saying("lowest_price", product=TEA, amount=9), offer(2, percent_off=15))).numbers[
        "claimed"
    ] == "9.00"  # fmt: skip
    assert not found(rule, of(saying("lowest_price", product=TEA, amount=8), offer(2, percent_off=15)))


def test_the_lowest_price_of_a_product_that_is_not_on_offer_is_its_list_price():
    assert only(rule, of(saying("lowest_price", product=COFFEE), offer(2, percent_off=1, products={COFFEE}))).numbers[
        "claimed"
    ] == "20.00"  # fmt: skip


def test_the_lowest_price_holds_as_long_as_it_is_claimed():
    later = offer(2, percent_off=30, starts_on=days(10))

    assert not found(rule, of(LOWEST, later))
    longer = only(rule, of(saying("lowest_price", product=TEA, until=days(11)), later))
    assert (longer.starts_on, longer.ends_before) == (days(10), days(12))
    # 2 of 10 days: 45 + 18 + 20 · √0.2
    assert longer.severity.score == 72
    assert not found(rule, of(saying("lowest_price", product=TEA, until=days(9)), later))


def test_the_lowest_price_holds_on_the_channels_for_which_it_is_claimed():
    on_the_web = saying("lowest_price", product=TEA, channel=WEB)

    assert found(rule, of(LOWEST, offer(2, percent_off=30, channels={SHOP})))
    assert not found(rule, of(on_the_web, offer(2, percent_off=30, channels={SHOP})))
    cheap_in_the_shop = offer(2, percent_off=10, channel_terms=[on_channel(SHOP, percent_off=30)])
    assert found(rule, of(LOWEST, cheap_in_the_shop))
    assert not found(rule, of(on_the_web, cheap_in_the_shop))
    cheap_on_the_web = offer(2, percent_off=10, channel_terms=[on_channel(WEB, percent_off=30)])
    assert found(rule, of(on_the_web, cheap_on_the_web))


# --- exclusive to a channel or a segment ---


def test_a_channel_is_exclusive_until_as_much_is_given_elsewhere():
    assert not found(rule, of(ON_THE_WEB, offer(2, percent_off=20, channels={WEB})))
    assert not found(rule, of(ON_THE_WEB, offer(2, percent_off=19)))
    everywhere = only(rule, of(ON_THE_WEB, offer(2, percent_off=21)))
    assert everywhere.numbers["channels"] == ["app", "shop"]
    assert not found(rule, of(ON_THE_WEB, offer(2, percent_off=21), channel_names={WEB: "web"}))
    less_elsewhere = offer(2, percent_off=5, channel_terms=[on_channel(WEB, percent_off=50)])
    assert not found(rule, of(ON_THE_WEB, less_elsewhere))


def test_a_segment_is_exclusive_until_others_get_as_much():
    one = only(rule, of(FOR_MEMBERS, offer(2, percent_off=20, customers=range(30, 110))))

    # 50 of the 80 customers are outside: 45 + 18 + 20 · √(1 · 5/8)
    assert (one.customers, one.severity.score) == (50, 79)
    assert not found(rule, of(FOR_MEMBERS, offer(2, percent_off=20, customers=range(60))))
    assert not found(rule, of(FOR_MEMBERS, offer(2, percent_off=19)))


def test_others_need_not_be_customers_of_the_claimant():
    assert found(rule, of(FOR_MEMBERS, offer(2, percent_off=20, customers={500})))


def test_of_a_product_only_its_price_counts():
    mine = saying("exclusive_to", {"percent_off": 20, "products": {TEA, COFFEE}}, segment=MEMBERS, product=COFFEE)

    assert not found(rule, of(mine, offer(2, percent_off=20)))
    assert found(rule, of(mine, offer(2, percent_off=20, products={COFFEE})))


@pytest.mark.parametrize(
    ("mine", "theirs", "fires"),
    [
        ({"points_multiplier": 3}, {"points_multiplier": 3}, True),
        ({"points_multiplier": 3}, {"points_multiplier": 2}, False),
        ({"points_multiplier": 3}, {"percent_off": 50}, False),
        ({"percent_off": 20}, {"points_multiplier": 9}, False),
        ({"gift_product": FREE}, {"gift_product": FREE}, True),
        ({"gift_product": FREE}, {"gift_product": TEA}, False),
        ({"mechanic": "free_shipping", "min_spend": 30}, {"mechanic": "free_shipping", "min_spend": 20}, True),
        ({"mechanic": "free_shipping", "min_spend": 30}, {"mechanic": "free_shipping", "min_spend": 30}, True),
        ({"mechanic": "free_shipping", "min_spend": 30}, {"mechanic": "free_shipping", "min_spend": 40}, False),
        ({"mechanic": "message"}, {"mechanic": "message"}, False),
        ({"fixed_price": 8}, {"percent_off": 20}, True),
        ({"fixed_price": 12}, {"fixed_price": 11}, False),
    ],
)
def test_what_is_as_good(mine, theirs, fires):
    assert bool(found(rule, of(saying("exclusive_to", mine, segment=MEMBERS), offer(2, **theirs)))) is fires


def test_points_on_other_products_are_not_as_good():
    points = {"points_multiplier": 3}

    assert not found(rule, of(saying("exclusive_to", points, segment=MEMBERS), offer(2, products={COFFEE}, **points)))


def test_a_price_on_one_channel_is_what_others_get_too():
    mine = saying(
        "exclusive_to", {"mechanic": "message", "channel_terms": [on_channel(APP, percent_off=20)]}, segment=MEMBERS
    )

    assert found(rule, of(mine, offer(2, percent_off=20)))
    assert not found(rule, of(mine, offer(2, percent_off=19)))


def test_an_exclusive_claim_that_names_nothing_is_a_gap():
    assert gaps(rule, of(saying("exclusive_to"), offer(2, percent_off=20))) == [(1, "channel")]
    assert gaps(rule, of(saying("new_customers_only"), offer(2, percent_off=20))) == [(1, "segment")]
    assert gaps(rule, of(FOR_MEMBERS, offer(2, percent_off=20, **BLIND))) == [(2, "audience")]
    later = offer(2, percent_off=20, starts_on=days(10))
    assert not gaps(rule, of(saying("exclusive_to"), later))
    assert not gaps(rule, of(saying("new_customers_only"), later))


# --- the end of something ---


@pytest.mark.parametrize(
    ("first", "length", "fires"),
    [(9, 1, False), (10, 1, True), (23, 1, True), (24, 1, False), (0, 10, False), (0, 11, True)],
)
def test_what_ends_stays_away_for_some_days(first, length, fires):
    assert bool(found(rule, of(ENDS, offer(2, percent_off=20, starts_on=days(first), days=length)))) is fires


def test_what_comes_again_counts_in_full_whatever_days_are_common():
    one = only(rule, of(ENDS, offer(2, percent_off=25, starts_on=days(15), days=30)))

    assert one.severity.score == 45 + 18 + 20
    assert (one.starts_on, one.ends_before) == (days(15), days(24))
    assert not found(rule, of(ENDS, offer(2, percent_off=25, starts_on=days(15))), days_after=5)


def test_less_may_come_after_the_end():
    assert not found(rule, of(ENDS, offer(2, percent_off=19, starts_on=days(15))))


def test_a_claim_without_a_day_ends_with_its_offer():
    assert found(rule, of(saying("ends"), offer(2, percent_off=20, starts_on=days(10))))
    assert not found(rule, of(saying("ends"), offer(2, percent_off=20, starts_on=days(24))))


# --- a brand that is never discounted ---


@pytest.mark.parametrize(
    ("terms", "fires"),
    [
        ({"amount_off": 1}, True),
        ({"percent_off": 5, "applies_to": "order"}, True),
        ({"fixed_price": 9}, True),
        ({"fixed_price": 10}, False),
        ({"points_multiplier": 2}, False),
        ({"mechanic": "message"}, False),
        ({"percent_off": 5, "products": {COFFEE}}, False),
        ({"percent_off": 5, "products": {TEA, COFFEE}}, True),
    ],
)
def test_a_brand_is_discounted_when_something_is_taken_off(terms, fires):
    assert bool(found(rule, of(NEVER, offer(2, **terms)))) is fires


def test_a_brand_that_is_not_named_is_a_gap():
    assert gaps(rule, of(saying("never_discounted"), offer(2, percent_off=5))) == [(1, "brand")]


# --- only online, or only in the shop ---


def test_here_are_the_channels_of_the_claimant_too():
    online = saying("only_here", {"percent_off": 20, "channels": {WEB, APP}}, channel=WEB)

    assert not found(rule, of(online, offer(2, percent_off=20, channels={APP})))
    assert only(rule, of(online, offer(2, percent_off=20))).numbers["channels"] == ["shop"]


def test_without_a_product_the_offer_itself_is_only_here():
    assert not found(rule, of(HERE, offer(2, percent_off=10, channels={SHOP})))


def test_a_product_that_is_only_here_is_not_even_spoken_of_elsewhere():
    mine = saying("only_here", {"percent_off": 20, "channels": {WEB}}, channel=WEB, product=COFFEE)

    assert found(rule, of(mine, offer(2, mechanic="message", products={COFFEE}, channels={SHOP})))
    assert not found(rule, of(mine, offer(2, mechanic="message", channels={SHOP})))


def test_a_place_that_is_not_named_is_a_gap():
    assert gaps(rule, of(saying("only_here"), offer(2, percent_off=20))) == [(1, "channel")]


# --- only for new customers ---


def test_existing_customers_must_not_get_as_much():
    assert only(rule, of(NEW, offer(2, percent_off=20))).customers == 40
    assert not found(rule, of(NEW, offer(2, percent_off=20, customers=MEMBERS)))
    assert not found(rule, of(NEW, offer(2, percent_off=15)))


# --- shipping is always free ---


def test_shipping_that_is_free_from_less_than_claimed():
    from_thirty = saying("free_shipping_always", {"mechanic": "free_shipping"}, amount=30)

    assert not found(rule, of(from_thirty, shipping(min_spend=30)))
    assert only(rule, of(from_thirty, shipping(min_spend=31))).numbers["minimum"] == "31.00"
    assert not found(rule, of(SHIPPED, shipping()))
    assert not found(rule, of(SHIPPED, offer(2, percent_off=20, min_spend=50)))


def test_shipping_has_no_products():
    assert found(rule, of(SHIPPED, shipping(min_spend=30, products=())))


# --- a limited quantity ---


def test_pieces_that_are_there_may_be_promised_twice():
    def again(quantity):
        return offer(2, claims=[claim("limited_quantity", product=TEA, quantity=quantity)])

    assert not found(rule, of(LIMITED, again(400)))
    assert {one.key for one in found(rule, of(LIMITED, again(401)))} == {"1:limited_quantity", "2:limited_quantity"}
    without_stock = saying("limited_quantity", product=COFFEE, quantity=100)
    other = offer(2, products={COFFEE}, expected_units=1)
    assert only(rule, of(without_stock, other)).numbers["available"] == 100


def test_pieces_that_another_offer_expects_to_need_are_an_estimate():
    assert not found(rule, of(LIMITED, offer(2, expected_units=400)))
    one = only(rule, of(LIMITED, offer(2, expected_units=401)))
    assert (one.severity.certainty, one.severity.score) == ("estimated", 79)
    giving = offer(2, products={COFFEE}, gift_product=TEA, expected_units=401)
    assert only(rule, of(LIMITED, giving)).numbers["promised"] == "501.00"
    assert not found(rule, of(LIMITED, offer(2, products={TEA, COFFEE}, expected_units=800)))
    assert gaps(rule, of(LIMITED, offer(2))) == [(2, "expected_units")]
    assert not gaps(rule, of(LIMITED, offer(2, products={COFFEE})))


# --- several claims, and what is not known ---


def test_of_claims_of_one_kind_the_worst_is_told():
    claims = [claim("lowest_price", product=TEA), claim("lowest_price", product=COFFEE, is_legal=True)]
    mine = offer(1, percent_off=20, products={TEA, COFFEE}, claims=[*claims, claim("ends")])

    one = only(rule, of(mine, offer(2, percent_off=30, products={TEA, COFFEE})))

    assert (one.numbers["product"], one.numbers["more"]) == ("Coffee", 1)


def test_unknown_terms_and_prices_are_gaps_where_they_matter():
    assert gaps(rule, of(LOWEST, offer(2))) == [(2, "terms")]
    assert not gaps(rule, of(LOWEST, offer(2, products={COFFEE})))
    unpriced = saying("exclusive_to", {"percent_off": 20, "products": {FREE}}, segment=MEMBERS)
    assert gaps(rule, of(unpriced, offer(2, percent_off=20, products={FREE}))) == [(1, "price"), (2, "price")]
    assert gaps(rule, of(saying("lowest_price"), offer(2, percent_off=30))) == [(1, "product")]


def test_an_unknown_kind_is_no_claim():
    assert not found(rule, of(saying("best_in_town"), offer(2, percent_off=30)))


TOLD = {
    "lowest_price": "with it Tea costs 7.00, not 8.00.",
    "exclusive_to": "it is on offer on app too, with 1 product (Tea).",
    "ends": "on 16 May 2026 it gives as much, on 1 product (Tea).",
    "never_discounted": "it takes something off 1 product (Tea) of ACME.",
    "only_here": "it is on offer on shop too, with 1 product (Tea).",
    "new_customers_only": "as much goes to 40 customers outside of that group, on 1 product (Tea).",
    "free_shipping_always": "with it shipping is free only from 30.00.",
    "limited_quantity": "together they promise 501 of Tea, where there are 500.",
}


@pytest.mark.parametrize("kind", UNTRUE)
def test_told(kind):
    one = found(rule, of(*UNTRUE[kind]))[0]

    assert check_told(rule, one) == (
        f"Offer 1 (Department 1) tells customers “So it is.”. Offer 2 (Department 2) makes that untrue: {TOLD[kind]}"
    )


def test_told_without_names_of_channels_and_with_more_claims():
    twice = offer(1, percent_off=20, claims=[claim("exclusive_to", channel=WEB), claim("exclusive_to", channel=WEB)])

    told = check_told(rule, only(rule, of(twice, offer(2, percent_off=20), channel_names={})))

    assert told.endswith(
        "it is on offer elsewhere too, with 1 product (Tea). The same is so for 1 more claim of this kind."
    )
