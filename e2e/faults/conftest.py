"""One set of servers for all faults, and the table of what was measured."""

import contextlib
import sys

import pytest

from config.tests.postgres import NoServerError

# Their assertions say what they found.
pytest.register_assert_rewrite("e2e.faults.house", "e2e.faults.fault", "e2e.faults.scenarios", "e2e.faults.servers")

from e2e.faults.house import House, seed  # noqa: E402 - after the line above
from e2e.faults.servers import servers  # noqa: E402

TABLE = pytest.StashKey[dict]()


def pytest_configure(config):
    config.stash[TABLE] = {}


@pytest.fixture(scope="session")
def table(request):
    """{code of a fault: {"numbers": …, "control": …}}"""
    return request.config.stash[TABLE]


@pytest.fixture(scope="session")
def found(tmp_path_factory):
    try:
        folder = tmp_path_factory.mktemp("faults")
        with servers(folder) as running:
            seed(running, folder)
            yield running
    except NoServerError as error:
        pytest.skip(f"no PostgreSQL: {error}")


@pytest.fixture
def opened(found, tmp_path, request):
    """Call it for a house; see House.opened. One per test."""
    with contextlib.ExitStack() as stack:
        number = abs(hash(request.node.nodeid))

        def house(**options):
            return stack.enter_context(House.opened(found, tmp_path, f"house_{number}", **options))

        yield house


def pytest_runtest_logreport(report):
    """The long form takes minutes: say at once what failed and why."""
    if report.failed and "faults" in report.keywords:
        crash = getattr(report.longrepr, "reprcrash", None)
        print(f"\n{report.nodeid}: {crash.message.splitlines()[0] if crash else 'failed'}", file=sys.__stderr__)


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash[TABLE]
    if not rows:
        return
    terminalreporter.section("faults")
    for fault, told in rows.items():
        terminalreporter.write_line(f"{fault.code:4} {fault.title}")
        lines = {
            "bar": fault.bar,
            "measured": "; ".join(told.get("numbers", [])) or "—",
            "verdict": told.get("verdict", "not tried"),
            f"without “{fault.without}”": told.get("control", "not tried: part of `make faults`"),
        }
        for what, line in lines.items():
            terminalreporter.write_line(f"       {what}: {line}")
