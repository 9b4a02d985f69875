import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules import mandates
from approvals.rules.mediation import (
    CATEGORY,
    DEFAULT,
    DEPARTMENT,
    LOAD,
    PAIR,
    SPECIFICITY,
    UNIT,
    Choice,
    Post,
    choose,
    in_order,
)

people = st.integers(1, 8)
given_posts = st.lists(
    st.builds(
        Post,
        pk=st.integers(1, 99),
        mediator=people,
        stand_in=st.none() | people,
        scope=st.sampled_from(SPECIFICITY),
        from_rank=st.integers(0, 4),
        most_cases=st.none() | st.integers(1, 3),
        is_later=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda post: (post.is_later, post.pk),
)
chains = st.fixed_dictionaries(
    {
        "rank": st.integers(0, 4),
        "barred": st.dictionaries(people, st.sampled_from(["inactive", "party", "timeout"])),
        "loads": st.dictionaries(people, st.integers(0, 5)),
        "stand_ins": st.dictionaries(people, people),
    }
)


def posts_of(*pairs):
    return [Post(place, *pair) for place, pair in enumerate(pairs, start=1)]


def chosen(posts, **given_to):
    choice = choose(posts, **given_to)
    return choice.chosen, choice.passed_over


@pytest.mark.parametrize(
    ("posts", "barred", "stand_ins", "expected"),
    [
        ([], {}, {}, (None, ())),
        ([(1,)], {}, {}, (1, ())),
        ([(1, 2)], {1: "party"}, {}, (2, ((1, "party"),))),
        # The stand-in is judged by the same rules.
        ([(1, 2)], {1: "party", 2: "inactive"}, {}, (None, ((1, "party"), (2, "inactive")))),
        # A stand-in's own stand-in is asked as well.
        ([(1, 2)], {1: "party", 2: "inactive"}, {2: 3}, (3, ((1, "party"), (2, "inactive")))),
        # The stand-in of this post comes before the one the mediator has elsewhere.
        ([(1, 2)], {1: "party"}, {1: 9}, (2, ((1, "party"),))),
        # Two people who stand in for each other.
        ([(1, 2)], {1: "party", 2: "party"}, {2: 1, 1: 2}, (None, ((1, "party"), (2, "party")))),
        # The next post; nobody is noted twice.
        ([(1, 2), (2, 4)], {1: "party", 2: "party"}, {}, (4, ((1, "party"), (2, "party")))),
        ([(1, 2), (3,)], {}, {}, (1, ())),
    ],
)
def test_choose(posts, barred, stand_ins, expected):
    assert chosen(posts_of(*posts), barred=barred, stand_ins=stand_ins) == expected


class TestOrder:
    def test_the_more_specific_mandate_comes_first(self):
        posts = [Post(pk, pk, scope=scope) for pk, scope in enumerate((DEFAULT, UNIT, DEPARTMENT, CATEGORY, PAIR))]
        assert [post.scope for post in in_order(posts)] == [PAIR, CATEGORY, DEPARTMENT, UNIT, DEFAULT]

    def test_of_equal_ones_that_for_severe_cases_then_who_has_fewest_then_the_older(self):
        busy, severe, older, newer = Post(1, 1), Post(4, 4, from_rank=3), Post(2, 2), Post(3, 3)
        assert in_order([busy, newer, older, severe], rank=4, loads={1: 1}) == [severe, older, newer, busy]

    def test_what_is_for_severer_cases_does_not_hold_this_one(self):
        assert in_order([Post(1, 1, from_rank=3)], rank=2) == []
        assert in_order([Post(1, 1, from_rank=3)], rank=3) != []

    def test_what_was_given_later_comes_last_however_specific(self):
        first, later = Post(2, 2), Post(1, 1, scope=PAIR, is_later=True)
        assert in_order([later, first]) == [first, later]


class TestLoad:
    def test_who_is_full_is_passed_over(self):
        posts = [Post(1, 1, scope=PAIR, most_cases=2), Post(2, 2)]
        assert chosen(posts, loads={1: 1}) == (1, ())
        assert chosen(posts, loads={1: 2}) == (2, ((1, LOAD),))

    def test_unless_nobody_else_is_free_and_then_the_least_loaded_decides(self):
        posts = [Post(1, 1, scope=PAIR, most_cases=2), Post(2, 2, most_cases=1), Post(3, 3)]
        choice = choose(posts, loads={1: 3, 2: 2}, barred={3: "party"})
        assert (choice.chosen, choice.is_full) == (2, True)
        assert choice.passed_over == ((1, LOAD), (3, "party"))

    def test_who_is_full_by_one_mandate_may_decide_by_another(self):
        posts = [Post(1, 1, scope=PAIR, most_cases=1), Post(2, 1)]
        choice = choose(posts, loads={1: 1})
        assert (choice.chosen, choice.post, choice.is_full, choice.passed_over) == (1, posts[1], False, ())


@given(given_posts, chains)
def test_nobody_barred_is_chosen_and_everybody_free_is_found(posts, chain):
    choice = choose(posts, **chain)
    passed = [person for person, _why in choice.passed_over]
    held = in_order(posts, rank=chain["rank"])
    asked = {post.mediator for post in held} | {post.stand_in for post in held if post.stand_in}

    assert choice.chosen not in chain["barred"]
    # Everybody who was asked before stands in the trail once, with the reason.
    assert len(passed) == len(set(passed))
    assert choice.chosen not in passed
    assert all(why == chain["barred"].get(person, LOAD) for person, why in choice.passed_over)
    if choice.chosen is None:
        assert choice == Choice(None, choice.passed_over)
        assert asked <= set(passed)
        assert LOAD not in dict(choice.passed_over).values()
    else:
        assert choice.post in held
        loads = chain["loads"]
        is_full = choice.post.most_cases is not None and loads.get(choice.chosen, 0) >= choice.post.most_cases
        assert choice.is_full == is_full
        if is_full:
            # Nobody of those who were asked is free, and nobody full has fewer.
            assert asked <= {*passed, choice.chosen}
            others = [person for person, why in choice.passed_over if why == LOAD]
            assert all(loads.get(choice.chosen, 0) <= loads[person] for person in others)


@given(given_posts, chains, st.randoms(use_true_random=False))
def test_the_order_of_the_input_makes_no_difference(posts, chain, shuffler: random.Random):
    mixed = list(posts)
    shuffler.shuffle(mixed)
    assert choose(mixed, **chain) == choose(posts, **chain)


@given(given_posts, chains)
def test_a_later_post_is_asked_only_when_nobody_before_it_is_free(posts, chain):
    ordered = in_order(posts, rank=chain["rank"], loads=chain["loads"])
    whole = choose(ordered, **chain)
    for length in range(len(ordered)):
        earlier = choose(ordered[:length], **chain)
        if earlier.chosen is not None and not earlier.is_full:
            assert whole == earlier


class TestWords:
    @pytest.mark.parametrize(
        ("scope", "names", "level", "said"),
        [
            (PAIR, ["CRM", "Sales"], "", "CRM × Sales"),
            (DEPARTMENT, ["CRM"], "high", "CRM, from level “High”"),
            (CATEGORY, ["sofas"], "", "products of “sofas”"),
            (UNIT, ["Retail"], "", "business unit Retail"),
            (DEFAULT, [], "", "every department"),
        ],
    )
    def test_scopes(self, scope, names, level, said):
        assert mandates.words(scope, names, level) == said

    def test_why_somebody_decides(self):
        found = {"scope": PAIR, "names": ["CRM", "Sales"], "from_level": "", "is_full": True}
        said = "Stands in for Ana, mediator for CRM × Sales. Has as many cases as the mandate allows, but nobody else is free."
        assert mandates.why(found, "Ana") == said
        assert mandates.why({**found, "is_full": False}) == "Mediator for CRM × Sales."
        assert mandates.why(None) == ""
