"""Who mediates: the first person of a chain who is free to judge, with a note on everybody passed over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Post:
    """A mediator's post: who holds it and who stands in. People are user ids."""

    mediator: int
    stand_in: int | None = None


@dataclass(frozen=True)
class Choice:
    """`chosen` is None if nobody is free; `passed_over` says who was not, in the order asked, and why."""

    chosen: int | None
    passed_over: tuple[tuple[int, str], ...] = ()


def choose(posts: Iterable[Post], *, barred: Mapping[int, str], stand_ins: Mapping[int, int] | None = None) -> Choice:
    """Ask the posts in order: the mediator, then the stand-in by the same rules, then the stand-in's own stand-in.

    Args:
        posts: the most specific first.
        barred: user id -> why this person must not judge.
        stand_ins: user id -> stand-in, for people who are not asked through their own post. Chains are followed
            to their end; a circle ends where it closes.
    """
    further = stand_ins or {}
    passed: dict[int, str] = {}
    for post in posts:
        person: int | None = post.mediator
        asked: set[int] = set()
        while person is not None and person not in asked:
            if person not in barred:
                return Choice(person, tuple(passed.items()))
            passed.setdefault(person, barred[person])
            asked.add(person)
            person = post.stand_in if len(asked) == 1 else further.get(person)
    return Choice(None, tuple(passed.items()))
