"""Whether two offers meet, as far as anybody knows: unknown is never "no", and every known dimension counts."""

from collections.abc import Iterable, Iterator

from campaigns.rules.collisions.facts import Meeting, Numbers
from campaigns.rules.collisions.findings import Gap


def may_meet(meeting: Meeting, *, products: bool = True, channels: bool = True, joint: bool = False) -> bool:
    """A common day and, unless ruled out, a customer, a channel and a product; not inside one joint group.

    `products` and `channels` false: the rule does not ask for common ones; `joint`: groups do not matter.
    """
    a, b = meeting.a, meeting.b
    if meeting.days == 0 or (meeting.is_joint and not joint) or (channels and not meeting.channels_meet):
        return False
    if not _may_share(meeting.customers, (a.knows_audience, a.customers), (b.knows_audience, b.customers)):
        return False
    return not products or _may_share(
        len(meeting.products), (a.knows_products, a.products), (b.knows_products, b.products)
    )


def unsaid(meeting: Meeting, *, products: bool = True) -> list[tuple[int, str]]:
    """(offer, what nobody said of it yet): why the two cannot be compared."""
    both = (meeting.a, meeting.b)
    missing = [(one.id, "audience") for one in both if not one.knows_audience]
    return missing + [(one.id, "products") for one in both if products and not one.knows_products]


def _may_share(shared: int, *sides: tuple[bool, Numbers]) -> bool:
    if all(known for known, _ in sides):
        return shared > 0
    return all(numbers for known, numbers in sides if known)


class Gaps:
    """What a rule would have to know first, each once, in the order of the offers."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self._missing: set[tuple[int, str]] = set()

    def add(self, missing: Iterable[tuple[int, str]]) -> bool:
        """Note (offer, what is missing) of each; whether there was any."""
        missing = set(missing)
        self._missing |= missing
        return bool(missing)

    def __iter__(self) -> Iterator[Gap]:
        return (Gap(self.rule, offer, what) for offer, what in sorted(self._missing))
