"""Imports that come by upload: kept, queued, worked off once, resumed, and taken away afterwards."""

import io
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from campaigns import tasks
from campaigns.actions import uploads
from campaigns.actions.dataset import parcels, runs
from campaigns.actions.import_dataset import import_dataset
from campaigns.actions.uploads import LEASE, request_import, work_off
from campaigns.models import Campaign, Department, ImportRun, Offer
from campaigns.tests import factories as make
from campaigns.tests.dataset_folders import whole, write_csv
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

NOW = make.NOW
GOOD = b"code,name\nCRM,CRM\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "uploads"


@pytest.fixture
def analyst():
    return make.make_analyst()


@pytest.fixture
def kept(settings):
    """What lies in the folder of uploads."""
    return lambda: sorted(path.name for path in Path(settings.UPLOAD_DIR).glob("*/*"))


def packed(files, *, mode=None, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            info.external_attr = (mode or 0o644) << 16
            archive.writestr(info, content)
    return out.getvalue()


def long_contents():
    """A ZIP of 17 files whose table of contents is longer than 1 MiB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(17):
            info = zipfile.ZipInfo(f"{number}.csv")
            info.comment = b"x" * 65535
            archive.writestr(info, b"")
    return out.getvalue()


def zipped(tmp_path, tables=None):
    folder = write_csv(tmp_path / "set", tables or whole())
    return packed({file.name: file.read_bytes() for file in folder.iterdir()})


def ask(by, files, **options):
    sent = [(name, io.BytesIO(content)) for name, content in files.items()]
    return request_import(files=sent, by=by, now=NOW, **{"dry_run": False} | options)


def test_a_zip_is_imported_and_then_taken_away(analyst, tmp_path, kept):
    run = ask(analyst, {"My plans.zip": zipped(tmp_path)})
    assert (run.state, run.source, run.requested_by) == ("queued", "My plans.zip", analyst)
    assert kept() == ["upload.zip"]
    assert not Department.objects.exists()
    assert work_off(now=NOW) == 1
    run.refresh_from_db()
    assert (run.state, run.problem_count, run.finished_at) == ("finished", 0, NOW)
    assert run.rows["campaigns"] == {"created": 3, "updated": 0, "unchanged": 0}
    assert Offer.objects.count() == 3
    assert kept() == []
    entries = HistoryEntry.objects.filter(verb__in=["upload", "import"], subject__regex="^(import|dataset):")
    assert list(entries.order_by("pk").values_list("verb", "subject", "actor")) == [
        ("upload", f"import:{run.pk}", "analyst"),
        ("import", "dataset:My plans.zip", "analyst"),
    ]
    assert work_off(now=NOW) == 0


def test_the_task_works_off_what_waits(analyst):
    ask(analyst, {"departments.csv": GOOD})
    tasks.task_import()
    assert (ImportRun.objects.get().state, Department.objects.get().code) == ("finished", "CRM")


def test_the_same_content_again_changes_nothing(analyst, tmp_path):
    for _time in range(2):
        ask(analyst, {"a.zip": zipped(tmp_path)})
        work_off(now=NOW)
    second = ImportRun.objects.order_by("pk").last()
    changed = {what: n for rows in second.rows.values() for what, n in rows.items() if what != "unchanged" and n}
    assert (second.state, changed) == ("finished", {})


def test_tables_are_sent_one_by_one_under_any_case(analyst):
    ask(analyst, {"Departments.CSV": GOOD})
    assert work_off(now=NOW) == 1
    assert Department.objects.get().code == "CRM"


def test_check_only_writes_nothing_but_its_result(analyst, tmp_path, kept):
    run = ask(analyst, {"a.zip": zipped(tmp_path)}, dry_run=True)
    work_off(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.rows["customers"], run.digest) == ("finished", {"rows": 8}, "")
    assert not Department.objects.exists()
    assert not Campaign.objects.exists()
    assert kept() == []


@pytest.mark.parametrize(("asked", "read"), [("es", "en"), ("en", "es"), ("es", "en-gb")])
def test_problems_are_told_in_the_language_of_whoever_reads(analyst, kept, asked, read):
    with translation.override(asked):
        run = ask(analyst, {"departments.csv": b"code,name\nCRM,\nMKT,\n", "channels.csv": b"code;name\n"})
        work_off(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.problem_count) == ("refused", 3)
    with translation.override(read):
        empty = translation.gettext("this cell must not be empty")
        marks = translation.gettext("the cells are separated by %(found)s: save the file with commas between them")
        problems = run.read_problems()
    assert problems == [
        ("departments", 2, "name", empty),
        ("departments", 3, "name", empty),
        ("channels", 1, "", marks % {"found": "“;”"}),
    ]
    assert not Department.objects.exists()
    assert kept() == []


def test_only_who_works_with_data_sends_files(kept):
    lead = make.lead_of(make.make_department("MKT"))
    with pytest.raises(PermissionDenied):
        ask(lead, {"departments.csv": GOOD})
    assert not ImportRun.objects.exists()
    assert kept() == []


NOT_A_TABLE = (
    "“%s” is no table: files are named departments, channels, products, customers, segments, segment_members, campaigns, "
    "offers, offer_products, offer_categories, each .csv, .xlsx or .parquet."
)
TWO_FOLDERS = "The ZIP file holds several folders: put the tables into one."
DEEP = "“%s” in the ZIP file is a link or lies in a folder of a folder: put the tables at the top."


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "Choose a ZIP file or the files of the tables."),
        ({"departments.csv": GOOD, "a.zip": b""}, "Send one ZIP file, or the files of the tables without one."),
        ({"plan.csv": GOOD}, NOT_A_TABLE % "plan.csv"),
        ({"../departments.csv": GOOD}, NOT_A_TABLE % "../departments.csv"),
        ({"/etc/departments.csv": GOOD}, NOT_A_TABLE % "/etc/departments.csv"),
        ({"departments.csv\x00.png": GOOD}, NOT_A_TABLE % "departments.csv\\u0000.png"),
        ({"departments.csv%00": GOOD}, NOT_A_TABLE % "departments.csv%00"),
        ({"departments.xlsm": GOOD}, NOT_A_TABLE % "departments.xlsm"),
        ({"departments.csv": GOOD, "Departments.csv": GOOD}, "“departments.csv” was sent twice."),
        ({"departments.csv": b"x" * (1 << 20) + b"x"}, "The files are larger than 1 MB together."),
        (
            {"departments.csv": b"x" * (1 << 19), "offers.csv": b"x" * (1 << 20)},
            "The files are larger than 1 MB together.",
        ),
        ({"a.zip": b"no zip"}, "The ZIP file is damaged, or is none: pack it anew."),
        ({"a.zip": packed({"departments.csv": GOOD})[:-30]}, "The ZIP file is damaged, or is none: pack it anew."),
        ({"a.zip": packed({})}, NOT_A_TABLE % ""),
        ({"a.zip": packed({"notes.txt": b""})}, NOT_A_TABLE % "notes.txt"),
        ({"a.zip": packed({"inner.zip": packed({"departments.csv": GOOD})})}, NOT_A_TABLE % "inner.zip"),
        ({"a.zip": packed({"../departments.csv": GOOD})}, DEEP % "../departments.csv"),
        ({"a.zip": packed({"/etc/departments.csv": GOOD})}, DEEP % "/etc/departments.csv"),
        ({"a.zip": packed({"a/b/departments.csv": GOOD})}, DEEP % "a/b/departments.csv"),
        ({"a.zip": packed({"..\\departments.csv": GOOD})}, DEEP % "..\\departments.csv"),
        ({"a.zip": packed({"departments.csv": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)}, DEEP % "departments.csv"),
        ({"a.zip": packed({"a/departments.csv": GOOD, "b/offers.csv": GOOD})}, TWO_FOLDERS),
        ({"a.zip": packed({"departments.csv": GOOD, "DEPARTMENTS.CSV": GOOD})}, "“departments.csv” was sent twice."),
        (
            {"a.zip": packed({"departments.csv": b"0" * (6 << 20)})},
            "Unpacked the ZIP file is larger than 5 MB, or packed suspiciously small: send the tables.",
        ),
        ({"a.zip": packed({f"{n}.csv": b"" for n in range(201)})}, "The ZIP file holds too many files."),
    ],
)
def test_what_is_no_parcel_of_tables_is_refused_and_not_kept(analyst, settings, kept, files, message):
    settings.IMPORT_UPLOAD_MB = 1
    with pytest.raises(ValidationError) as error:
        ask(analyst, files)
    assert error.value.messages == [message]
    assert not ImportRun.objects.exists()
    assert not HistoryEntry.objects.exists()
    assert kept() == []
    assert list(Path(settings.UPLOAD_DIR).iterdir()) == []


def test_a_table_of_contents_that_fills_the_memory_is_not_read(analyst, kept):
    with pytest.raises(ValidationError) as error:
        ask(analyst, {"a.zip": long_contents()})
    assert error.value.messages == ["The ZIP file is damaged, or is none: pack it anew."]
    assert (ImportRun.objects.count(), kept()) == (0, [])


def test_one_folder_in_a_zip_and_what_a_mac_adds_is_no_obstacle(analyst):
    files = {"set/departments.csv": GOOD, "set/.DS_Store": b"", "__MACOSX/set/._departments.csv": b""}
    ask(analyst, {"a.zip": packed(files)})
    work_off(now=NOW)
    assert Department.objects.get().code == "CRM"


def test_a_zip_that_lies_about_its_sizes_is_refused(analyst, settings, kept):
    settings.IMPORT_UPLOAD_MB = 1
    content = bytearray(packed({"departments.csv": GOOD + b"X,Y\n" * 100_000}))
    # The central directory says that there are ten bytes; the packed stream holds more.
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    run = ask(analyst, {"a.zip": bytes(content)})
    work_off(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.problem_count) == ("refused", 1)
    assert run.read_problems() == [("a.zip", 0, "", "The ZIP file is damaged, or is none: pack it anew.")]
    with translation.override("es"):
        spanish = translation.gettext("The ZIP file is damaged, or is none: pack it anew.")
        assert run.read_problems() == [("a.zip", 0, "", spanish)]
    assert not Department.objects.exists()
    assert kept() == []


class Killed(BaseException):
    """As a process that is killed: nothing behind it runs, and no handler of errors sees it."""


def test_a_killed_worker_is_followed_by_another_which_goes_on(analyst, tmp_path, monkeypatch, kept):
    run = ask(analyst, {"a.zip": zipped(tmp_path)})
    finish = runs.Run.finish_step

    def die(self, step):
        finish(self, step)
        if step == "segments":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(runs.Run, "finish_step", die)
        with pytest.raises(Killed):
            work_off(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.tries, kept()) == ("writing", 1, ["tables", "upload.zip"])
    assert run.tables_done == ["departments", "channels", "products", "customers", "segments"]
    assert work_off(now=NOW + LEASE - timedelta(seconds=1)) == 0  # it may still live
    assert work_off(now=NOW + 2 * LEASE) == 1  # however long the first one took
    run.refresh_from_db()
    assert (run.state, run.tries) == ("finished", 2)
    assert run.rows["departments"] == {"created": 2, "updated": 0, "unchanged": 0}
    assert run.rows["campaigns"] == {"created": 3, "updated": 0, "unchanged": 0}
    assert kept() == []


def test_a_worker_that_comes_back_too_late_writes_nothing_more(analyst, tmp_path, monkeypatch, kept):
    run = ask(analyst, {"a.zip": zipped(tmp_path)})
    finish, followed = runs.Run.finish_step, []

    def sleep(self, step):
        finish(self, step)
        if step == "segments" and not followed:
            followed.append(True)
            assert work_off(now=NOW + 2 * LEASE) == 1  # somebody else takes it over meanwhile

    monkeypatch.setattr(runs.Run, "finish_step", sleep)
    work_off(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.tries, run.finished_at, kept()) == ("finished", 2, NOW + 2 * LEASE, [])
    assert run.rows["campaigns"] == {"created": 3, "updated": 0, "unchanged": 0}
    assert HistoryEntry.objects.filter(subject="dataset:a.zip").count() == 1


def test_who_may_no_longer_import_when_it_is_their_turn_does_not(analyst, kept):
    run = ask(analyst, {"departments.csv": GOOD})
    analyst.groups.clear()
    work_off(now=NOW)
    run.refresh_from_db()
    text = "whoever sent this may no longer import"
    assert (run.state, run.read_problems()) == ("refused", [("departments.csv", 0, "", text)])
    assert (Department.objects.count(), kept()) == (0, [])


def test_a_run_that_kills_every_worker_is_given_up(analyst, monkeypatch, kept):
    run = ask(analyst, {"departments.csv": GOOD})

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(uploads, "import_dataset", die)
    later = NOW
    for _time in range(3):
        with pytest.raises(Killed):
            work_off(now=later)
        later += 2 * LEASE
    assert work_off(now=later) == 1
    run.refresh_from_db()
    text = "it was interrupted 3 times; an administrator finds the reason in the log"
    assert (run.state, run.read_problems()) == ("refused", [("departments.csv", 0, "", text)])
    assert kept() == []


def test_an_upload_goes_on_where_a_command_with_the_same_files_stopped(analyst, tmp_path, monkeypatch):
    folder = write_csv(tmp_path / "set", whole())
    finish = runs.Run.finish_step

    def die(self, step):
        finish(self, step)
        if step == "customers":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(runs.Run, "finish_step", die)
        with pytest.raises(Killed):
            import_dataset(folder, by=None, now=NOW)
    run = ask(analyst, {file.name: file.read_bytes() for file in sorted(folder.iterdir())})
    work_off(now=NOW)
    (row,) = ImportRun.objects.all()
    assert (row.pk, row.state) == (run.pk, "finished")
    assert row.rows["departments"] == {"created": 2, "updated": 0, "unchanged": 0}


def test_files_that_vanished_are_told(analyst, settings):
    run = ask(analyst, {"departments.csv": GOOD})
    (Path(settings.UPLOAD_DIR) / run.upload / "departments.csv").unlink()
    (Path(settings.UPLOAD_DIR) / run.upload).rmdir()
    work_off(now=NOW)
    run.refresh_from_db()
    text = "the files are no longer there: upload them again"
    assert (run.state, run.read_problems()) == ("refused", [("departments.csv", 0, "", text)])


def test_folders_of_requests_that_died_are_swept_after_a_day(analyst, settings):
    run = ask(analyst, {"departments.csv": GOOD})
    lost = Path(settings.UPLOAD_DIR) / "lost"
    lost.mkdir()
    work_off(now=NOW - timedelta(days=30))  # long before either was made
    assert lost.exists()
    from django.utils import timezone

    work_off(now=timezone.now() + timedelta(days=2))
    assert not lost.exists()
    run.refresh_from_db()
    assert run.state == "finished"


def test_nobody_elses_account_can_look_into_the_folder(analyst, settings):
    run = ask(analyst, {"departments.csv": GOOD})
    folder = Path(settings.UPLOAD_DIR) / run.upload
    assert len(run.upload) == 32
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_names_of_files_are_those_of_tables():
    assert parcels.ZIP not in {f"{name}{suffix}" for name in parcels.TABLES for suffix in parcels.SUFFIXES}
