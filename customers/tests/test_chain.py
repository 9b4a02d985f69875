"""The history is chained, and whoever goes behind Concordia's back is found out, on both databases."""

import json
import logging
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from customers.actions import history
from customers.actions.history import Entry
from customers.models import HistoryEntry, HistoryHead
from customers.queries import chain
from customers.rules.chain import FIELDS, digest
from customers.tests.races import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
# In words: NOW as the company's clock shows it.
SHOWN = "2026-11-26 10:00"


@pytest.fixture
def entries():
    """Five, each of a transaction of its own."""
    for number in range(1, 6):
        with transaction.atomic():
            changes = {"name": ("Before", f"Ñandú {number}"), "budget": (None, 1.5)}
            history.write(
                by=None, now=NOW, verb="change", subject=f"campaign:C{number}", changes=changes, key=f"k{number}"
            )
    return list(HistoryEntry.objects.order_by("id"))


def problems(**options):
    return list(chain.find_problems(now=LATER, **options))


def name(seq, verb="change", subject=None):
    return f"entry {seq} ({subject or f'campaign:C{seq}'}, {verb}, {SHOWN})"


def changed(seq, **words):
    if seq == 1:
        return f"{name(seq, **words)} was changed after it was written"
    return f"{name(seq, **words)} was changed after it was written, or entry {seq - 1} before it was replaced"


def newest_is_not(seq, head, **words):
    return f"the newest entry, {name(seq, **words)}, is not the one the head names: entry {head}"


def content_of(seq):
    return HistoryEntry.objects.values_list(*FIELDS).get(seq=seq)


class TestSealing:
    def test_entries_are_numbered_and_chained_to_the_head(self, entries):
        assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
        previous = ""
        for entry in entries:
            previous = digest(entry.seq, content_of(entry.seq), previous)
            assert entry.digest == previous
        assert str(HistoryHead.objects.get()) == f"5:{previous}"
        assert problems() == []

    def test_no_history_is_a_chain_too(self):
        assert problems() == []
        assert chain.head() == chain.Head(0, "")

    def test_many_are_written_in_their_order(self, django_assert_num_queries):
        with django_assert_num_queries(10), transaction.atomic():
            # Savepoints of bulk_create included; begin, insert; then look, begin, lock, read, seal, head, look again.
            history.write_many([Entry("import", f"offer:O{n}") for n in range(50)], by=None, now=NOW)
        rows = HistoryEntry.objects.order_by("seq").values_list("seq", "subject")
        assert list(rows) == [(n + 1, f"offer:O{n}") for n in range(50)]
        assert problems() == []

    def test_more_than_are_sealed_at_once(self, monkeypatch):
        monkeypatch.setattr(history, "AT_ONCE", 3)
        with transaction.atomic():
            history.write_many([Entry("import", f"offer:O{n}") for n in range(7)], by=None, now=NOW)
        assert HistoryHead.objects.get().seq == 7
        assert problems() == []

    def test_what_is_rolled_back_takes_no_number(self, entries):
        with transaction.atomic():
            with transaction.atomic():
                history.write(by=None, now=NOW, verb="undone", subject="campaign:X")
                transaction.set_rollback(True)
            history.write(by=None, now=NOW, verb="done", subject="campaign:Y")
        assert list(HistoryEntry.objects.filter(seq__gt=5).values_list("seq", "verb")) == [(6, "done")]
        assert problems() == []

    def test_an_entry_that_a_dying_process_left_unsealed_is_named_until_the_sweep_comes(self, entries):
        HistoryEntry.objects.create(at=NOW, verb="plan", subject="campaign:X", scope="campaign:X")
        row = HistoryEntry.objects.get(seq=None)
        assert list(chain.find_problems(now=LATER - timedelta(seconds=1))) == []
        assert problems() == [f"the entry of row {row.pk} (campaign:X, plan, {SHOWN}) was written but never sealed"]
        assert history.seal() == 1
        assert problems() == []
        assert HistoryEntry.objects.get(pk=row.pk).seq == 6
        assert history.seal() == 0

    def test_eight_writers_leave_one_chain_without_a_gap(self):
        def write(writer):
            for number in range(50):
                with transaction.atomic():
                    history.write(by=None, now=NOW, verb=f"change {number}", subject=f"campaign:W{writer}")

        together(*(lambda writer=writer: write(writer) for writer in range(8)))
        assert list(HistoryEntry.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 401))
        assert HistoryHead.objects.get().seq == 400
        assert problems() == []
        for writer in range(8):
            verbs = HistoryEntry.objects.filter(subject=f"campaign:W{writer}").order_by("seq")
            assert [entry.verb for entry in verbs] == [f"change {number}" for number in range(50)]

    def test_whoever_writes_history_and_goes_on_does_not_keep_others_from_writing(self):
        """The head is not locked by a transaction that is still open."""
        with transaction.atomic():
            history.write(by=None, now=NOW, verb="import", subject="campaign:LONG")
            if connection.vendor == "postgresql":
                together(self._write_another, seconds=5)
        if connection.vendor == "sqlite":
            self._write_another()
        assert set(HistoryEntry.objects.values_list("seq", flat=True)) == {1, 2}
        assert problems() == []

    @staticmethod
    def _write_another():
        with transaction.atomic():
            history.write(by=None, now=NOW, verb="change", subject="campaign:SHORT")

    def test_the_head_is_logged_once_a_day(self, entries, caplog):
        caplog.set_level(logging.INFO, "customers.actions.history")
        for hours in (0, 1, 13):  # the company's day ends at 23:00 UTC
            history.log_head(now=NOW + timedelta(hours=hours))
        line = f"the history ends at 5:{entries[-1].digest}"
        assert [record.message for record in caplog.records] == [line]
        history.log_head(now=NOW + timedelta(hours=14))
        assert [record.message for record in caplog.records] == [line, line]


