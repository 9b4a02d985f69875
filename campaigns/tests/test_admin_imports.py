"""The pages of imports: sending files, following a run, and reading what was wrong with it."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns.actions.uploads import work_off
from campaigns.models import Department, ImportRun
from campaigns.tests import factories as make
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

UPLOAD = reverse("admin:campaigns_importrun_upload")
GOOD = b"code,name\nCRM,CRM\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "uploads"


@pytest.fixture
def analyst():
    return make.make_analyst()


def send(client, files, **data):
    sent = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return client.post(UPLOAD, {"files": sent} | data)


def page(run):
    return reverse("admin:campaigns_importrun_change", args=[run.pk])


def test_files_are_sent_followed_and_imported(analyst):
    client = signed_in(analyst)
    answer = send(client, {"departments.csv": GOOD, "channels.csv": b"code,name\nmail,Mail\n"})
    run = ImportRun.objects.get()
    assert answer.url == page(run)
    waiting = client.get(page(run)).content.decode()
    assert "Waits for a worker" in waiting
    assert 'http-equiv="refresh"' in waiting
    ImportRun.objects.update(at={"step": "departments", "done": 1, "of": 4}, state="writing")
    text = client.get(page(run)).content.decode()
    assert "Writing departments" in text
    assert 'value="1" max="4"' in text
    work_off(now=make.NOW + timedelta(hours=1))
    text = client.get(page(run)).content.decode()
    assert "2 changes." in text
    assert 'http-equiv="refresh"' not in text
    assert Department.objects.get().code == "CRM"


def test_check_only_is_a_button_of_its_own(analyst):
    client = signed_in(analyst)
    send(client, {"departments.csv": GOOD}, dry_run="1")
    work_off(now=make.NOW)
    text = client.get(page(ImportRun.objects.get())).content.decode()
    assert "Checked: 1 row, nothing written." in text
    assert not Department.objects.exists()


def test_the_same_files_again_say_that_nothing_changed(analyst):
    client = signed_in(analyst)
    for _time in range(2):
        send(client, {"departments.csv": GOOD})
        work_off(now=make.NOW)
    assert "0 changes." in client.get(page(ImportRun.objects.first())).content.decode()


def test_problems_are_listed_and_can_be_taken_away_as_text(analyst):
    client = signed_in(analyst)
    rows = b"".join(b"=1+%d,\n" % n for n in range(150))
    send(client, {"departments.csv": b"code,name,=cmd|x\n"})
    send(client, {"departments.csv": b"code,name\n" + rows})
    work_off(now=make.NOW)
    many, odd = ImportRun.objects.all()
    text = client.get(page(many)).content.decode()
    assert "150 problems: nothing was written." in text
    assert text.count("this cell must not be empty") == 100
    assert "The first 100 of 150." in text
    answer = client.get(reverse("admin:campaigns_importrun_problems", args=[many.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="import-{many.pk}-problems.csv"'
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[:2] == [
        ["table", "row", "column", "problem"],
        ["departments", "2", "name", "this cell must not be empty"],
    ]
    assert len(lines) == 151
    answer = client.get(reverse("admin:campaigns_importrun_problems", args=[odd.pk]))
    (line,) = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    assert line[:3] == ["departments", "1", "'=cmd|x"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "Choose a ZIP file or the files of the tables."),
        ({"a.zip": b"x"}, "The ZIP file is damaged, or is none: pack it anew."),
        ({"<b>.csv": b"x"}, "“&lt;b&gt;.csv” is no table: files are named departments"),
        ({"../../etc/passwd": b"x"}, "“passwd” is no table: files are named departments"),
        ({"departments.csv": b"x" * (1 << 20) + b"x"}, "The files are larger than 1 MB together."),
    ],
)
def test_what_is_no_table_is_refused_beside_the_field(analyst, settings, files, message):
    settings.IMPORT_UPLOAD_MB = 1
    answer = send(signed_in(analyst), files)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not ImportRun.objects.exists()
    root = Path(settings.UPLOAD_DIR)
    assert not root.exists() or list(root.iterdir()) == []


def test_a_request_that_is_too_large_is_not_even_read(analyst, settings):
    settings.IMPORT_UPLOAD_MB = 1
    answer = send(signed_in(analyst), {"departments.csv": b"x" * (2 << 20)})
    assert answer.status_code == 413
    assert "The files are larger than 1 MB together." in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_form_of_another_site_sends_nothing(analyst):
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)
    assert send(client, {"departments.csv": GOOD}).status_code == 403
    assert not ImportRun.objects.exists()


def test_leads_neither_send_nor_read(analyst):
    run = ImportRun.objects.create(source="x", started_at=make.NOW, upload="u", state="queued")
    client = signed_in(make.lead_of(make.make_department()))
    for address in (UPLOAD, page(run), reverse("admin:campaigns_importrun_problems", args=[run.pk])):
        assert client.get(address).status_code == 403
    assert send(client, {"departments.csv": GOOD}).status_code == 403
    assert ImportRun.objects.count() == 1


def test_a_page_asks_as_many_questions_for_many_problems_as_for_one(analyst):
    client = signed_in(analyst)
    runs = [
        ImportRun.objects.create(
            source="x", started_at=make.NOW, finished_at=make.NOW, state="refused",
            problems=[["offers", n, "code", {"en": "wrong"}] for n in range(count)], problem_count=count,
            rows={name: {"created": 1} for name in list("abcdefg")[:count]},
        )
        for count in (1, 500)
    ]  # fmt: skip
    assert queries_of(client, page(runs[0])) == queries_of(client, page(runs[1]))
