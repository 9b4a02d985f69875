"""Days, columns and places of the calendar, without a database."""

from datetime import date, timedelta

import pytest

from campaigns.rules.calendar import SCALES, Filters, Place, Window, Zoom

MONDAY = date(2026, 11, 23)
QUARTER = Window(Zoom.QUARTER, MONDAY)


@pytest.mark.parametrize("zoom", Zoom)
@pytest.mark.parametrize("day", [MONDAY, MONDAY + timedelta(days=6)])
def test_a_window_begins_with_the_week_of_its_day(zoom, day):
    window = Window.around(zoom, day)
    assert window.start == MONDAY
    assert window.columns[0].starts_on == MONDAY
    assert window.columns[-1].ends_before == window.end
    assert window.places * window.scale.place == window.scale.days


def test_the_year_that_has_a_week_53():
    weeks = [column.weeks for column in QUARTER.columns]
    assert weeks[:8] == ["48", "49", "50", "51", "52", "53", "1", "2"]
    assert QUARTER.columns[5].last == date(2027, 1, 3)
    year = Window(Zoom.YEAR, MONDAY)
    assert (year.columns[1].weeks, year.days.weeks) == ("52–2", "48–46")


@pytest.mark.parametrize("zoom", Zoom)
def test_windows_follow_each_other_without_a_gap(zoom):
    window = Window.around(zoom, MONDAY)
    assert Window.around(zoom, window.later).earlier == window.start
    assert Window.around(zoom, window.earlier).end == window.start


@pytest.mark.parametrize("zoom", Zoom)
def test_at_the_ends_of_the_years_to_plan_in_it_goes_no_further(zoom):
    first = Window.around(zoom, date(2000, 1, 1))
    assert (first.start.year, first.start.weekday(), first.earlier) == (2000, 0, None)
    assert Window.around(zoom, date(2200, 12, 31)).later is None


def test_the_last_day_of_a_plan_is_inside_its_bar_and_the_next_is_not():
    place = QUARTER.place(MONDAY, MONDAY + timedelta(days=30))
    assert (place.first, place.last, place.bar_last) == (0, 30, 30)
    assert QUARTER.place_of(MONDAY + timedelta(days=29)) == 29


def test_a_bar_of_one_day_has_room_for_its_name():
    name = SCALES[Zoom.QUARTER].name
    day = MONDAY + timedelta(days=40)
    assert QUARTER.place(day, day + timedelta(days=1)) == Place(
        40, 40 + name, 0, 1, begins_earlier=False, goes_on=False
    )


def test_at_the_right_edge_the_name_stands_before_its_bar():
    name = SCALES[Zoom.QUARTER].name
    place = QUARTER.place(QUARTER.end - timedelta(days=1), QUARTER.end + timedelta(days=9))
    assert place == Place(91 - name, 91, name - 1, name, begins_earlier=False, goes_on=True)
    assert place.is_late


def test_what_begins_before_or_goes_on_after_is_cut_and_said():
    place = QUARTER.place(MONDAY - timedelta(days=1), QUARTER.end + timedelta(days=1))
    assert (place.first, place.last, place.begins_earlier, place.goes_on) == (0, 91, True, True)
    exact = QUARTER.place(MONDAY, QUARTER.end)
    assert (exact.begins_earlier, exact.goes_on) == (False, False)


@pytest.mark.parametrize(("starts", "days", "bar"), [(0, 1, (0, 1)), (6, 2, (0, 2)), (7, 7, (1, 2)), (7, 8, (1, 3))])
def test_in_a_year_a_bar_covers_every_week_it_has_a_day_in(starts, days, bar):
    first = MONDAY + timedelta(days=starts)
    place = Window(Zoom.YEAR, MONDAY).place(first, first + timedelta(days=days))
    assert (place.first + place.bar_first, place.first + place.bar_last) == bar


@pytest.mark.parametrize("zoom", Zoom)
def test_every_place_is_one_that_the_page_can_draw(zoom):
    window = Window(zoom, MONDAY)
    for start in range(-10, window.scale.days):
        for days in (1, 2, 7, 40, 700):
            first = MONDAY + timedelta(days=start)
            if first + timedelta(days=days) <= MONDAY:
                continue
            place = window.place(first, first + timedelta(days=days))
            assert 0 <= place.first < place.last <= window.places
            assert 0 <= place.bar_first < place.bar_last <= place.last - place.first


def test_filters_are_kept_and_read_again():
    chosen = Filters(("CRM",), ("mail", "shop"), ("draft",), mine=True)
    assert Filters.of(chosen.kept()) == chosen
    assert Filters.of({}) == Filters()
    assert chosen
    assert not Filters()
