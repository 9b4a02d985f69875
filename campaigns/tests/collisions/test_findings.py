from decimal import Decimal

import pytest

from campaigns.rules.collisions.findings import Option


@pytest.mark.parametrize(
    ("default", "highest", "unit", "places"),
    [
        ("14", "90", "days", 0),
        ("3", "100", "", 0),
        ("0.8", "1", "", 2),
        ("0.125", "1", "", 3),
        ("5", "100", "%", 2),
    ],
)
def test_an_option_is_as_fine_as_what_it_measures(default, highest, unit, places):
    option = Option("name", "label", Decimal(default), Decimal(0), Decimal(highest), unit)
    assert option.places == places
