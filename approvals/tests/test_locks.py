from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from approvals.actions import locks
from approvals.queries.locks import locked_addresses
from approvals.tests.codes import with_app
from campaigns.tests.factories import make_user
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def eva():
    return make_user("eva")


def guess(username="eva", address="203.0.113.7", failures=8, ago=timedelta(0)):
    row = AccessAttempt.objects.create(username=username, ip_address=address, failures_since_start=failures)
    AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - ago)


def test_locked_addresses_are_those_of_too_many_tries_not_long_ago(eva):
    guess(address="203.0.113.9")
    guess(address="203.0.113.7", failures=9)
    guess(address="203.0.113.8", failures=7)
    guess(address="203.0.113.6", ago=timedelta(minutes=16))
    guess(username="ines", address="203.0.113.5")
    assert locked_addresses(eva, now=timezone.now()) == ["203.0.113.7", "203.0.113.9"]


def test_an_administrator_lifts_a_lock(eva):
    guess()
    guess(username="ines")
    assert locks.lift(person=eva, by=make_user("root", is_superuser=True), now=timezone.now()) is True
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["ines"]
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.subject, entry.actor) == ("lift_lock", "person:eva", "root")
    assert locks.lift(person=eva, by=None, now=timezone.now()) is False
    assert HistoryEntry.objects.count() == 1


def test_nobody_else_lifts_a_lock(eva):
    guess()
    with pytest.raises(PermissionDenied):
        locks.lift(person=eva, by=eva, now=timezone.now())
    assert (AccessAttempt.objects.count(), HistoryEntry.objects.count()) == (1, 0)


def test_the_command_lets_somebody_in(eva, capsys):
    guess()
    with_app(eva)
    call_command("let_in", "eva")
    assert capsys.readouterr().out == "The lock is lifted.\n"
    assert TOTPDevice.objects.exists()
    call_command("let_in", "eva", "--device")
    assert capsys.readouterr().out == "The device is taken away.\n"
    assert not TOTPDevice.objects.exists()
    assert set(HistoryEntry.objects.values_list("verb", "actor")) == {
        ("two_factor_on", "eva"),
        ("lift_lock", ""),
        ("take_two_factor_away", ""),
    }
    with pytest.raises(CommandError, match="Nobody has the user name “nobody”"):
        call_command("let_in", "nobody")
