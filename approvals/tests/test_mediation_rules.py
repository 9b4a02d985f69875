import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.mediation import Choice, Post, choose

people = st.integers(1, 8)
posts = st.lists(st.builds(Post, people, st.none() | people), max_size=5)
barred_people = st.dictionaries(people, st.sampled_from(["inactive", "party", "involved"]))
deputies = st.dictionaries(people, people)


@pytest.mark.parametrize(
    ("posts", "barred", "stand_ins", "choice"),
    [
        ([], {}, {}, Choice(None)),
        ([Post(1)], {}, {}, Choice(1)),
        ([Post(1, 2)], {1: "party"}, {}, Choice(2, ((1, "party"),))),
        # The stand-in is judged by the same rules.
        ([Post(1, 2)], {1: "party", 2: "inactive"}, {}, Choice(None, ((1, "party"), (2, "inactive")))),
        # A stand-in's own stand-in is asked as well.
        ([Post(1, 2)], {1: "party", 2: "inactive"}, {2: 3}, Choice(3, ((1, "party"), (2, "inactive")))),
        # The stand-in of this post comes before the one the mediator has elsewhere.
        ([Post(1, 2)], {1: "party"}, {1: 9}, Choice(2, ((1, "party"),))),
        # Two people who stand in for each other.
        ([Post(1, 2)], {1: "party", 2: "party"}, {2: 1, 1: 2}, Choice(None, ((1, "party"), (2, "party")))),
        # The next post; nobody is noted twice.
        ([Post(1, 2), Post(2, 4)], {1: "party", 2: "party"}, {}, Choice(4, ((1, "party"), (2, "party")))),
        ([Post(1, 2), Post(3)], {}, {}, Choice(1)),
    ],
)
def test_choose(posts, barred, stand_ins, choice):
    assert choose(posts, barred=barred, stand_ins=stand_ins) == choice


@given(posts, barred_people, deputies)
def test_nobody_barred_is_ever_chosen_and_everybody_free_is_found(posts, barred, stand_ins):
    choice = choose(posts, barred=barred, stand_ins=stand_ins)
    passed = [person for person, _ in choice.passed_over]

    assert choice.chosen not in barred
    assert dict(choice.passed_over).items() <= barred.items()
    assert len(passed) == len(set(passed))
    assert choice.chosen not in passed
    if choice.chosen is None:
        assert {post.mediator for post in posts} | {post.stand_in for post in posts if post.stand_in} <= set(passed)


@given(posts, barred_people, deputies)
def test_a_later_post_is_asked_only_when_all_before_it_are_not_free(posts, barred, stand_ins):
    choice = choose(posts, barred=barred, stand_ins=stand_ins)
    for length in range(len(posts)):
        earlier = choose(posts[:length], barred=barred, stand_ins=stand_ins)
        if earlier.chosen is not None:
            assert choice == earlier
