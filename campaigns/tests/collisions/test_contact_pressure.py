from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from campaigns.rules.collisions import contact_pressure as rule
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan

FEW = frozenset(range(40))


def after(days):
    return DAY + timedelta(days=days)


def pressed(**changes):
    """Customers 0 to 39 of 100 get five offers in a week, the others one."""
    crowd = [offer(number, customers=FEW, starts_on=after(number), contacts=1) for number in (1, 2)]
    return plan(offer(3, contacts=1), offer(4, customers=FEW, contacts=2, starts_on=after(6)), *crowd, **changes)


def test_customers_beyond_the_limit_are_counted():
    # 5 contacts where 3 are the limit, for 40 of 100: 30 + 30 · 2/3 + 20 · 0.4
    everybody = [offer(number, contacts=1) for number in (1, 2, 3)]
    more = offer(4, customers=frozenset(range(40)) | frozenset(range(100, 160)), contacts=2)

    one = only(rule, plan(*everybody, more))

    assert one.offers == (1, 2, 3, 4)
    assert one.severity.score == 58
    assert one.severity.certainty == "exact"
    assert one.customers == 40
    assert (one.numbers["share"], one.numbers["percentile_95"]) == ("40.0", 5)
    assert one.numbers["departments"] == [
        {"department": "Department 4", "amount": "80.00"},
        {"department": "Department 1", "amount": "40.00"},
        {"department": "Department 2", "amount": "40.00"},
        {"department": "Department 3", "amount": "40.00"},
    ]


def test_the_audience_hit_hardest_says_how_large_the_part_is():
    one = only(rule, pressed())

    assert (one.numbers["offer"]["name"], one.numbers["share"], one.numbers["over"]) == ("Offer 1", "100.0", 40)
    assert (one.starts_on, one.ends_before) == (DAY, after(7))


def test_what_few_get_does_not_say_how_bad_it_is():
    # 38 of 40 customers, 95 of 100, get 4 contacts, and two of them 9.
    one = only(
        rule, plan(offer(1, contacts=1), offer(2, customers=FEW, contacts=3), offer(3, customers=range(2), contacts=5))
    )

    assert (one.numbers["percentile_95"], one.numbers["most"]) == (4, 9)


def test_an_offer_to_everybody_does_not_hide_the_few():
    few = [offer(number, customers={1, 2}, contacts=1) for number in range(1, 5)]

    one = only(rule, plan(*few, offer(5, customers=range(1000), contacts=1)))

    assert one.customers == 2
    assert one.offers == (1, 2, 3, 4, 5)


def test_an_offer_that_reaches_nobody_beyond_the_limit_is_no_member():
    assert only(rule, plan(*pressed().offers.values(), offer(9, customers={77, 500}))).offers == (1, 2, 3, 4)


def test_symmetric():
    check_symmetric(rule, pressed())


@pytest.mark.parametrize(
    "last",
    [
        offer(4, customers=FEW, starts_on=after(7), contacts=1),
        offer(4, customers={500}, contacts=1),
        offer(4, contacts=0),
    ],
    ids=["other week", "other customers", "no contact"],
)
def test_silent_when_one_dimension_is_disjoint(last):
    three = [offer(number, contacts=1, customers=FEW) for number in (1, 2, 3)]
    assert found(rule, plan(*three, offer(4, contacts=1, starts_on=after(6))))

    assert not found(rule, plan(*three, last))


def test_silent_at_the_limit():
    assert not found(rule, plan(*(offer(number, contacts=1) for number in (1, 2, 3))))


@pytest.mark.parametrize(("over", "fires"), [(5, False), (6, True)])
def test_silent_while_the_part_is_small(over, fires):
    three = [offer(number, contacts=1) for number in (1, 2, 3)]
    # Among 100 to 199 are none of the customers of the others.
    last = offer(4, contacts=1, customers=[*range(over), *range(100, 200 - over)])

    assert bool(found(rule, plan(*three, last))) is fires
    assert found(rule, plan(*three, last), min_share=4)


def test_two_offers_suffice():
    assert only(rule, plan(offer(1, contacts=3), offer(2, contacts=1))).offers == (1, 2)


def test_one_offer_alone_is_no_collision():
    assert not found(rule, plan(offer(1, contacts=9), offer(2, contacts=1, customers={500})))


def test_silent_when_all_of_it_was_planned_together():
    assert not found(rule, plan(*(offer(number, joint_group="spring") for number in range(1, 6))))
    assert found(rule, plan(*(offer(number, joint_group="spring" if number > 1 else "") for number in range(1, 6))))


def test_contacts_that_nobody_stated_are_assumed_and_score_less():
    one = only(rule, plan(*(offer(number) for number in range(1, 9))))

    assert (one.severity.certainty, one.severity.score) == ("estimated", 79)
    assert one.numbers["assumed_contacts"] == [f"O{number:02}" for number in range(1, 9)]
    assert not found(rule, plan(*(offer(number) for number in range(1, 9))), contacts=0)


def test_a_window_inside_another_is_told_once():
    daily = [offer(number, starts_on=after(number), contacts=1) for number in range(10)]

    one, two, three, four = found(rule, plan(*daily))

    assert [one.offers for one in (one, two, three, four)] == [tuple(range(k, k + 7)) for k in range(4)]


def test_unknown_audience_is_a_gap_where_it_could_be_too_much():
    known = [offer(number, contacts=1) for number in (1, 2, 3)]
    unknown = offer(4, customers=(), knows_audience=False)

    assert gaps(rule, plan(*known, unknown)) == [(4, "audience")]
    assert not gaps(rule, plan(*known[:2], unknown))
    assert gaps(rule, plan(offer(1, contacts=3), unknown)) == [(4, "audience")]
    assert not gaps(rule, plan(offer(4, customers=(), knows_audience=False, contacts=9)))
    assert not gaps(rule, plan(*known, offer(4, customers=(), knows_audience=False, starts_on=after(7))))


@pytest.mark.parametrize("seed", range(10))
def test_the_customers_are_those_a_loop_finds(seed):
    random = Random(seed)
    offers = [
        offer(
            number,
            customers=random.sample(range(30), random.randrange(1, 20)),
            starts_on=after(random.randrange(12)),
            contacts=random.randrange(3),
        )
        for number in range(12)
    ]

    reported = found(rule, plan(*offers), min_share=0)

    most = 0
    for start in range(12):
        within = [one for one in offers if after(start) <= one.starts_on < after(start + 7)]
        counts = Counter(who for one in within for who in one.customers for _ in range(one.contacts))
        over = {who for who, count in counts.items() if count > 3}
        members = {one.id for one in within if one.contacts and one.customers & over}
        if len(members) > 1:
            assert any(members <= set(one.offers) for one in reported)
            assert any(members == set(one.offers) and one.customers == len(over) for one in reported) or any(
                members < set(one.offers) for one in reported
            )
        most = max(most, len(over))
    assert max((one.customers for one in reported), default=0) == most


def test_told():
    told = check_told(rule, only(rule, pressed()))

    assert told == (
        "40 customers, 100 % of the audience of Offer 1 (Department 1), would get more than 3 offers within 7 days "
        "(from 1 May 2026 to 7 May 2026), some of them 5. Their contacts come from Department 4 (80), Department 1 (40), "
        "Department 2 (40), Department 3 (40)."
    )
