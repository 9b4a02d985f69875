"""Customers' requests on their pages: the list, the form, and the page of one with its buttons."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.models import Answer, CustomerRequest, HandOver
from approvals.tests.asking import (
    ASKED,
    REASON,
    SAID,
    SAID_TOO,
    ask,
    disputed,
    everything,
    hand,
    make_house,
    say,
)
from campaigns.actions import access
from campaigns.tests.factories import NOW
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LIST = reverse("admin:approvals_customerrequest_changelist")
ADD = reverse("admin:approvals_customerrequest_add")
BUTTONS = {"take", "hand-over", "answer", "settle", "close", "withdraw"}


@pytest.fixture
def house():
    return make_house()


def page(request):
    return reverse("admin:approvals_customerrequest_change", args=[request.pk])


def url(request, step):
    return page(request).replace("change", step)


def text_of(answer):
    return answer.content.decode()


def buttons(house, part, request):
    shown = text_of(signed_in(house.people[part]).get(page(request)))
    return {step for step in BUTTONS if f'action="{url(request, step)}"' in shown}


def test_recorded_from_the_form_once_however_often_it_is_sent(house):
    client = signed_in(house.people["marketer"])
    shown = text_of(client.get(f"{ADD}?campaign=MKT-1"))
    assert 'value="MKT-1"' in shown
    key = re.search(r'name="key" value="([0-9a-f]{32})"', shown)[1]
    body = {"channel": "shop", "asked": "Is it\n<open>?", "key": key}
    answer = client.post(ADD, body)
    request = CustomerRequest.objects.get()
    assert answer["Location"] == page(request)
    assert client.post(ADD, body)["Location"] == page(request)
    assert CustomerRequest.objects.count() == 1
    assert "Is it\n&lt;open&gt;?" in text_of(client.get(page(request)))


def test_a_form_with_mistakes_keeps_what_was_typed(house):
    client = signed_in(house.people["marketer"])
    before = everything()
    body = {"channel": "shop", "asked": ASKED, "customer": "nobody", "received_on": "2026-11-02"}
    shown = text_of(client.post(ADD, body))
    assert f"{ASKED}</textarea>" in shown
    assert "At what time?" in shown
    shown = text_of(client.post(ADD, body | {"received_time": "09:00"}))
    assert "There is no customer with this code." in shown
    tomorrow = {"received_on": "2099-01-01", "received_time": "09:00", "customer": ""}
    assert "This moment is still to come." in text_of(client.post(ADD, body | tomorrow))
    assert everything() == before


def test_who_works_in_no_department_records_nothing(house):
    for part in ("analyst", "administrator"):
        client = signed_in(house.people[part])
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, {"channel": "shop", "asked": ASKED}).status_code == 403
        assert ADD not in text_of(client.get(LIST))
    assert not CustomerRequest.objects.exists()


def test_each_reader_has_the_buttons_of_their_part(house):
    request = ask(house)
    assert buttons(house, "marketer", request) == {"hand-over", "answer", "withdraw"}
    assert buttons(house, "lead_MKT", request) == {"take", "hand-over", "answer", "withdraw"}
    assert buttons(house, "administrator", request) == set()
    request = hand(house, request, "marketer", "SAL")
    assert buttons(house, "marketer", request) == {"answer"}
    say(house, request, "seller")
    assert buttons(house, "seller", request) == {"close"}
    say(house, request, "marketer", SAID_TOO)
    assert buttons(house, "seller", request) == set()
    assert buttons(house, "lead_SAL", request) == buttons(house, "lead_MKT", request) == {"settle"}


def test_the_whole_way_by_buttons(house):
    request = ask(house)
    marketer, lead = signed_in(house.people["marketer"]), signed_in(house.people["lead_SAL"])
    sales = house.departments["SAL"]
    assert marketer.post(url(request, "hand-over"), {"department": sales.pk, "reason": REASON}).status_code == 302
    seller = signed_in(house.people["seller"])
    taken = seller.post(url(request, "take"), {"owner": house.people["lead_SAL"].pk})
    assert taken["Location"] == page(request)
    assert seller.post(url(request, "answer"), {"text": SAID}).status_code == 302
    assert marketer.post(url(request, "answer"), {"text": SAID_TOO}).status_code == 302
    shown = text_of(marketer.get(page(request)))
    for word in (ASKED, REASON, SAID_TOO, "One customer, two answers", "Handed over: Mkt → Sal"):
        assert word in shown
    chosen = Answer.objects.get(department=sales)
    assert lead.post(url(request, "settle"), {"answer": chosen.pk, "reason": "Right"}).status_code == 302
    assert seller.post(url(request, "close")).status_code == 302
    assert CustomerRequest.objects.get().state == "closed"
    assert "does not stand" in text_of(marketer.get(page(request)))


def test_the_second_one_loses_clearly_and_loses_no_text(house):
    request = ask(house)
    say(house, request, "lead_MKT")
    client, before = signed_in(house.people["marketer"]), everything()
    shown = text_of(client.post(url(request, "answer"), {"text": SAID_TOO}))
    assert "is in another state by now" in shown
    assert f"{SAID_TOO}</textarea>" in shown
    answer = client.post(url(request, "take"), {"owner": house.people["lead_MKT"].pk}, follow=True)
    assert "is in another state by now" in text_of(answer)
    assert client.post(url(request, "take"), {"owner": "x"}).status_code == 302
    assert client.post(url(request, "settle"), {"answer": "1", "reason": "x"}).status_code in (200, 403)
    assert everything() == before


def test_to_all_others_it_does_not_exist(house):
    request = disputed(house)
    for part in ("stranger", "lead_OTH", "analyst", "lead_SRV"):
        client, before = signed_in(house.people[part]), everything()
        answers = [client.get(page(request)), *(client.post(url(request, step), {"text": "x"}) for step in BUTTONS)]
        assert {answer.status_code for answer in answers} == {404}
        for address in (LIST, f"{LIST}?turn=all", f"{LIST}?q={ASKED[:-1]}", reverse("admin:index")):
            assert ASKED not in text_of(client.get(address))
        assert everything() == before


def test_filters_of_the_list(house):
    mine = ask(house, asked="MINE", now=timezone.now())
    days_ago = timezone.now() - timedelta(days=20)
    ask(house, "lead_MKT", asked="LATE", received_at=days_ago, now=timezone.now())
    away = hand(house, ask(house, asked="AWAY", now=timezone.now()), "marketer", "SAL")
    over = ask(house, asked="OVER", now=timezone.now())
    say(house, over, "marketer")
    client = signed_in(house.people["marketer"])

    def found(query):
        shown = text_of(client.get(f"{LIST}?{query}"))
        return {word for word in ("MINE", "LATE", "AWAY", "OVER") if word in shown}

    assert found("") == {"MINE", "LATE", "AWAY", "OVER"}
    assert found("turn=mine") == {"MINE"}
    assert found("turn=department") == {"MINE", "LATE", "OVER"}
    assert found("turn=contradicted") == set()
    assert found(f"q=S-{mine.pk}") == {"MINE"}
    assert found("q=awa") == {"AWAY"}
    assert found("turn=overdue") == {"LATE"}
    assert away.department == house.departments["SAL"]


def test_what_waits_stands_at_home_and_beside_the_entry(house):
    request = ask(house)
    client = signed_in(house.people["marketer"])
    answer = client.get(reverse("admin:index"))
    assert page(request) in text_of(answer)
    items = [item for group in answer.context["sidebar_navigation"] for item in group["items"]]
    assert {item["title"]: item["badge"] for item in items if item["badge"]} == {"Customer requests": 1}


def test_an_erased_request_shows_nothing_that_was_said(house):
    request = say(house, ask(house), "marketer")
    CustomerRequest.objects.filter(pk=request.pk).update(asked="—", erased_at=NOW)
    Answer.objects.update(text="—")
    client = signed_in(house.people["marketer"])
    shown = text_of(client.get(page(request)))
    assert "The customer&#x27;s data were erased" in shown or "The customer's data were erased" in shown
    assert "Erased with the customer" in text_of(client.get(LIST))


def test_pages_ask_as_often_for_one_as_for_many(house):
    client = signed_in(house.people["marketer"])
    access.join(department=house.departments["SAL"], user=house.people["lead_MKT"], is_lead=True, by=None, now=NOW)
    request = ask(house)
    take = {"department": house.departments["MKT"], "owner": house.people["marketer"]}
    home = reverse("admin:index")
    HandOver.objects.create(
        request=request, from_department=take["department"], to_department=take["department"],
        from_owner=house.people["lead_MKT"], to_owner=take["owner"], by=take["owner"], at=NOW,
    )  # fmt: skip
    one = [queries_of(client, address) for address in (LIST, page(request), home)]
    for number in range(6):
        ask(house, asked=f"{number}")
        HandOver.objects.create(
            request=request, from_department=take["department"], to_department=take["department"],
            from_owner=house.people["lead_MKT"], to_owner=take["owner"], by=take["owner"], at=NOW,
        )  # fmt: skip
    assert [queries_of(client, address) for address in (LIST, page(request), home)] == one
