"""When the house works, over the API."""

import pytest

from approvals.models import SpecialDay, WorkingHours
from approvals.tests.builders import dispute_ahead, make_user
from customers.models import Event, HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

DAYS, HOURS = "/api/v1/special-days/", "/api/v1/working-hours/"
EVE = {"day": "2026-12-24", "name": "Christmas Eve"}


@pytest.fixture
def client():
    return client_of(make_user("alicia", is_superuser=True))


def kept():
    models = (SpecialDay, WorkingHours, Event, HistoryEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_administrators_write_days(client):
    made = client.post(DAYS, EVE)
    assert made.status_code == 201
    assert made.json() == EVE | {"id": SpecialDay.objects.get().pk, "is_worked": False, "source": ""}
    at = f"{DAYS}{made.json()['id']}/"
    changed = client.patch(at, {"is_worked": True}, headers={"If-Match": made["ETag"]})
    assert changed.json() == made.json() | {"is_worked": True}
    before = kept()
    refused(client.patch(at, {"name": "x"}, headers={"If-Match": made["ETag"]}), 412)
    refused(client.post(DAYS, EVE), 400, **{"/day": "unique"})
    refused(client.post(DAYS, {"day": "2026-13-01", "name": "x"}), 400, **{"/day": "invalid"})
    refused(client.post(DAYS, {"day": "2026-12-31"}), 400, **{"/name": "required"})
    refused(client.post(DAYS, {"day": "1999-12-31", "name": "x"}), 400, **{"/day": "out_of_range"})
    assert kept() == before
    assert client.delete(at).status_code == 204
    assert not SpecialDay.objects.exists()


def test_everybody_reads_them_and_nobody_else_writes(client):
    made = client.post(DAYS, EVE).json()
    client.post(DAYS, {"day": "2027-12-24", "name": "Christmas Eve"})
    reader = client_of(make_user("lead"))
    assert [row["day"] for row in reader.get(DAYS).json()["results"]] == ["2026-12-24", "2027-12-24"]
    assert [row["day"] for row in reader.get(f"{DAYS}?year=2027").json()["results"]] == ["2027-12-24"]
    refused(reader.get(f"{DAYS}?year=soon"), 400, year="invalid")
    before, at = kept(), f"{DAYS}{made['id']}/"
    for answer in (
        reader.post(DAYS, {"day": "2026-12-31", "name": "Mine"}),
        reader.patch(at, {"name": "Mine"}),
        reader.delete(at),
        reader.patch(HOURS, {"closes_at": "10:00"}),
    ):
        refused(answer, 403)
    refused(client_of().get(DAYS), 401)
    assert kept() == before


def test_the_list_asks_no_more_with_many_rows(client):
    SpecialDay.objects.create(day="2026-01-01", name="One")
    client.get(DAYS)
    one = queries_of(client, DAYS)
    SpecialDay.objects.bulk_create(SpecialDay(day=f"2026-02-{day:02}", name="More") for day in range(1, 20))
    assert queries_of(client, DAYS) == one


def test_the_hours_of_the_house(client):
    read = client.get(HOURS)
    assert read.json() == {"opens_at": "09:00", "closes_at": "18:00"}
    changed = client.patch(HOURS, {"closes_at": "00:00"}, headers={"If-Match": read["ETag"]})
    assert changed.json() == {"opens_at": "09:00", "closes_at": "00:00"}
    before = kept()
    refused(client.patch(HOURS, {"closes_at": "09:00"}), 400, **{"": "invalid"})
    refused(client.patch(HOURS, {"closes_at": "09:01"}), 400, **{"": "invalid"})
    refused(client.patch(HOURS, {"closes_at": "25:00"}), 400, **{"/closes_at": "invalid"})
    assert kept() == before


def test_a_case_tells_its_terms(client):
    case = dispute_ahead(escalated=False).case
    read = client.get(f"/api/v1/cases/{case.pk}/").json()
    assert (read["hours_to_agree"], read["hours_before_start"]) == (18, 24)
    assert read["settle_before"] is not None
