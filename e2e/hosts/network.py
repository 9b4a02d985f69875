"""Machines made of network namespaces: each has its own addresses, its own host name, and nothing but a cable to a switch.

Nothing of it is reachable from this machine or from outside of it. Needs root and the programs of iproute2 and util-linux.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence

PROGRAMS = ("ip", "unshare", "setpriv", "hostname")
NETWORK = "10.83.0"


class NoNetworkError(Exception):
    """Says why no machines can be made here."""


class Machine:
    """A namespace `name` at `address`; `inside` puts a command there."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.address = name, f"{NETWORK}.{number}"
        self.space = f"concordia-{os.getpid()}-{name}"

    def inside(self, *command: str) -> list[str]:
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name]
        return ["ip", "netns", "exec", self.space, *named, *command]

    def make(self) -> None:
        _ip("netns", "add", self.space)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments: str) -> None:
        _ip("-netns", self.space, *arguments)

    def plug_in(self, switch: "Machine") -> None:
        """Lay a cable to the machine that has the switch."""
        _ip(
            "link",
            "add",
            "cable",
            "netns",
            self.space,
            "type",
            "veth",
            "peer",
            f"to-{self.name}",
            "netns",
            switch.space,
        )
        switch.ip("link", "set", f"to-{self.name}", "master", "switch", "up")
        self.ip("address", "add", f"{self.address}/24", "dev", "cable")
        self.ip("link", "set", "cable", "up")

    def pull_the_cable(self) -> None:
        self.ip("link", "set", "cable", "down")

    def put_it_back(self) -> None:
        self.ip("link", "set", "cable", "up")

    def remove(self) -> None:
        with contextlib.suppress(NoNetworkError):
            _ip("netns", "delete", self.space)


@contextlib.contextmanager
def network(*names: str) -> Iterator[list[Machine]]:
    """Machines of these names; the first one has the switch. Raises NoNetworkError."""
    if os.geteuid() != 0:
        raise NoNetworkError("only root makes network namespaces")
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        raise NoNetworkError(f"missing: {', '.join(missing)}; on Debian: apt install iproute2 util-linux hostname")
    machines = [Machine(name, number) for number, name in enumerate(names, 1)]
    try:
        for machine in machines:
            machine.make()
        first, *others = machines
        first.ip("link", "add", "switch", "type", "bridge")
        first.ip("address", "add", f"{first.address}/24", "dev", "switch")
        first.ip("link", "set", "switch", "up")
        for machine in others:
            machine.plug_in(first)
        yield machines
    finally:
        for machine in machines:
            machine.remove()


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNetworkError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def as_user(user: str | None, command: Sequence[str]) -> list[str]:
    """The command as somebody without rights; whoever enters a namespace must be root before."""
    return ["setpriv", f"--reuid={user}", "--clear-groups", *command] if user else list(command)
