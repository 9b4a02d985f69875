"""Made-up plans of three sizes: the same seed gives the same plan on every machine.

Sizes of segments, popularity of products and lengths of offers are skewed as real ones are: a few large, many small.
Days begin in 2100, so that a plan lies ahead whenever it is made.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FIRST_DAY = date(2100, 1, 4).toordinal()
DAYS = 364
DEPARTMENTS, CHANNELS = 8, 5
PRODUCTS, CATEGORIES = 50_000, 1_000
# Mean part of all customers in a segment.
DENSITY = 0.0285
# Offers on dozens of categories and thousands of products; one of them is also for everybody, for half a year.
LARGE = 10


@dataclass(frozen=True)
class Size:
    offers: int
    segments: int
    customers: int


SIZES = {"S": Size(1_000, 50, 100_000), "M": Size(10_000, 500, 1_000_000), "L": Size(100_000, 2_000, 1_000_000)}


@dataclass(frozen=True)
class Plan:
    """Arrays; ids count from 1, `ends` is exclusive, days are ordinals.

    `audiences`: a segment, 0 = everybody. `channels`: bits, 0 = every channel. `category_of[p - 1]` is of product p.
    `named`, `whole` and `left_out` have two columns: offer and product or category. Products named stand outside of the
    categories of their offer, those left out inside. `members[s - 1]`: sorted customer numbers, from 0.
    """

    customers: int
    category_of: Ints
    starts: Ints
    ends: Ints
    departments: Ints
    audiences: Ints
    channels: Ints
    named: Ints
    whole: Ints
    left_out: Ints
    members: list[NDArray[np.uint32]]

    @property
    def category_sizes(self) -> Ints:
        """By category, from 0: none has the number 0."""
        return np.bincount(self.category_of, minlength=CATEGORIES + 1)

    def postings(self) -> Ints:
        """Columns offer, kind, key, weight; see campaigns.models.OfferItem."""
        products = np.concatenate([self.named, self.left_out])
        weights = np.repeat([1, -1], [len(self.named), len(self.left_out)])
        groups, place = np.unique(
            np.stack([products[:, 0], self.category_of[products[:, 1] - 1]], 1), axis=0, return_inverse=True
        )
        sums = np.bincount(place.reshape(-1), weights, len(groups)).astype(np.int64)
        return np.concatenate(
            [
                _posting(products, 0, weights),
                _posting(self.whole, 1, self.category_sizes[self.whole[:, 1]]),
                _posting(groups, 2, sums),
            ]
        )

    def membership(self) -> dict[str, NDArray[Any]]:
        lengths = [len(numbers) for numbers in self.members]
        return {
            "segment": np.repeat(np.arange(1, len(lengths) + 1, dtype=np.int16), lengths),
            "customer": np.concatenate(self.members).astype(np.int32),
        }


def _posting(rows: Ints, kind: int, weights: Ints) -> Ints:
    return np.stack([rows[:, 0], np.full(len(rows), kind), rows[:, 1], weights], 1)


def make(size: Size, seed: int) -> Plan:
    dice = np.random.default_rng(seed)
    category_of = 1 + dice.choice(CATEGORIES, PRODUCTS, p=_skewed(CATEGORIES, 0.5))
    category_of[:CATEGORIES] = np.arange(1, CATEGORIES + 1)  # none is empty
    starts, ends = _periods(dice, size.offers)
    audiences = 1 + dice.choice(size.segments, size.offers, p=dice.permutation(_skewed(size.segments, 0.2)))
    audiences[dice.random(size.offers) < 0.03] = 0
    channels = np.where(dice.random(size.offers) < 0.3, 0, _bit(dice, size.offers) | _bit(dice, size.offers))
    large = dice.choice(size.offers, LARGE, replace=False)
    audiences[large[0]], channels[large[0]] = 0, 0
    starts[large[0]], ends[large[0]] = FIRST_DAY + 90, FIRST_DAY + 270
    named, whole, left_out = _scopes(dice, size.offers, category_of, large)
    return Plan(
        customers=size.customers,
        category_of=category_of,
        starts=starts,
        ends=ends,
        departments=dice.integers(1, DEPARTMENTS + 1, size.offers),
        audiences=audiences,
        channels=channels,
        named=named,
        whole=whole,
        left_out=left_out,
        members=_members(dice, size),
    )


def _skewed(count: int, exponent: float) -> NDArray[np.float64]:
    weights = np.arange(1, count + 1) ** -exponent
    return np.asarray(weights / weights.sum())


def _bit(dice: np.random.Generator, count: int) -> Ints:
    return 1 << dice.integers(0, CHANNELS, count)


def _periods(dice: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    lengths = dice.choice([1, 3, 5, 7, 7, 7, 14, 21], count)
    lengths[dice.random(count) < 0.001] = 180
    starts = FIRST_DAY + dice.integers(0, DAYS, count)
    return starts, starts + lengths


def _scopes(dice: np.random.Generator, offers: int, category_of: Ints, large: Ints) -> tuple[Ints, Ints, Ints]:
    """Products named, whole categories, and products left out of them."""
    products = dice.geometric(0.1, offers) * (dice.random(offers) < 0.9)
    categories = dice.choice([0, 0, 0, 0, 1, 1, 2], offers)
    products[large], categories[large] = 2_000, 40
    products[(products == 0) & (categories == 0)] = 1
    whole = _rows(dice, categories, dice.permutation(_skewed(CATEGORIES, 0.2)))
    picked = _rows(dice, products, dice.permutation(_skewed(PRODUCTS, 0.2)))
    named = picked[~_inside(picked, whole, category_of)]
    # A twentieth of the whole categories lacks the first product that is theirs.
    lacking = whole[dice.random(len(whole)) < 0.05]
    left_out = np.stack([lacking[:, 0], lacking[:, 1]], 1)  # product c is in category c
    return named, whole, left_out


def _rows(dice: np.random.Generator, counts: Ints, chances: NDArray[np.float64]) -> Ints:
    """Two columns: each offer as often as `counts` says, with something picked by chance; none twice."""
    offers = np.repeat(np.arange(1, len(counts) + 1), counts)
    picked = 1 + dice.choice(len(chances), len(offers), p=chances)
    return np.unique(np.stack([offers, picked], 1), axis=0)


def _inside(products: Ints, whole: Ints, category_of: Ints) -> NDArray[np.bool_]:
    """Which rows (offer, product) name a product of a whole category of the same offer."""
    return np.isin(
        products[:, 0] * (CATEGORIES + 1) + category_of[products[:, 1] - 1],
        whole[:, 0] * (CATEGORIES + 1) + whole[:, 1],
    )


def _members(dice: np.random.Generator, size: Size) -> list[NDArray[np.uint32]]:
    """The first is the largest; every third lies in one stretch of numbers, every twentieth is tiny, the last is empty."""
    sizes = (_skewed(size.segments, 0.5) * DENSITY * size.customers * size.segments).astype(int)
    sizes[19::20] = 40
    sizes[-1] = 0
    found = []
    for number, wanted in enumerate(sizes):
        room = min(size.customers, 2 * wanted) if number % 3 == 2 else size.customers
        first = int(dice.integers(0, size.customers - room + 1))
        chosen = np.zeros(room, bool)
        # Numbers come twice by chance, so a little more than wanted.
        chosen[dice.integers(0, room, int(-room * np.log1p(-wanted / room))) if wanted else slice(0)] = True
        found.append((first + np.flatnonzero(chosen)).astype(np.uint32))
    return found


def save(plan: Plan, folder: Path) -> None:
    arrays: dict[str, Any] = {name: value for name, value in vars(plan).items() if name != "members"}
    lengths = [len(numbers) for numbers in plan.members]
    np.savez(folder / "plan.npz", lengths=lengths, numbers=np.concatenate(plan.members), **arrays)


def load(folder: Path) -> Plan:
    with np.load(folder / "plan.npz") as arrays:
        values = {name: arrays[name] for name in arrays.files}
    members = np.split(values.pop("numbers"), values.pop("lengths").cumsum()[:-1])
    return Plan(**values | {"customers": int(values["customers"]), "members": members})


def write(folder: Path, *, size: str, seed: int) -> None:
    save(make(SIZES[size], seed), folder)
