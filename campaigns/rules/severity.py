"""How severe a collision is: 15 + 30·I + 20·X, rounded half up, with both terms kept for whoever asks why.

I (impact) is the part of the smaller scope that is shared. X (exposure) is the geometric mean of that part, the shared
part of the shorter period and the shared part of the smaller audience. All parts are overlap coefficients in [0, 1]
(Szymkiewicz-Simpson): shared / the smaller of the two.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

BASE, IMPACT, EXPOSURE = 15, 30, 20

# Lowest score of each level, the highest level first. The values are those of campaigns.choices.Level.
LEVELS = ((80, "critical"), (60, "high"), (40, "medium"), (0, "low"))
RANK = {name: rank for rank, (_, name) in enumerate(reversed(LEVELS))}


@dataclass(frozen=True)
class Severity:
    """`score` from 0 to 100; `impact` and `exposure` in [0, 1], `impact_points` and `exposure_points` what they add."""

    score: int
    level: str
    impact: float
    exposure: float

    @property
    def base_points(self) -> int:
        return BASE

    @property
    def impact_points(self) -> float:
        return IMPACT * self.impact

    @property
    def exposure_points(self) -> float:
        return EXPOSURE * self.exposure


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

    Exact: fractions decide, so that a score on the border between two is never a matter of rounding errors.
    """
    impact = Fraction(shared_products, min(products_a, products_b))
    cube = impact * Fraction(shared_customers, min(audience_a, audience_b)) * Fraction(days, min(days_a, days_b))
    exposure = math.cbrt(cube)
    score = math.floor(BASE + IMPACT * float(impact) + EXPOSURE * exposure + 0.5)
    while _reaches(score + 1, impact, cube):
        score += 1
    while not _reaches(score, impact, cube):
        score -= 1
    score = min(score, 100)
    return Severity(score, level_of(score), float(impact), exposure)


def level_of(score: int) -> str:
    return next(name for lowest, name in LEVELS if score >= lowest)


def has_risen(level: str, since: str) -> bool:
    return RANK[level] > RANK[since]


def _reaches(score: int, impact: Fraction, cube: Fraction) -> bool:
    """Whether 15 + 30·I + 20·∛cube is at least score - 1/2, without drawing the root."""
    rest = score - Fraction(1, 2) - BASE - IMPACT * impact
    return rest <= 0 or EXPOSURE**3 * cube >= rest**3
