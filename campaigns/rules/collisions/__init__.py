"""The collision rules: one module each, with its CODE and what it finds; RULES is the one list of them."""

from campaigns.rules.collisions import overlap

RULES = (overlap,)
