"""The collision rules: one module each, with its CODE and what it finds; RULES is the one list of them."""

from collections.abc import Sequence

from campaigns.rules.collisions import overlap
from campaigns.rules.collisions.findings import Rule

RULES: Sequence[Rule] = (overlap,)
