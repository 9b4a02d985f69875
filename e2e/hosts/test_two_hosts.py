"""Two machines share a detection of everything over a network, and one of them loses it in the middle.

The machines are network namespaces, joined by a bridge: no process shares a loopback or a socket file with a server.
"""

import re

import pytest

from config.tests.live import wait_until
from e2e.hosts.conftest import SHARDS

pytestmark = pytest.mark.hosts


def machines(house):
    """Names of those who have taken a slice."""
    return {machine for _, machine, *_ in house.slices() if machine}


def test_two_machines_share_a_detection_and_store_what_one_alone_stores(house):
    one, two = house.hosts
    alone = one.plan("alone")
    assert alone
    for host in house.hosts:
        host.start_worker()

    with house.reading_blocked():
        two.plan("ask")
        wait_until(lambda: machines(house) == {"one", "two"}, seconds=60, what="work on both machines")
    wait_until(house.is_finished, seconds=60, what="the detection")

    slices = house.slices()
    assert [number for number, *_ in slices] == list(range(1, SHARDS + 1))
    assert machines(house) == {"one", "two"}
    assert {tries for _, _, tries, _ in slices} == {1}
    # They came by their own cables.
    assert house.callers == {host.machine.address for host in house.hosts}
    assert one.plan("rows") == two.plan("rows") == alone


def test_what_a_machine_had_in_hand_when_its_cable_was_pulled_is_done_by_the_other(house):
    one, two = house.hosts
    alone = one.plan("alone")
    two.start_worker()
    with house.reading_blocked():
        two.plan("ask")
        wait_until(lambda: machines(house) == {"two"}, seconds=60, what="a slice in hand")
        two.machine.pull_the_cable()
    held = {number for number, _, tries, done in house.slices() if tries and not done}
    assert held, two.log

    one.start_worker()
    one.plan("sweep")
    # It also has the lock that whoever writes collisions takes: the server must miss it first.
    wait_until(
        lambda: {number for number, _, _, done in house.slices() if not done} == held, seconds=90, what="the others"
    )
    assert not house.is_finished()
    # Instead of a minute's wait.
    house.ask("UPDATE campaigns_detectionshard SET lease_until = now() - interval '1 s' WHERE finished_at IS NULL")
    one.plan("sweep")
    wait_until(house.is_finished, seconds=60, what="the detection")

    after = house.slices()
    assert {number for number, machine, tries, _ in after if tries == 2 and machine == "one"} == held
    begun = len(two.log)
    two.machine.put_it_back()

    def has_swept():
        one.plan("sweep")
        return re.search(r"task_sweep\[\S+ succeeded", two.log[begun:])

    wait_until(has_swept, seconds=180, what="work on the second machine")
    assert house.slices() == after
    assert one.plan("rows") == alone
