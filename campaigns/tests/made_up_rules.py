"""A rule with numbers to set, listed beside those of the house, so that tests of settings depend on none of them."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from campaigns.rules import collisions
from campaigns.rules.collisions.findings import Option

ECHO = SimpleNamespace(
    CODE="echo",
    find=lambda _plan, _options: (),
    NAME="Echo",
    SUMMARY="Two offers say the same.",
    BASE=30,
    OPTIONS=(
        Option("likeness", "How alike they are", Decimal("0.8"), Decimal("0.5"), Decimal(1)),
        Option("window", "Between them", Decimal(14), Decimal(1), Decimal(90), "days"),
    ),
)


@pytest.fixture
def echo(monkeypatch):
    monkeypatch.setattr(collisions, "RULES", (*collisions.RULES, ECHO))
    return ECHO
