from decimal import Decimal

import pytest

from campaigns.rules.figures import figures, readings


@pytest.mark.parametrize(
    ("number", "values"),
    [
        ("20", ["20"]),
        ("12,5", ["12.5"]),
        ("12.50", ["12.5"]),
        ("1.500", ["1500", "1.5"]),
        ("1,500", ["1500", "1.5"]),
        ("1,234.50", ["1234.5"]),
        ("1.234,50", ["1234.5"]),
        ("1.234.567", ["1234567"]),
        ("1 234,50", ["1234.5"]),
        ("1,234.567", ["1234.567"]),
    ],
)
def test_readings(number, values):
    assert readings(number) == {Decimal(value) for value in values}


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Save 20% now", [("20%", True, "20")]),
        ("Ahorra un 12,5 % hoy", [("12,5 %", True, "12.5")]),
        ("-30% on everything", [("30%", True, "30")]),
        ("un 20 por ciento menos", [("20 por ciento", True, "20")]),
        ("20 per cent off", [("20 per cent", True, "20")]),
        ("Only $9.99!", [("$9.99", False, "9.99")]),
        ("Solo 9,99 €.", [("9,99 €", False, "9.99")]),
        ("por 1.234,50 euros", [("1.234,50 euros", False, "1234.5")]),
        ("USD 1,234.50 off", [("USD 1,234.50", False, "1234.5")]),
        ("10 USD off", [("10 USD", False, "10")]),
        ("Antes 20 €, ahora 15 €", [("20 €", False, "20"), ("15 €", False, "15")]),
        (
            "US$5 or 25 dollars or 5 dólares",
            [("US$5", False, "5"), ("25 dollars", False, "25"), ("5 dólares", False, "5")],
        ),
        ("€12.", [("€12", False, "12")]),
        ("2 for 1 until 24/12/2026, model P20", []),
        ("20 percentiles, 10 europeos, 12 pen sets", []),
        ("", []),
    ],
)
def test_figures_of_a_sentence(text, stated):
    expected = [(written, is_percent, {Decimal(value)}) for written, is_percent, value in stated]
    assert [(one.text, one.is_percent, one.readings) for one in figures(text)] == expected
