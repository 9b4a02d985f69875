from datetime import date
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from approvals.actions import working_time
from approvals.actions.import_days_off import UnknownDays, import_days_off
from approvals.models import SpecialDay
from approvals.queries.working_time import ends_soon, known_until
from approvals.rules.days_off import SourceDay, difference
from campaigns.tests.factories import NOW, lead_of, make_department, make_user
from customers.models import Event, HistoryEntry

CHRISTMAS, MADRID_DAY = date(2026, 12, 25), date(2026, 5, 2)


def run(*options):
    out = StringIO()
    call_command("import_days_off", *options, "--language", "es", stdout=out)
    return out.getvalue().splitlines()


def take(region="ES-MD", years=(2026,), *, write=True, by=None, language="es"):
    return import_days_off(region=region, years=years, write=write, by=by, now=NOW, language=language)


def test_the_difference_leaves_alone_what_was_entered_by_hand():
    one, two, three = date(2026, 1, 1), date(2026, 1, 6), date(2026, 5, 1)
    old, new = SourceDay("Old", is_worked=False), SourceDay("New", is_worked=False)
    found = difference({one: old, two: old}, {one: new, three: new}, by_hand=[three])
    assert (found.added, found.removed, found.changed, found.kept) == ({}, {two: old}, {one: (old, new)}, [three])
    assert list(found.everything()) == [one, two]


@pytest.mark.django_db
class TestImport:
    def test_without_the_flag_it_only_shows(self):
        lines = run("ES-MD", "--years", "2026")
        assert "+ 2026-12-25 Natividad del Señor" in lines
        assert lines[-1].endswith("--write.")
        assert not SpecialDay.objects.exists()
        assert not HistoryEntry.objects.exists()

    def test_with_it_the_days_are_ours(self):
        run("ES-MD", "--years", "2026", "2027", "--write")
        day = SpecialDay.objects.get(day=CHRISTMAS)
        assert (day.name, day.is_worked, day.source) == ("Natividad del Señor", False, "ES-MD")
        entry = HistoryEntry.objects.get()
        assert (entry.verb, entry.actor, entry.subject) == ("import_days_off", "", "business_calendar:ES-MD")
        assert entry.changes["2026-12-25"] == [None, "Natividad del Señor"]
        assert Event.objects.filter(topic=working_time.TOPICS[0]).count() == 1
        assert run("ES-MD", "--years", "2026", "2027", "--write") == [
            "The business calendar has the days off of ES-MD."
        ]
        assert HistoryEntry.objects.count() == 1
        assert known_until() == date(2027, 12, 31)

    def test_another_region_and_other_names_replace_those_that_were_imported(self):
        take("ES-MD")
        found = take("ES-CT", language="ca").found
        assert MADRID_DAY in found.removed
        assert date(2026, 9, 11) in found.added
        assert found.changed[CHRISTMAS] == (
            SourceDay("Natividad del Señor", is_worked=False),
            SourceDay("Nativitat del Senyor", is_worked=False),
        )
        assert set(SpecialDay.objects.values_list("source", flat=True)) == {"ES-CT"}
        assert not SpecialDay.objects.filter(day=MADRID_DAY).exists()

    def test_other_years_and_days_entered_by_hand_stay(self):
        root = make_user("root", is_superuser=True)
        take(years=(2027,))
        working_time.put_day(row=None, day=CHRISTMAS, name="We work", is_worked=True, by=root, now=NOW)
        working_time.put_day(row=None, day=date(2026, 12, 24), name="Closed", is_worked=False, by=root, now=NOW)
        before = SpecialDay.objects.filter(day__year=2027).count()
        assert "= 2026-12-25 was entered by hand and stays as it is" in run("ES-MD", "--years", "2026", "--write")
        assert SpecialDay.objects.get(day=CHRISTMAS).is_worked
        assert SpecialDay.objects.get(day=date(2026, 12, 24)).name == "Closed"
        assert SpecialDay.objects.filter(day__year=2027).count() == before

    def test_weekends_on_which_a_country_works(self):
        take("HU")
        assert SpecialDay.objects.get(day=date(2026, 1, 10)).is_worked

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["XX"], "Nothing is known of “XX”"),
            (["ES-QQ"], "Nothing is known of “ES-QQ”"),
            ([""], "Nothing is known of “”"),
            (["ES", "--years", "1066"], "from 2000 to 2200"),
            (["ES", "--years", "2190"], "No day off of ES is known in 2190"),
        ],
    )
    def test_what_nobody_knows_is_an_error(self, options, said):
        with pytest.raises(CommandError, match=said):
            run(*options, "--write")
        assert not SpecialDay.objects.exists()

    def test_only_administrators_and_the_command_line(self):
        with pytest.raises(PermissionDenied):
            take(by=lead_of(make_department("CRM")))
        assert not SpecialDay.objects.exists()
        with pytest.raises(UnknownDays):
            take(years=(), by=make_user("root", is_superuser=True))


@pytest.mark.django_db
def test_a_table_that_was_imported_and_ends_soon_is_noticed():
    assert (known_until(), ends_soon(date(2026, 9, 3))) == (None, None)
    SpecialDay.objects.create(day=date(2020, 1, 1), name="By hand")
    assert ends_soon(date(2026, 9, 3)) is None
    take(years=(2026,))
    assert ends_soon(date(2026, 9, 2)) is None
    assert ends_soon(date(2026, 9, 3)) == date(2026, 12, 31)
