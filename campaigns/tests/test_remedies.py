"""Remedies are tried on plans of which each rule finds something."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.rules.collisions import (
    code_collision,
    contact_pressure,
    duplicate_offer,
    holdout_contamination,
    order_dependent_price,
    overlap_undeclared,
    placement_double_booking,
    prior_price,
    protected_scope,
    seesaw,
    shadowed_offer,
    stack_below_floor,
    stack_too_deep,
)
from campaigns.rules.collisions.facts import Booking, Placement, Protected
from campaigns.rules.collisions.findings import defaults
from campaigns.rules.remedies import Checked, Remedy, apply, candidates, check, clearing
from campaigns.tests.collisions.plans import DAY, found, offer, only, plan, product, terms, with_bitmaps

RULES = [
    overlap_undeclared,
    duplicate_offer,
    order_dependent_price,
    code_collision,
    contact_pressure,
    holdout_contamination,
    placement_double_booking,
    prior_price,
    protected_scope,
    seesaw,
    shadowed_offer,
    stack_below_floor,
    stack_too_deep,
]
OPTIONS = {rule.CODE: defaults(rule.OPTIONS) | {"base": Decimal(rule.BASE)} for rule in RULES}
TODAY = DAY - timedelta(days=60)


def later(days):
    return DAY + timedelta(days=days)


def at_100(*offers, **facts):
    facts.setdefault("products", [product(number, price=100, cost=10) for number in range(1, 11)])
    return plan(*offers, **{"today": TODAY} | facts)


def overlap(**facts):
    """Ten days, of which two are shared, and a quarter of the people and products."""
    a = offer(1, percent_off=20, products=range(1, 5), customers=range(100), **facts)
    b = offer(2, percent_off=10, products=range(4, 11), customers=range(75, 300), starts_on=later(8))
    return at_100(a, b)


PLANS = {
    "overlap_undeclared": overlap(),
    "duplicate_offer": at_100(
        offer(1, percent_off=20, products=range(1, 10)), offer(2, percent_off=20, products=range(1, 11))
    ),
    "order_dependent_price": at_100(
        offer(1, percent_off=20, stackable=True, discount_base="discounted"),
        offer(2, amount_off=20, stackable=True, discount_base="discounted"),
    ),
    "code_collision": at_100(
        offer(1, redemption_code="SPRING"), offer(2, redemption_code="SPRING", starts_on=later(30))
    ),
    "contact_pressure": at_100(
        *(offer(number, starts_on=later(number), customers=range(number, 200)) for number in range(1, 5))
    ),
    "holdout_contamination": at_100(
        offer(1, control_group=range(1000, 1100), products=range(1, 5)),
        offer(2, customers=range(900, 1050), products=range(4, 8)),
    ),
    "placement_double_booking": at_100(
        *(
            offer(
                number,
                customers=range(number, 200),
                bookings=[Booking(5, later(number), later(number + 4))],
            )
            for number in (1, 2)
        ),
        placements=[Placement(5, "Home page")],
    ),
    "prior_price": at_100(
        offer(1, percent_off=20, products=range(1, 5)),
        offer(2, percent_off=30, products=range(4, 8), starts_on=later(20)),
    ),
    "protected_scope": at_100(
        offer(1, percent_off=20, products=range(1, 5)),
        offer(2, percent_off=5, products=range(4, 8), customers={500}),
        protected=[Protected(7, "minimum_price", "Acme", frozenset({3, 4}), DAY, later(10), 2, min_price=Decimal(90))],
    ),
    "seesaw": at_100(
        offer(1, percent_off=10, products=range(1, 5)),
        offer(2, percent_off=30, products=range(4, 8), starts_on=later(12), customers=range(50, 400)),
    ),
    "shadowed_offer": at_100(
        offer(1, percent_off=10, products=range(1, 5), stackable=False),
        offer(2, percent_off=20, products=range(1, 8), days=20),
    ),
}
PLANS |= {
    "stack_below_floor": at_100(
        offer(1, percent_off=20, products={1, 2}),
        offer(2, percent_off=15, applies_to="order", products={1, 3}),
        products=[product(number, price=10, cost=6) for number in (1, 2, 3)],
    ),
    "stack_too_deep": at_100(
        offer(1, percent_off=30, discount_base="discounted", products={1, 2}),
        offer(2, percent_off=40, discount_base="discounted", products={1, 3}),
    ),
}
BY_CODE = {rule.CODE: rule for rule in RULES}


def of(code, the_plan=None):
    """(plan, finding, rule) of the one finding of a rule."""
    the_plan = the_plan or PLANS[code]
    return the_plan, only(BY_CODE[code], the_plan), BY_CODE[code]


def proposed(code, the_plan=None, levers=None):
    the_plan, finding, rule = of(code, the_plan)
    if levers:
        finding = replace(finding, levers=levers)
    return candidates(the_plan, finding, rule, OPTIONS[code])


def tried(the_plan, finding, remedy):
    return check(the_plan, finding, remedy, RULES, OPTIONS)


@pytest.mark.parametrize("code", PLANS)
@pytest.mark.parametrize("make", [lambda it: it, with_bitmaps], ids=["sets", "bitmaps"])
def test_every_remedy_that_is_proposed_clears_its_finding(code, make):
    the_plan, finding, rule = of(code, make(PLANS[code]))

    remedies = candidates(the_plan, finding, rule, OPTIONS[code])

    assert remedies
    for remedy in remedies:
        assert tried(the_plan, finding, remedy).clears, remedy
        assert found(rule, apply(the_plan, remedy)) == []


@pytest.mark.parametrize("code", PLANS)
def test_one_day_less_does_not_clear(code):
    the_plan, finding, _rule = of(code)
    for remedy in proposed(code):
        if not remedy.days:
            continue
        side, step = the_plan.offers[remedy.offer], 1 if remedy.days > 0 else -1
        less = timedelta(days=remedy.days - step)
        fields = {"starts_on": side.starts_on + less, "ends_before": side.ends_before + less}
        if side.bookings:
            fields["bookings"] = [
                replace(one, starts_on=one.starts_on + less, ends_before=one.ends_before + less)
                for one in side.bookings
            ]
        shorter = replace(remedy, changes={side.id: fields}, days=remedy.days - step)
        assert not tried(the_plan, finding, shorter).clears, remedy


@pytest.mark.parametrize(
    ("code", "shifts"),
    [
        ("overlap_undeclared", [(1, -2), (1, 18), (2, -18), (2, 2)]),
        # 90 days between the two; to move that much earlier would begin in the past.
        ("code_collision", [(1, 130), (2, 70)]),
        # 14 days: the gap is three, so that twelve more do it, unless the first moves beyond the second.
        ("seesaw", [(1, -12), (1, 3), (2, -3), (2, 12)]),
        # 30 days from the last day of the first to the first day of the second.
        ("prior_price", [(1, -20), (1, 20), (2, -20), (2, 20)]),
        ("protected_scope", [(1, -10), (1, 10)]),
        ("shadowed_offer", [(1, -1), (1, 11), (2, -11), (2, 1)]),
        ("placement_double_booking", [(1, -3), (1, 5), (2, -5), (2, 3)]),
    ],
)
def test_the_smallest_moves(code, shifts):
    assert [(it.offer, it.days) for it in proposed(code, levers=("shift_dates",))] == shifts


def test_nobody_moves_into_the_past_and_what_runs_already_stays():
    shifts = ("shift_dates",)

    def moves(today):
        return [
            (it.offer, it.days)
            for it in proposed("overlap_undeclared", replace(overlap(), today=today), levers=shifts)
        ]

    assert moves(later(-2)) == [(1, -2), (1, 18), (2, 2)]
    assert moves(later(-1)) == [(1, 18), (2, 2)]
    assert moves(later(0)) == [(1, 18), (2, 2)]
    assert moves(later(1)) == [(2, 2)]
    assert moves(later(9)) == []


def test_products_are_excluded_on_either_side():
    two = proposed("overlap_undeclared", levers=("exclude_products",))

    assert two == [
        Remedy("exclude_products", 1, {1: {"products": frozenset({1, 2, 3})}}, products=1),
        Remedy("exclude_products", 2, {2: {"products": frozenset(range(5, 11))}}, products=1),
    ]


def test_only_products_that_make_the_finding_are_excluded():
    products = [product(1, price=100), product(2, price=100), *(product(n, price=10) for n in (3, 4)), product(5)]
    jump = at_100(
        offer(1, amount_off=1, products={1, 2, 3, 4, 5}),
        offer(2, amount_off=9, products={1, 2, 3, 4, 5}, starts_on=later(12)),
        products=products,
    )

    # Nine of a hundred is a jump, and so is nine of ten; the product without a price is none.
    assert [it.products for it in proposed("seesaw", jump, levers=("exclude_products",))] == [4, 4]
    small = at_100(
        offer(1, amount_off=1, products={1, 2, 3, 4}),
        offer(2, amount_off=3, products={1, 2, 3, 4}, starts_on=later(12)),
        products=products,
    )
    first, second = proposed("seesaw", small, levers=("exclude_products",))
    assert (first.changes, first.products) == ({1: {"products": frozenset({1, 2})}}, 2)
    assert second.changes == {2: {"products": frozenset({1, 2})}}


def test_customers_are_excluded_on_either_side():
    two = proposed("overlap_undeclared", levers=("exclude_customers",))

    assert two == [
        Remedy("exclude_customers", 1, {1: {"customers": frozenset(range(75))}}, customers=25),
        Remedy("exclude_customers", 2, {2: {"customers": frozenset(range(100, 300))}}, customers=25),
    ]


def test_an_offer_that_would_lose_everything_is_not_cut_but_withdrawn():
    same = at_100(offer(1, percent_off=20), offer(2, percent_off=10))
    levers = ("exclude_products", "exclude_customers", "restrict_channel", "withdraw")

    assert proposed("overlap_undeclared", same, levers) == [
        Remedy("withdraw", 1, customers=100, products=1),
        Remedy("withdraw", 2, customers=100, products=1),
    ]


def test_the_control_group_leaves_the_offer_that_reaches_it():
    remedies = proposed("holdout_contamination", levers=("exclude_customers",))

    assert [(it.offer, it.customers) for it in remedies] == [(2, 50)]
    assert remedies[0].changes == {2: {"customers": frozenset(range(900, 1000))}}


def test_channels_are_left_by_who_has_others():
    a = offer(1, percent_off=20, channels=[1, 2])

    def left(*channels):
        the_plan = at_100(a, offer(2, percent_off=10, channels=channels))
        remedies = proposed("overlap_undeclared", the_plan, levers=("restrict_channel",))
        return [(it.offer, set(it.changes[it.offer]["channels"])) for it in remedies]

    assert left(2, 3) == [(1, {1}), (2, {3})]
    assert left(2) == [(1, {1})]
    assert left(1, 2) == []
    assert left() == []


def test_both_may_declare():
    levers = ("declare_combinable", "declare_exclusive")

    assert proposed("overlap_undeclared", levers=levers) == [
        Remedy("declare_combinable", 1, decisions={frozenset({1, 2}): "allow"}),
        Remedy("declare_exclusive", 1, decisions={frozenset({1, 2}): "deny"}),
    ]


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [
        (None, None, [(1, {1: 2, 2: 1}), (2, {1: 1, 2: 2})]),
        (5, None, [(1, {1: 2, 2: 1}), (2, {2: 6})]),
        (5, 5, [(1, {1: 6}), (2, {2: 6})]),
    ],
)
def test_one_goes_first_at_the_till(one, other, changes):
    terms = {"stackable": True, "discount_base": "discounted"}
    the_plan = at_100(
        offer(1, percent_off=20, priority=one, **terms), offer(2, amount_off=20, priority=other, **terms)
    )

    remedies = proposed("order_dependent_price", the_plan, levers=("set_priority",))

    assert [(it.offer, {n: fields["priority"] for n, fields in it.changes.items()}) for it in remedies] == changes


@pytest.mark.parametrize(
    ("terms", "field", "largest"),
    [
        ({"percent_off": 20}, "percent_off", 10),
        ({"percent_off": "10.5"}, "percent_off", 10),
        ({"amount_off": 20}, "amount_off", 10),
        ({"fixed_price": 20}, "fixed_price", 90),
    ],
)
def test_the_largest_discount_that_keeps_a_lowest_price(terms, field, largest):
    the_plan = PLANS["protected_scope"]
    cheap = replace(the_plan, offers={**the_plan.offers, 1: offer(1, products=range(1, 5), **terms)}, kept={})

    (remedy,) = proposed("protected_scope", cheap, levers=("cap_discount",))

    assert getattr(remedy.changes[1]["terms"], field) == largest
    assert remedy.changes[1]["terms"].mechanic == cheap.offers[1].terms.mechanic


@pytest.mark.parametrize(
    ("code", "largest"),
    [
        # Both off the list price: 10 - 1.4 - 1.5 and 10 - 2 - 0.9 are 7.10, with a floor of 6 / 0.85 = 7.06.
        ("stack_below_floor", [(1, 14), (2, 9)]),
        # 1 - 0.84 · 0.6 = 49.6 % and 1 - 0.7 · 0.72 = 49.6 %, where 50 % is allowed.
        ("stack_too_deep", [(1, 16), (2, 28)]),
    ],
)
def test_the_largest_discount_that_keeps_a_stack_in_bounds(code, largest):
    remedies = proposed(code, levers=("cap_discount",))

    assert [(it.offer, it.changes[it.offer]["terms"].percent_off) for it in remedies] == largest
    the_plan, finding, _rule = of(code)
    for remedy in remedies:
        terms_of = remedy.changes[remedy.offer]["terms"]
        more = replace(terms_of, percent_off=terms_of.percent_off + 1)
        assert not tried(the_plan, finding, replace(remedy, changes={remedy.offer: {"terms": more}})).clears


def test_a_stack_is_broken_by_what_does_not_combine():
    assert proposed("stack_below_floor", levers=("declare_combinable", "declare_exclusive")) == [
        Remedy("declare_exclusive", 1, decisions={frozenset({1, 2}): "deny"})
    ]


def test_a_stack_of_three_is_broken_by_any_two_that_do_not_combine():
    three = at_100(
        *(offer(number, percent_off=21, discount_base="discounted", products={1, number}) for number in (1, 2, 3))
    )
    pairs = [it.decisions for it in proposed("stack_too_deep", three, levers=("declare_exclusive",))]

    assert only(stack_too_deep, three).offers == (1, 2, 3)
    assert pairs == [{frozenset(pair): "deny"} for pair in ((1, 2), (1, 3), (2, 3))]


def test_no_discount_may_be_small_enough():
    the_plan = PLANS["protected_scope"]
    guard = [replace(the_plan.protected[0], min_price=Decimal(100))]

    assert proposed("protected_scope", replace(the_plan, protected=guard, kept={}), levers=("cap_discount",)) == []


def test_who_keeps_to_a_protection_need_not_give_way():
    assert {it.offer for it in proposed("protected_scope")} == {1}


def test_the_later_one_compares_with_the_lowest_price():
    (remedy,) = proposed("prior_price", levers=("change_reference_price",))

    assert remedy.changes == {2: {"reference_price": None, "reference_price_policy": "lowest_30d"}}


def test_remedies_come_in_the_order_of_the_levers():
    levers = [it.lever for it in proposed("overlap_undeclared")]

    assert list(dict.fromkeys(levers)) == list(overlap_undeclared.LEVERS)


def test_levers_that_nobody_can_reckon_are_left_out():
    assert proposed("overlap_undeclared", levers=("merge_offers", "accept_risk")) == []


def test_applying_leaves_the_plan_alone():
    the_plan = overlap()
    before = dict(the_plan.offers)

    gone = apply(the_plan, Remedy("withdraw", 1))
    denied = apply(the_plan, Remedy("declare_exclusive", 1, decisions={frozenset({1, 2}): "deny"}))

    assert (set(gone.offers), list(gone.pairs)) == ({2}, [])
    assert denied.combinations == {frozenset({1, 2}): "deny"}
    assert (the_plan.offers, list(the_plan.pairs), the_plan.combinations) == (before, [(1, 2)], {})


def test_places_booked_move_with_the_offer():
    one = proposed("placement_double_booking", levers=("shift_dates",))[0]

    assert one.changes[1]["bookings"] == (Booking(5, later(-2), later(2)),)


def with_a_third(pairs=((1, 2),), **facts):
    """The overlap with one price everywhere, and a third offer that the first meets when it moves behind the second."""
    two = [replace(one, terms=terms(percent_off=20)) for one in overlap().offers.values()]
    third = {"percent_off": 20, "products": range(1, 4), "customers": range(50), "starts_on": later(15), "days": 5}
    return at_100(*two, offer(3, **third | facts), pairs=list(pairs))


BEHIND = Remedy("shift_dates", 1, {1: {"starts_on": later(18), "ends_before": later(28)}}, days=18)
BEFORE = Remedy("shift_dates", 1, {1: {"starts_on": later(-2), "ends_before": later(8)}}, days=-2)


def test_findings_that_a_remedy_causes_are_told():
    crowded = with_a_third()
    finding = only(overlap_undeclared, crowded)

    # The third one was far away, so that nobody had made a pair of it and the first.
    assert tried(crowded, finding, BEFORE) == Checked(clears=True, new=())
    checked = tried(crowded, finding, BEHIND)

    assert checked.clears
    assert {one.rule for one in checked.new} == {"overlap_undeclared", "order_dependent_price"}
    assert {one.offers for one in checked.new} == {(1, 3)}


def test_the_next_day_is_no_overlap_and_may_be_a_jump_of_the_price():
    the_plan, finding, _rule = of("overlap_undeclared")

    assert [(one.rule, one.offers) for one in tried(the_plan, finding, BEFORE).new] == [("seesaw", (1, 2))]


def test_findings_that_were_there_before_are_not_caused():
    crowded = with_a_third(pairs=[(1, 2), (1, 3)], starts_on=DAY)
    finding = next(one for one in found(overlap_undeclared, crowded) if one.offers == (1, 2))

    assert len(found(overlap_undeclared, crowded)) == 2
    assert tried(crowded, finding, Remedy("withdraw", 2)) == Checked(clears=True, new=())


def test_a_finding_that_gets_more_severe_is_caused():
    crowded = with_a_third(pairs=[(1, 2), (1, 3)], starts_on=later(9), days=20)
    one, other = found(overlap_undeclared, crowded)

    (caused,) = tried(crowded, one, BEHIND).new

    assert (other.offers, other.severity.level) == ((1, 3), "medium")
    assert (caused.offers, caused.severity.level) == ((1, 3), "high")


def test_a_smaller_set_of_the_same_offers_is_still_the_finding():
    six = at_100(*(offer(number, starts_on=later(number)) for number in range(1, 7)))
    finding = only(contact_pressure, six)

    assert finding.offers == (1, 2, 3, 4, 5, 6)
    assert not tried(six, finding, Remedy("withdraw", 1)).clears
    assert candidates(six, finding, contact_pressure, OPTIONS["contact_pressure"]) == []


def test_what_clears_with_the_least_harm_comes_first():
    crowded = with_a_third()
    finding = replace(only(overlap_undeclared, crowded), levers=("shift_dates",))

    ordered = clearing(crowded, finding, RULES, OPTIONS)

    assert all(checked.clears for _remedy, checked in ordered)
    assert [(remedy.days, len(checked.new)) for remedy, checked in ordered] == [(-2, 0), (-18, 0), (2, 0), (18, 2)]


class OnlyInCompany:
    """A rule that sees two offers collide only while a third one is planned."""

    CODE = "only_in_company"
    OPTIONS = ()

    @staticmethod
    def find(the_plan, _options):
        found_before = overlap_undeclared.find(the_plan, OPTIONS["overlap_undeclared"])
        return [replace(one, rule="only_in_company") for one in found_before if 3 in the_plan.offers]


def test_a_finding_that_takes_others_is_tried_with_them():
    crowded = with_a_third()
    (finding,) = OnlyInCompany.find(crowded, {})
    finding = replace(finding, levers=("shift_dates", "withdraw"))

    remedies = candidates(crowded, finding, OnlyInCompany, {})

    assert (remedies[0].lever, remedies[0].offer, remedies[0].days) == ("shift_dates", 1, -2)
    assert len(remedies) == 6
