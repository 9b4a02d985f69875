"""How severe a collision is: base + 30·I + 20·X, rounded half up, with the terms kept for whoever asks why.

Each rule has its base. I (impact, in [0, 1]) says how bad it is where it happens, X (exposure, in [0, 1]) on how much
it happens: the geometric mean of parts such as the shared part of the smaller scope, of the shorter period and of the
smaller audience (overlap coefficients, Szymkiewicz-Simpson: shared / the smaller of the two). A score is at most 100, and
lower where the numbers behind it are estimates or a matter of words.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

BASE, IMPACT, EXPOSURE = 15, 30, 20

# The error of the floating point score is below 1e-13; nearer than this to a border, fractions decide.
BORDER = 1e-9

# Lowest score of each level, the highest level first. The values are those of campaigns.choices.Level. "note" is below
# all scores that a rule can reach by itself: what a rule in observation finds, or one whose base was set low.
LEVELS = ((80, "critical"), (60, "high"), (40, "medium"), (15, "low"), (0, "note"))
RANK = {name: rank for rank, (_, name) in enumerate(reversed(LEVELS))}

# The most that a score can be, by how sure the numbers are.
EXACT, ESTIMATED, HEURISTIC = "exact", "estimated", "heuristic"
CAPS = {EXACT: 100, ESTIMATED: 79, HEURISTIC: 59}


@dataclass(frozen=True)
class Severity:
    """`score` from 0 to 100; `impact` and `exposure` in [0, 1], `impact_points` and `exposure_points` what they add."""

    score: int
    level: str
    impact: float
    exposure: float
    base_points: int = BASE
    certainty: str = EXACT

    @property
    def impact_points(self) -> float:
        return IMPACT * self.impact

    @property
    def exposure_points(self) -> float:
        return EXPOSURE * self.exposure


def weigh(*, base: int, impact: Fraction, parts: Sequence[Fraction], certainty: str = EXACT) -> Severity:
    """base + 30·impact + 20·(geometric mean of `parts`), with all of them in [0, 1]; larger ones count as 1.

    No parts count as full exposure. Exact: fractions decide, so that a score on the border between two is never a matter
    of rounding errors.
    """
    degree = max(1, len(parts))
    exposed = math.prod(min(max(float(part), 0.0), 1.0) for part in parts)
    exposure = exposed ** (1 / degree) if degree != 3 else math.cbrt(exposed)
    bad = min(max(float(impact), 0.0), 1.0)
    value = base + IMPACT * bad + EXPOSURE * exposure + 0.5
    score = math.floor(value)
    if abs(value - round(value)) < BORDER:
        score = round(value) - (not _reaches(round(value), base, impact, parts))
    score = min(score, CAPS[certainty])
    return Severity(score, level_of(score), bad, exposure, base, certainty)


def severity(
    shared_products: int,
    products_a: int,
    products_b: int,
    shared_customers: int,
    audience_a: int,
    audience_b: int,
    days: int,
    days_a: int,
    days_b: int,
) -> Severity:
    """Severity of an overlap of two offers; all sizes are counts above 0, `days` are the shared ones.

    The impact is the shared part of the smaller scope, which also counts for the exposure.
    """
    impact = Fraction(shared_products, min(products_a, products_b))
    people = Fraction(shared_customers, min(audience_a, audience_b))
    return weigh(base=BASE, impact=impact, parts=(impact, people, Fraction(days, min(days_a, days_b))))


def level_of(score: int) -> str:
    return next(name for lowest, name in LEVELS if score >= lowest)


def has_risen(level: str, since: str) -> bool:
    return RANK[level] > RANK[since]


def _reaches(score: int, base: int, impact: Fraction, parts: Sequence[Fraction]) -> bool:
    """Whether base + 30·I + 20·(product of parts ^ 1/their number) is at least score - 1/2, without drawing the root."""
    degree = max(1, len(parts))
    product = math.prod((_part(one) for one in parts), start=Fraction(1))
    rest = score - Fraction(1, 2) - base - IMPACT * _part(impact)
    return rest <= 0 or EXPOSURE**degree * product >= rest**degree


def _part(one: Fraction) -> Fraction:
    return min(max(one, Fraction(0)), Fraction(1))
