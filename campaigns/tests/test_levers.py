"""What can be done about findings beyond days, products and customers: each lever where it clears and where it cannot."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.rules.collisions import BY_CODE, RULES
from campaigns.rules.collisions.facts import Booking, Claim, Draw, Fund, Group, Placement
from campaigns.rules.collisions.findings import defaults
from campaigns.rules.remedies import candidates, check
from campaigns.rules.remedies.candidates import LEVERS
from campaigns.tests.collisions.plans import DAY, offer, on_channel, only, plan, product

OPTIONS = {rule.CODE: defaults(rule.OPTIONS) | {"base": Decimal(rule.BASE)} for rule in RULES}
TODAY = DAY - timedelta(days=60)
PRODUCTS = [product(number, price=100, cost=10) for number in range(1, 5)]


def later(days):
    return DAY + timedelta(days=days)


def made(*offers, **facts):
    return plan(*offers, **{"today": TODAY, "products": PRODUCTS} | facts)


def remedies(code, lever, the_plan):
    """Those of one lever, each of which is seen to clear the finding."""
    rule = BY_CODE[code]
    finding = only(rule, the_plan)
    assert lever in finding.levers
    proposed = [one for one in candidates(the_plan, finding, rule, OPTIONS[code]) if one.lever == lever]
    for one in proposed:
        assert check(the_plan, finding, one, [rule], OPTIONS).clears, one
    return proposed


def changed(code, lever, the_plan, field):
    return [(one.offer, one.changes[one.offer][field]) for one in remedies(code, lever, the_plan)]


def test_rules_name_levers_that_can_be_reckoned():
    assert {lever for rule in RULES for lever in rule.LEVERS} <= LEVERS


class TestAlignTerms:
    def test_one_base_is_taken_over_where_that_is_all(self):
        both = {"stackable": True, "max_discount": 15, "priority": 1}
        mixed = made(
            offer(1, percent_off=20, discount_base="initial", **both),
            offer(2, percent_off=30, discount_base="discounted", **both | {"priority": 2, "max_discount": None}),
        )
        assert changed("order_dependent_price", "align_terms", mixed, "discount_base") == [
            (1, "discounted"),
            (2, "initial"),
        ]

    def test_conditions_are_taken_over(self):
        one = {"returns": "14 days", "place": "shops"}
        the_plan = made(
            offer(1, percent_off=20, conditions=one), offer(2, percent_off=20, conditions=one | {"returns": "none"})
        )
        assert changed("terms_contradiction", "align_terms", the_plan, "conditions") == [
            (1, one | {"returns": "none"}),
            (2, one),
        ]

    def test_nobody_runs_longer_or_gets_the_code_of_another_one(self):
        the_plan = made(offer(1, percent_off=20, redemption_code="SPRING"), offer(2, percent_off=20, days=8))
        (first,) = remedies("terms_contradiction", "align_terms", the_plan)
        assert first.changes == {1: {"ends_before": later(8), "redemption_code": ""}}

    def test_a_price_is_taken_over(self):
        the_plan = made(offer(1, percent_off=20, channels=[1]), offer(2, percent_off=10, channels=[2]))
        assert [
            (number, terms.percent_off)
            for number, terms in changed("price_inconsistent", "align_terms", the_plan, "terms")
        ] == [(1, 10), (2, 20)]

    def test_the_same_terms_may_not_be_enough(self):
        """Both take 10 % off; what the till takes it of is open for one of them, and nobody says which one is right."""
        both = {"stackable": True, "percent_off": 10}
        the_plan = made(offer(1, **both), offer(2, **both))
        assert remedies("order_dependent_price", "align_terms", the_plan) == []


class TestRewriteMessage:
    LOWEST = Claim("lowest_price", "Never cheaper", product=1, amount=Decimal(90))

    def test_the_untrue_claim_goes_and_the_others_stay(self):
        other = Claim("lowest_price", "Cheap as well", product=1, amount=Decimal(70))
        the_plan = made(offer(1, percent_off=10, claims=[self.LOWEST, other]), offer(2, percent_off=20))
        assert changed("claim_contradiction", "rewrite_message", the_plan, "claims") == [(1, (other,))]

    def test_all_of_a_kind_go_where_all_are_untrue(self):
        again = Claim("lowest_price", "Nowhere cheaper", product=1, amount=Decimal(90))
        the_plan = made(offer(1, percent_off=10, claims=[self.LOWEST, again]), offer(2, percent_off=20))
        assert changed("claim_contradiction", "rewrite_message", the_plan, "claims") == [(1, ())]

    def test_a_price_is_said_to_hold_on_its_channel_alone(self):
        own = on_channel(1, percent_off=30)
        the_plan = made(
            offer(1, percent_off=10, channels=[1], channel_terms=[own]), offer(2, percent_off=10, channels=[2])
        )
        ((number, (terms,)),) = changed("price_inconsistent", "rewrite_message", the_plan, "channel_terms")
        assert (number, terms.is_exclusive, terms.terms) == (1, True, own.terms)

    def test_nothing_is_said_of_prices_that_hold_everywhere(self):
        the_plan = made(offer(1, percent_off=20, channels=[1]), offer(2, percent_off=10, channels=[2]))
        assert remedies("price_inconsistent", "rewrite_message", the_plan) == []


class TestRenameCode:
    def test_the_first_day_makes_the_difference(self):
        the_plan = made(offer(1, redemption_code="SPRING"), offer(2, redemption_code="SPRING", starts_on=later(2)))
        assert changed("code_collision", "rename_code", the_plan, "redemption_code") == [
            (1, "SPRING0501"),
            (2, "SPRING0503"),
        ]

    def test_what_others_have_is_not_taken(self):
        far = offer(3, redemption_code="SPRING0501", starts_on=later(300))
        the_plan = made(offer(1, redemption_code="SPRING"), offer(2, redemption_code="SPRING"), far)
        assert changed("code_collision", "rename_code", the_plan, "redemption_code")[0] == (1, "SPRING260501")

    def test_a_code_stays_as_short_as_codes_are(self):
        longest = "S" * 32
        the_plan = made(offer(1, redemption_code=longest), offer(2, redemption_code=longest))
        assert {len(code) for _, code in changed("code_collision", "rename_code", the_plan, "redemption_code")} == {32}


class TestSwapPlacement:
    def booked(self, *placements, third=()):
        offers = [offer(number, bookings=[Booking(5, DAY, later(4))]) for number in (1, 2)]
        return made(*offers, *third, placements=[Placement(5, "Banner", "home"), *placements])

    def test_a_free_place_on_the_same_page_comes_first(self):
        the_plan = self.booked(Placement(6, "A shelf"), Placement(7, "Footer", "home"))
        assert changed("placement_double_booking", "swap_placement", the_plan, "bookings") == [
            (1, (Booking(7, DAY, later(4)),)),
            (2, (Booking(7, DAY, later(4)),)),
        ]

    def test_what_others_have_booked_on_these_days_is_not_free(self):
        third = offer(3, customers={900}, bookings=[Booking(6, later(3), later(9))])
        assert (
            remedies("placement_double_booking", "swap_placement", self.booked(Placement(6, "Shelf"), third=[third]))
            == []
        )

    def test_another_place_on_the_page_is_still_the_page(self):
        offers = [
            offer(1, bookings=[Booking(5, DAY, later(4), goal="grow_list")]),
            offer(2, bookings=[Booking(5, DAY, later(4), goal="conversion")]),
        ]
        places = [Placement(5, "Banner", "home"), Placement(6, "Footer", "home"), Placement(7, "Shelf")]
        moved = changed("conflicting_goals", "swap_placement", made(*offers, placements=places), "bookings")
        assert [(number, booking.placement) for number, (booking,) in moved] == [(1, 7), (2, 7)]

    def test_recommendations_move_to_a_slot_of_their_own(self):
        both = {"triggers": [1], "recommendation_placement": 5}
        offers = [offer(1, recommended=[2], **both), offer(2, recommended=[3], **both)]
        places = [Placement(5, "Basket", "basket"), Placement(6, "Checkout", "basket")]
        assert changed(
            "competing_recommendation",
            "swap_placement",
            made(*offers, placements=places),
            "recommendation_placement",
        ) == [(1, 6), (2, 6)]


class TestFunds:
    def drawn(self, *amounts):
        offers = [offer(number, draws=[Draw(9, Decimal(amount))]) for number, amount in enumerate(amounts, start=1)]
        return made(*offers, funds=[Fund(9, "Spring", Decimal(100))])

    def test_what_is_missing_is_added(self):
        (one,) = remedies("fund_overcommit", "add_funding", self.drawn(80, 70))
        assert (one.funds, one.changes) == ({9: Decimal(50)}, {})

    def test_either_takes_less(self):
        assert changed("fund_overcommit", "reduce_draw", self.drawn(80, 70), "draws") == [
            (1, (Draw(9, Decimal(30)),)),
            (2, (Draw(9, Decimal(20)),)),
        ]

    def test_who_draws_less_than_is_missing_cannot_clear_it(self):
        assert [one.offer for one in remedies("fund_overcommit", "reduce_draw", self.drawn(180, 20))] == [1]


class TestReduceQuantity:
    def wanted(self, one, other, stock=100):
        stocked = [product(1, price=100, stock=stock)]
        return made(offer(1, expected_units=one), offer(2, expected_units=other), products=stocked)

    def test_either_sells_what_is_left(self):
        assert changed("stock_overcommit", "reduce_quantity", self.wanted(80, 70), "expected_units") == [
            (1, 30),
            (2, 20),
        ]

    def test_one_alone_may_not_be_enough(self):
        assert remedies("stock_overcommit", "reduce_quantity", self.wanted(180, 170)) == []


class TestGroups:
    """In the house single customers cannot be left out of an offer, only segments."""

    def people(self, *groups):
        a = offer(1, percent_off=20, customers=range(100))
        b = offer(2, percent_off=10, customers=range(75, 300))
        return made(a, b, groups={1: (), 2: groups})

    def test_the_groups_of_the_others_go_with_all_their_customers(self):
        groups = (Group(3, "East", frozenset(range(70, 200))), Group(4, "West", frozenset(range(200, 300))))
        first, *_rest = remedies("overlap", "exclude_customers", self.people(*groups))
        assert (first.offer, first.groups, first.customers) == (1, {3}, 30)
        assert first.changes == {1: {"customers": frozenset(range(70))}}

    @pytest.mark.parametrize("group", [range(300), range(90, 300)])
    def test_groups_that_take_everybody_or_leave_some_clear_nothing(self, group):
        found = remedies("overlap", "exclude_customers", self.people(Group(3, "East", frozenset(group))))
        assert [one for one in found if one.offer == 1] == []
