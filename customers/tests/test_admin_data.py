import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone
from pyroaring import BitMap

from customers.actions.segments import replace_members
from customers.models import Channel, Customer, HistoryEntry, Segment
from customers.permissions import ANALYSTS
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db


def person(name, **fields):
    return User.objects.create_user(name, password="secret", is_staff=True, **fields)


@pytest.fixture
def analyst():
    analyst = person("analyst")
    analyst.groups.add(Group.objects.get(name=ANALYSTS))
    return analyst


@pytest.fixture
def colleague():
    return person("colleague")


@pytest.fixture
def people():
    return Customer.objects.bulk_create(
        [Customer(number=number, code=f"K-{number}", household=f"H{number}") for number in range(3)]
    )


@pytest.fixture
def segment(people):
    segment = Segment.objects.create(code="GOLD", name="Gold", members=BitMap().serialize())
    replace_members(segment=segment, numbers=BitMap([0, 2]), by=None, now=timezone.now())
    return segment


def test_analysts_read_customers_and_write_none(analyst, people):
    client = signed_in(analyst)
    assert "K-1" in client.get(reverse("admin:customers_customer_changelist")).content.decode()
    assert client.get(reverse("admin:customers_customer_change", args=[people[1].pk])).status_code == 200
    assert client.get(reverse("admin:customers_customer_add")).status_code == 403
    assert client.post(reverse("admin:customers_customer_delete", args=[people[1].pk])).status_code == 403
    assert Customer.objects.count() == 3


def test_colleagues_do_not_read_customers(colleague, people):
    client = signed_in(colleague)
    assert client.get(reverse("admin:customers_customer_changelist")).status_code == 403
    answer = client.get(reverse("admin:customers_customer_change", args=[people[0].pk]), follow=True)
    assert "K-0" not in answer.content.decode()


def test_customers_are_found_by_their_whole_code_only(analyst, people):
    client = signed_in(analyst)
    address = reverse("admin:customers_customer_changelist")
    assert client.get(address, {"q": "K-1"}).context["cl"].result_count == 1
    assert client.get(address, {"q": "K-"}).context["cl"].result_count == 0


def test_everybody_reads_the_size_of_a_segment_analysts_also_who_is_in_it(analyst, colleague, segment):
    address = reverse("admin:customers_segment_members", args=[segment.pk])
    everybody = signed_in(colleague)
    text = everybody.get(reverse("admin:customers_segment_changelist")).content.decode()
    assert "Gold" in text
    assert address not in text
    assert everybody.get(address).status_code == 403
    text = signed_in(analyst).get(address).content.decode()
    assert ("K-0" in text, "K-1" in text, "K-2" in text) == (True, False, True)


def test_combined_segments_are_not_listed(colleague, segment):
    Segment.objects.create(
        kind="combined", name="GOLD - NEW", expression={}, expression_hash="x", members=BitMap().serialize()
    )
    text = signed_in(colleague).get(reverse("admin:customers_segment_changelist")).content.decode()
    assert "GOLD - NEW" not in text


def test_administrators_write_channels_and_history_tells(colleague):
    channel = Channel.objects.create(code="app", name="App")
    address = reverse("admin:customers_channel_change", args=[channel.pk])
    values = {"name": "The app", "capacity_per_day": "500", "quiet_from": "22:00", "quiet_to": "08:00"}
    signed_in(colleague).post(address, values)
    channel.refresh_from_db()
    assert channel.name == "App"
    assert signed_in(person("root", is_superuser=True)).post(address, values).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.capacity_per_day) == ("The app", 500)
    entry = HistoryEntry.objects.get(subject="channel:app")
    assert (entry.actor, entry.changes["name"]) == ("root", ["App", "The app"])


def test_quiet_hours_need_both_ends():
    channel = Channel.objects.create(code="app", name="App")
    client = signed_in(person("root", is_superuser=True))
    values = {"name": "App", "capacity_per_day": "", "quiet_from": "22:00", "quiet_to": ""}
    text = client.post(reverse("admin:customers_channel_change", args=[channel.pk]), values).content.decode()
    assert "Give both ends of the quiet hours, or neither." in text
    channel.refresh_from_db()
    assert channel.quiet_from is None


def test_lists_ask_as_many_questions_for_one_row_as_for_many(analyst, segment):
    client = signed_in(analyst)
    Customer.objects.exclude(pk=Customer.objects.first().pk).delete()
    Channel.objects.create(code="app", name="App")
    lists = [
        reverse("admin:customers_customer_changelist"),
        reverse("admin:customers_segment_changelist"),
        reverse("admin:customers_channel_changelist"),
        reverse("admin:customers_segment_members", args=[segment.pk]),
    ]
    with_one = [queries_of(client, address) for address in lists]
    for number in range(10, 20):
        Customer.objects.create(number=number, code=f"K-{number}")
        Channel.objects.create(code=f"c{number}", name=f"Channel {number}")
        Segment.objects.create(code=f"S{number}", name=f"Segment {number}", members=BitMap().serialize())
    replace_members(segment=segment, numbers=BitMap(range(10, 20)), by=None, now=timezone.now())
    assert [queries_of(client, address) for address in lists] == with_one


def test_empty_lists_say_what_comes_and_what_was_not_found(analyst):
    client = signed_in(analyst)
    address = reverse("admin:customers_customer_changelist")
    assert "No customer yet" in client.get(address).content.decode()
    assert "No customer has this code" in client.get(address, {"q": "nobody"}).content.decode()
