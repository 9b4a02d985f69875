"""Who mediates: of everybody whose mandate holds the case, the first one who is free to judge.

The most specific mandate comes first: that for both departments together, then that for a category of the products,
for one of the departments, for a business unit, for every case. Among equal ones the one for severe cases alone comes
first, then whoever has the fewest cases, then the older mandate. Behind each holder stands the chain of stand-ins. Who is
passed over is noted with a reason. Who has as many cases as their mandate lets them is passed over too, unless nobody else
is free: then the one of them with the fewest decides, as a case without a mediator helps nobody.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

PAIR, CATEGORY, DEPARTMENT, UNIT, DEFAULT = "pair", "category", "department", "unit", "default"
SPECIFICITY = (PAIR, CATEGORY, DEPARTMENT, UNIT, DEFAULT)

# Why somebody is passed over, beside the reasons of approvals.queries.impartiality and the kinds of recusals.
LOAD, DISMISSED = "load", "dismissed"


@dataclass(frozen=True)
class Post:
    """A mandate that holds the case. `mediator` and `stand_in` are user ids, `pk` tells mandates apart.

    `from_rank`: the least level of cases, as a number that grows with the level. `most_cases`: how many of them somebody
    decides at once; None = any number. `is_later`: given after the case went to mediation, so asked after the others.
    """

    pk: int
    mediator: int
    stand_in: int | None = None
    scope: str = DEFAULT
    from_rank: int = 0
    most_cases: int | None = None
    is_later: bool = False


@dataclass(frozen=True)
class Choice:
    """`chosen`, who is None if nobody is free, holds `post`, or stands in for whoever does (`is_stand_in`).

    `passed_over` names everybody who was asked before and not chosen, once, in the order asked, and why. `is_full`: they
    have as many cases as their mandate lets them, and nobody else is free.
    """

    chosen: int | None
    passed_over: tuple[tuple[int, str], ...] = ()
    post: Post | None = None
    is_full: bool = False

    @property
    def is_stand_in(self) -> bool:
        return self.post is not None and self.chosen != self.post.mediator


def choose(
    posts: Collection[Post],
    *,
    rank: int = 0,
    barred: Mapping[int, str] | None = None,
    loads: Mapping[int, int] | None = None,
    stand_ins: Mapping[int, int] | None = None,
) -> Choice:
    """The person who decides; the order in which `posts` come makes no difference.

    Args:
        rank: the level of the case, as a number.
        barred: user id -> why this person must not judge.
        loads: user id -> how many cases they have to decide; none for who is missing.
        stand_ins: user id -> stand-in, for people who are not asked through their own post. Chains are followed
            to their end; a circle ends where it closes.
    """
    barred, loads, further = barred or {}, loads or {}, stand_ins or {}
    passed: dict[int, str] = {}
    full: dict[int, Post] = {}
    for post in in_order(posts, rank=rank, loads=loads):
        for person in _line(post, further):
            if person in barred:
                passed.setdefault(person, barred[person])
            elif post.most_cases is not None and loads.get(person, 0) >= post.most_cases:
                passed.setdefault(person, LOAD)
                full.setdefault(person, post)
            else:
                return Choice(person, _but(person, passed), post)
    if not full:
        return Choice(None, tuple(passed.items()))
    least = min(full, key=lambda person: loads.get(person, 0))  # the first one asked, among equal ones
    return Choice(least, _but(least, passed), full[least], is_full=True)


def in_order(posts: Collection[Post], *, rank: int = 0, loads: Mapping[int, int] | None = None) -> list[Post]:
    """Those that hold a case of this level, as they are asked."""
    carried = loads or {}
    return sorted(
        (post for post in posts if post.from_rank <= rank),
        key=lambda post: (
            post.is_later,
            SPECIFICITY.index(post.scope),
            -post.from_rank,
            carried.get(post.mediator, 0),
            post.pk,
        ),
    )


def _line(post: Post, stand_ins: Mapping[int, int]) -> Iterator[int]:
    """The holder of the post, then the stand-in, then the stand-in's own stand-in: everybody once."""
    person: int | None = post.mediator
    asked: set[int] = set()
    while person is not None and person not in asked:
        yield person
        asked.add(person)
        person = post.stand_in if len(asked) == 1 else stand_ins.get(person)


def _but(chosen: int, passed: Mapping[int, str]) -> tuple[tuple[int, str], ...]:
    """Who is full by one mandate may be chosen by another."""
    return tuple((person, why) for person, why in passed.items() if person != chosen)