class TestTampering:
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("id", "1000000"),
            ("at", "'2026-11-26 09:00:01'"),
            ("actor", "'marta'"),
            ("verb", "'cancel'"),
            ("subject", "'campaign:C9'"),
            ("scope", "'campaign:C9'"),
            ("changes", """'{"name": ["Before", "After"]}'"""),
            ("reason", "'Because.'"),
            ("key", "'other'"),
            ("key", "NULL"),
        ],
    )
    def test_every_column_is_covered(self, entries, behind_our_back, column, value):
        behind_our_back(f"UPDATE customers_historyentry SET {column} = {value} WHERE seq = 3")
        words = {column: value.strip("'")} if column in {"verb", "subject"} else {}
        assert problems() == [changed(3, **words)]

    def test_a_changed_digest(self, entries, behind_our_back):
        behind_our_back(f"UPDATE customers_historyentry SET digest = '{'0' * 64}' WHERE seq = 3")
        assert problems() == [changed(3), changed(4)]

    def test_the_first_entry(self, entries, behind_our_back):
        behind_our_back("UPDATE customers_historyentry SET reason = 'x' WHERE seq = 1")
        assert problems() == [changed(1)]

    def test_a_changed_number(self, entries, behind_our_back):
        behind_our_back("UPDATE customers_historyentry SET seq = 9 WHERE seq = 3")
        assert problems() == [
            "entry 3 is missing",
            "entries 6–8 are missing",
            newest_is_not(9, 5, subject="campaign:C3"),
        ]

    def test_a_forger_who_computes_the_digest_again_is_betrayed_by_the_next_entry(self, entries, behind_our_back):
        forged = list(content_of(3))
        forged[FIELDS.index("reason")] = "Because."
        new = digest(3, forged, entries[1].digest)
        behind_our_back(f"UPDATE customers_historyentry SET reason = 'Because.', digest = '{new}' WHERE seq = 3")
        assert problems() == [changed(4)]

    def test_entries_removed_from_the_middle(self, entries, behind_our_back):
        behind_our_back("DELETE FROM customers_historyentry WHERE seq IN (2, 4)")
        assert problems() == ["entry 2 is missing", "entry 4 is missing"]

    def test_several_entries_in_a_row_and_the_first(self, entries, behind_our_back):
        behind_our_back("DELETE FROM customers_historyentry WHERE seq IN (1, 2)")
        assert problems() == ["entries 1–2 are missing"]

    def test_the_newest_entry_removed(self, entries, behind_our_back):
        behind_our_back("DELETE FROM customers_historyentry WHERE seq = 5")
        assert problems() == ["entry 5 is missing", newest_is_not(4, 5)]

    def test_everything_removed(self, entries, behind_our_back):
        behind_our_back("DELETE FROM customers_historyentry")
        assert problems() == [
            "entries 1–5 are missing",
            "the newest entry, none, is not the one the head names: entry 5",
        ]

    def test_the_head_moved_back_with_the_newest_entry(self, entries, behind_our_back):
        """The chain alone does not see it: the head that somebody kept does."""
        kept = chain.head()
        behind_our_back(
            "DELETE FROM customers_historyentry WHERE seq = 5",
            f"UPDATE customers_historyhead SET seq = 4, digest = '{entries[3].digest}'",
        )
        assert problems() == []
        assert problems(kept=kept) == ["the history ends with entry 4, but the digest of entry 5 was kept"]

    def test_the_head_removed(self, entries, behind_our_back):
        behind_our_back("DELETE FROM customers_historyhead")
        assert problems() == [
            "the head of the history is missing: nobody can tell whether the newest entries were removed"
        ]

    def test_the_head_changed(self, entries, behind_our_back):
        behind_our_back(f"UPDATE customers_historyhead SET digest = '{'0' * 64}'")
        assert problems() == [newest_is_not(5, 5)]

    def test_two_entries_swapped(self, entries, behind_our_back):
        behind_our_back(
            "UPDATE customers_historyentry SET seq = 99 WHERE seq = 2",
            "UPDATE customers_historyentry SET seq = 2 WHERE seq = 4",
            "UPDATE customers_historyentry SET seq = 4 WHERE seq = 99",
        )
        assert problems() == [
            changed(2, subject="campaign:C4"),
            changed(3),
            changed(4, subject="campaign:C2"),
            changed(5),
        ]

    def test_contents_of_two_entries_swapped(self, entries, behind_our_back):
        behind_our_back(
            "UPDATE customers_historyentry SET subject = 'campaign:C4', scope = 'campaign:C4' WHERE seq = 2",
            "UPDATE customers_historyentry SET subject = 'campaign:C2', scope = 'campaign:C2' WHERE seq = 4",
        )
        assert problems() == [changed(2, subject="campaign:C4"), changed(4, subject="campaign:C2")]

    def test_a_forged_entry_at_the_end(self, entries, behind_our_back):
        """With a digest that fits: only the head does not know it."""
        behind_our_back(_copy_of_the_last("6", "NULL", "'0'"))
        row = HistoryEntry.objects.get(seq=6)
        fits = digest(6, content_of(6), entries[-1].digest)
        behind_our_back(f"UPDATE customers_historyentry SET digest = '{fits}' WHERE id = {row.pk}")
        assert problems() == [newest_is_not(6, 5, subject="campaign:C5")]

    def test_a_forged_entry_in_a_gap_made_for_it(self, entries, behind_our_back):
        behind_our_back("DELETE FROM customers_historyentry WHERE seq = 3", _copy_of_the_last("3", "NULL", "'0'"))
        assert problems() == [changed(3, subject="campaign:C5"), changed(4)]

    def test_a_history_written_anew_as_a_whole(self, entries, behind_our_back):
        kept = chain.Head(3, entries[2].digest)
        previous, statements = "", []
        for seq in range(1, 6):
            content = list(content_of(seq))
            content[FIELDS.index("actor")] = "marta"
            previous = digest(seq, content, previous)
            statements.append(
                f"UPDATE customers_historyentry SET actor = 'marta', digest = '{previous}' WHERE seq = {seq}"
            )
        behind_our_back(*statements, f"UPDATE customers_historyhead SET digest = '{previous}'")
        assert problems() == []
        assert problems(kept=kept) == [f"{name(3)} is not the one whose digest was kept: the history was written anew"]

    def test_a_seal_broken_open_is_a_gap_and_not_healed_by_a_new_one(self, entries, behind_our_back):
        behind_our_back("UPDATE customers_historyentry SET seq = NULL, digest = NULL WHERE seq = 5")
        history.seal()
        assert problems() == ["entry 5 is missing"]

    @pytest.mark.parametrize("page", [1, 2, 4])
    def test_the_same_is_found_page_by_page(self, entries, behind_our_back, monkeypatch, page):
        monkeypatch.setattr(chain, "PAGE", page)
        behind_our_back(
            "UPDATE customers_historyentry SET verb = 'x' WHERE seq = 2",
            "DELETE FROM customers_historyentry WHERE seq = 4",
        )
        assert problems() == [changed(2, verb="x"), "entry 4 is missing"]

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps values to their type")
    @pytest.mark.parametrize(
        ("column", "value"),
        [("at", "'2026-13-45 09:00:00'"), ("actor", "CAST(x'ff' AS TEXT)")],
    )
    def test_a_value_that_cannot_be_read_is_named(self, entries, behind_our_back, column, value):
        behind_our_back(f"UPDATE customers_historyentry SET {column} = {value} WHERE seq = 3")
        told = f"entry 3 (row {entries[2].pk}) was changed after it was written: it cannot be read any more"
        assert problems() == [told]

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps values to their type")
    def test_a_number_that_is_none(self, entries, behind_our_back):
        behind_our_back("UPDATE customers_historyentry SET seq = 'abc' WHERE seq = 3")
        assert problems() == [
            "entry 3 is missing",
            f"the entry of row {entries[2].pk} has no number any more: it was changed",
        ]


