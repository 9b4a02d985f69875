from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import SpecialDay, WorkingHours
from approvals.tests.builders import dispute_ahead
from campaigns.tests.factories import lead_of, make_department, make_user
from customers.models import HistoryEntry
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

LIST = "admin:approvals_specialday_changelist"
HOURS = "admin:approvals_workinghours_change"


@pytest.fixture
def root():
    return make_user("root", is_superuser=True)


def days(*texts, source=""):
    return SpecialDay.objects.bulk_create(
        SpecialDay(day=date.fromisoformat(text), name=f"Day {text}", source=source) for text in texts
    )


def text_of(client, address):
    return client.get(address).content.decode()


def test_administrators_add_change_and_delete_days(root):
    client = signed_in(root)
    body = {"day": "2026-12-24", "name": "Christmas Eve"}
    assert client.post(reverse("admin:approvals_specialday_add"), body).status_code == 302
    row = SpecialDay.objects.get()
    again = client.post(reverse("admin:approvals_specialday_add"), body)
    assert (again.status_code, SpecialDay.objects.count()) == (200, 1)
    change = reverse("admin:approvals_specialday_change", args=[row.pk])
    assert client.post(change, body | {"is_worked": "on"}).status_code == 302
    assert SpecialDay.objects.get().is_worked
    delete = reverse("admin:approvals_specialday_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert not SpecialDay.objects.exists()
    verbs = HistoryEntry.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["put_special_day", "put_special_day", "remove_special_day"]


def test_everybody_reads_and_nobody_else_writes():
    (row,) = days("2026-12-24")
    client = signed_in(lead_of(make_department("CRM")))
    assert "Day 2026-12-24" in text_of(client, reverse(LIST))
    body = {"day": "2026-12-26", "name": "Mine"}
    for name, args in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        address = reverse(f"admin:approvals_specialday_{name}", args=args)
        assert client.post(address, body | {"post": "yes"}).status_code == 403
    assert client.post(reverse(HOURS, args=[1]), {"opens_at": "10:00", "closes_at": "11:00"}).status_code == 403
    assert SpecialDay.objects.get().name == "Day 2026-12-24"
    assert WorkingHours.objects.get().opens_at == time(9)


def test_the_list_is_filtered_by_year(root):
    days("2026-12-24", "2027-12-24")
    client = signed_in(root)
    assert "Day 2026-12-24" not in text_of(client, f"{reverse(LIST)}?year=2027")
    assert "Day 2027-12-24" in text_of(client, f"{reverse(LIST)}?year=2027")
    for nonsense in ("²", "99999999999", "x"):
        assert "Day 2" not in text_of(client, f"{reverse(LIST)}?year={nonsense}")


def test_the_list_says_when_the_days_off_end_soon(root):
    client = signed_in(root)
    days("2020-12-25")
    assert "are known until" not in text_of(client, reverse(LIST))
    days("2021-12-25", source="ES")
    text = text_of(client, reverse(LIST))
    assert "The days off are known until 31 Dec 2021 only" in text
    assert "from 09:00 to 18:00" in text


def test_the_list_asks_no_more_with_many_rows(root):
    client = signed_in(root)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(reverse(LIST))
        return len(found)

    days("2026-01-01")
    queries()
    one = queries()
    days(*(f"2026-02-{number:02}" for number in range(1, 21)))
    assert queries() == one


def test_the_hours_are_one_form(root):
    client = signed_in(root)
    assert client.get(reverse("admin:approvals_workinghours_changelist")).url == reverse(HOURS, args=[1])
    address = reverse(HOURS, args=[1])
    refused = client.post(address, {"opens_at": "10:00", "closes_at": "09:00"})
    assert "The working day begins before it ends." in refused.content.decode()
    never = client.post(address, {"opens_at": "10:00", "closes_at": "10:01"})
    assert "would not come within a year" in never.content.decode()
    assert WorkingHours.objects.get().opens_at == time(9)
    assert client.post(address, {"opens_at": "08:00", "closes_at": "00:00"}).status_code == 302
    stored = WorkingHours.objects.get()
    assert (stored.opens_at, stored.closes_at) == (time(8), time(0))


def test_the_page_of_a_case_says_by_which_terms_it_runs():
    dispute = dispute_ahead(escalated=False)
    address = reverse("admin:approvals_case_change", args=[dispute.case.pk])
    text = text_of(signed_in(dispute.leads[0]), address)
    assert "Terms of this case: 18 working hours since" in text
    assert "24 hours before the first collision begins" in text
