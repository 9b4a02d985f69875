from datetime import date
from decimal import Decimal

import pytest

from customers.form_fields import DecimalNumberField
from customers.rules.days import WrongDay, check_period, day
from customers.rules.numbers import WrongNumber, decimal, integer

MONEY = {"low": Decimal(0), "high": Decimal("9999999999.99"), "places": 2}


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0", 0), ("12", 12), (" 12 ", 12), ("-7", -7), ("007", 7), (12, 12), ("2147483647", 2**31 - 1)],
)
def test_whole_numbers(typed, number):
    assert integer(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1_000",
        "1,000",
        "1.000,00",
        "1,5",
        "1.0",
        "1e3",
        "٣",
        "１２",
        "²",
        "+5",
        "--5",
        "true",
        "NaN",
        "Infinity",
        "0x10",
        True,
        1.0,
        None,
    ],
)
def test_not_whole_numbers(typed):
    with pytest.raises(WrongNumber) as refused:
        integer(typed)
    read = "true" if typed is True else str(typed)
    assert (refused.value.code, refused.value.message) == ("invalid", f"“{read}” is not a whole number, such as 12")


@pytest.mark.parametrize("typed", ["-1", "1000", "1" + "0" * 30, "9" * 5000])
def test_whole_numbers_out_of_range(typed):
    with pytest.raises(WrongNumber) as refused:
        integer(typed, low=0, high=999)
    read = typed if len(typed) <= 60 else typed[:57] + "..."
    assert refused.value.message == f"“{read}” is out of range: from 0 to 999"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0", "0.00"),
        ("-0", "0.00"),
        ("12.5", "12.50"),
        ("12.500", "12.50"),
        ("9999999999.99",) * 2,
        (Decimal("1E+2"), "100.00"),
    ],
)
def test_decimals(typed, number):
    assert str(decimal(typed, **MONEY)) == number


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("1,5", "“1,5” is not a number: digits and a decimal point, such as 12.50"),
        ("1_000", "“1_000” is not a number: digits and a decimal point, such as 12.50"),
        ("٣", "“٣” is not a number: digits and a decimal point, such as 12.50"),
        ("１２", "“１２” is not a number: digits and a decimal point, such as 12.50"),
        ("1e9999", "“1e9999” is not a number: digits and a decimal point, such as 12.50"),
        ("NaN", "“NaN” is not a number: digits and a decimal point, such as 12.50"),
        ("sNaN", "“sNaN” is not a number: digits and a decimal point, such as 12.50"),
        ("-Infinity", "“-Infinity” is not a number: digits and a decimal point, such as 12.50"),
        (".5", "“.5” is not a number: digits and a decimal point, such as 12.50"),
        (True, "“true” is not a number: digits and a decimal point, such as 12.50"),
        ("-1", "“-1” is out of range: from 0 to 9999999999.99"),
        ("1" + "0" * 30, f"“1{'0' * 30}” is out of range: from 0 to 9999999999.99"),
        ("0.001", "“0.001” has more than 2 decimal places"),
    ],
)  # fmt: skip
def test_wrong_decimals(typed, message):
    with pytest.raises(WrongNumber) as refused:
        decimal(typed, **MONEY)
    assert refused.value.message == message


@pytest.mark.parametrize(("typed", "found"), [("2026-11-30", date(2026, 11, 30)), ("2028-02-29", date(2028, 2, 29))])
def test_days(typed, found):
    assert day(typed) == day(found) == found


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("31.12.26", "“31.12.26” is not a day: write year-month-day, such as 2026-11-30"),
        ("12/31/26", "“12/31/26” is not a day: write year-month-day, such as 2026-11-30"),
        ("2026-1-5", "“2026-1-5” is not a day: write year-month-day, such as 2026-11-30"),
        ("20261130", "“20261130” is not a day: write year-month-day, such as 2026-11-30"),
        ("2026-W48-1", "“2026-W48-1” is not a day: write year-month-day, such as 2026-11-30"),
        ("2026-11-30 00:00", "“2026-11-30 00:00” is not a day: write year-month-day, such as 2026-11-30"),
        ("٢٠٢٦-11-30", "“٢٠٢٦-11-30” is not a day: write year-month-day, such as 2026-11-30"),
        ("46356", "“46356” is how a spreadsheet counts days: write year-month-day, such as 2026-11-30"),
        ("2026-02-30", "“2026-02-30” is no day of any calendar"),
        ("2027-02-29", "“2027-02-29” is no day of any calendar"),
        ("0000-01-01", "“0000-01-01” is no day of any calendar"),
        ("0001-01-01", "“0001-01-01” is no year to plan in: from 2000 to 2200"),
        ("1999-12-31", "“1999-12-31” is no year to plan in: from 2000 to 2200"),
        ("2201-01-01", "“2201-01-01” is no year to plan in: from 2000 to 2200"),
        ("9999-12-31", "“9999-12-31” is no year to plan in: from 2000 to 2200"),
    ],
)  # fmt: skip
def test_wrong_days(typed, message):
    with pytest.raises(WrongDay) as refused:
        day(typed)
    assert refused.value.message == message


def test_a_plan_has_at_least_a_day_and_at_most_two_years():
    first = date(2026, 1, 1)
    check_period(first, first)
    check_period(first, date(2028, 1, 2))
    with pytest.raises(WrongDay, match=r"^the last day 2025-12-31 is before the first day 2026-01-01$"):
        check_period(first, date(2025, 12, 31))
    with pytest.raises(WrongDay, match=r"^from 2026-01-01 to 2028-01-03 is longer than 732 days: check the years$"):
        check_period(first, date(2028, 1, 3))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("40.0000", "40"), ("0.5000", "0.50"), ("12.50", "12.50"), ("0.1250", "0.125"), ("1000.00", "1000"), ("0", "0")],
)
def test_a_form_shows_a_decimal_without_the_zeros_of_its_column(stored, shown):
    field = DecimalNumberField(max_digits=14, decimal_places=4)
    assert field.prepare_value(Decimal(stored)) == shown
    assert field.clean(shown) == Decimal(stored)