def _copy_of_the_last(seq, key, stored):
    columns = "at, actor, verb, subject, scope, changes, reason"
    return (
        f"INSERT INTO customers_historyentry ({columns}, key, seq, digest) "
        f"SELECT {columns}, {key}, {seq}, {stored} FROM customers_historyentry WHERE seq = 5"
    )


class TestCommand:
    def run(self, *options):
        out = StringIO()
        try:
            call_command("verify_history", *options, stdout=out, stderr=StringIO())
        except CommandError as error:
            return str(error), out.getvalue()
        return "", out.getvalue()

    def test_an_intact_history(self, entries):
        head = str(HistoryHead.objects.get())
        assert self.run() == ("", f"5 entries, each as it was written. The head is {head}\n")
        assert self.run("--head", head) == self.run()
        failure, output = self.run("--json")
        assert failure == ""
        assert json.loads(output) == {"ok": True, "head": head, "entries": 5, "problems": []}

    def test_a_problem_ends_with_exit_code_1(self, entries, behind_our_back):
        behind_our_back("DELETE FROM customers_historyentry WHERE seq = 2")
        head = str(HistoryHead.objects.get())
        failure = "1 problem: the history is not what was written."
        assert self.run() == (failure, f"entry 2 is missing\nThe head is {head}\n")
        told, output = self.run("--json")
        assert told == failure
        assert json.loads(output) == {"ok": False, "head": head, "entries": 4, "problems": ["entry 2 is missing"]}

    def test_another_head_than_the_one_kept(self, entries):
        failure, output = self.run("--head", "2:" + "0" * 64)
        assert failure == "1 problem: the history is not what was written."
        assert output.startswith(f"{name(2)} is not the one whose digest was kept")

    @pytest.mark.parametrize(
        "text", ["17", "17:abc", ":" + "0" * 64, "x:" + "0" * 64, "٣:" + "0" * 64, "1:" + "Z" * 64]
    )
    def test_what_is_no_head(self, text):
        assert self.run("--head", text)[0].endswith(
            f"“{text}” is not a head, such as 17 and 64 hex digits after a colon."
        )
