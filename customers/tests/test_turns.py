"""Something long lets others write in between."""

import threading
import time

import pytest
from django.db import connection, transaction

from customers.actions.turns import BUSY, Turns
from customers.models import Channel

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere one who writes stops nobody else")

MOST = 3


def test_who_waits_has_a_turn_before_the_end(transactional_db):
    turns, waits, done = Turns(), threading.Event(), threading.Event()

    def write_once():
        waits.set()
        Channel.objects.create(code="mail", name="Mail")
        done.set()
        connection.close()

    other = threading.Thread(target=write_once)
    pieces = 0
    while pieces < MOST and not done.is_set():
        with transaction.atomic():
            Channel.objects.create(code=f"c{pieces}", name="Piece")
            if not pieces:
                other.start()
                waits.wait()
            # Whoever has waited for so long looks seldom.
            time.sleep(2 * BUSY)
        pieces += 1
        turns.pass_on()
    other.join()
    assert pieces < MOST
