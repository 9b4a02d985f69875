from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import DetectionRun, ImportRun
from campaigns.tests import factories as make
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

IMPORTS, DETECTIONS = (
    reverse("admin:campaigns_importrun_changelist"),
    reverse("admin:campaigns_detectionrun_changelist"),
)


@pytest.fixture
def analyst():
    return make.make_analyst()


def imported(number=1, **fields):
    rows = {"offers": {"created": 1200, "unchanged": 34, "removed": 500}, "segment_members": {"created": 9}}
    state = "finished" if "finished_at" in fields else "writing"
    values = {"source": "/data/set", "digest": f"d{number}", "started_at": make.NOW, "rows": rows, "state": state}
    return ImportRun.objects.create(**values | fields)


def test_an_import_shows_what_was_read_table_by_table(analyst):
    imported(finished_at=make.NOW)
    text = signed_in(analyst).get(IMPORTS).content.decode()
    assert "offers 1,234" in text
    assert "members of segments 9" in text
    assert "1,243" in text
    assert "Finished" in text


def test_an_import_that_stopped_says_how_to_go_on(analyst):
    imported(rows={"resume": {"at": {"offers": 250}, "new_campaigns": {}}})
    text = signed_in(analyst).get(IMPORTS).content.decode()
    assert "import the folder again to go on" in text
    assert "resume" not in text


def test_imports_are_not_for_leads():
    imported()
    client = signed_in(make.lead_of(make.make_department()))
    assert client.get(IMPORTS).status_code == 403
    assert "/data/set" not in client.get(reverse("admin:index")).content.decode()


def test_a_detection_shows_who_asked_and_how_long_it_took(analyst):
    DetectionRun.objects.create(
        requested_at=make.NOW,
        requested_by=analyst,
        started_at=make.NOW,
        finished_at=make.NOW + timedelta(seconds=1.5),
        offers=1197,
        pairs=168,
    )
    text = signed_in(analyst).get(DETECTIONS).content.decode()
    assert "1.5 s" in text
    assert "1,197" in text
    assert "Analyst" in text
    assert 'http-equiv="refresh"' not in text


def test_a_detection_in_parts_shows_how_many_are_done(analyst):
    DetectionRun.objects.create(requested_at=make.NOW, started_at=make.NOW, shards=8, shards_done=3)
    DetectionRun.objects.create(requested_at=make.NOW)
    text = signed_in(analyst).get(DETECTIONS).content.decode()
    assert ">3 of 8<" in text
    assert "0 of 1" not in text
    assert 'http-equiv="refresh"' in text


def test_lists_ask_as_many_questions_for_one_run_as_for_many(analyst):
    client = signed_in(analyst)
    imported()
    DetectionRun.objects.create(requested_at=make.NOW, started_at=make.NOW, finished_at=make.NOW)
    with_one = [queries_of(client, IMPORTS), queries_of(client, DETECTIONS)]
    for number in range(2, 9):
        imported(number, finished_at=make.NOW)
        asked_by = make.make_user()
        DetectionRun.objects.create(
            requested_at=make.NOW, requested_by=asked_by, started_at=make.NOW, finished_at=make.NOW
        )
    assert [queries_of(client, IMPORTS), queries_of(client, DETECTIONS)] == with_one
