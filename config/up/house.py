"""The processes of the house under one roof: started, listened to, brought back, stopped."""

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from config.up.output import Output
from config.up.processes import Family

# A process that dies more often than this in a minute has a reason that starting it again does not cure.
_RESTARTS_PER_MINUTE = 5


class DiedError(Exception):
    """A process ended that nobody had asked to. `code` is its exit code, 128 + n for signal n."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(_("%(name)s ended with exit code %(code)d") % {"name": name, "code": code})
        self.name, self.code = name, code


@dataclass
class _Member:
    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    comes_back: bool
    process: subprocess.Popen[bytes]
    pipe: IO[bytes]
    unfinished: bytes = b""
    restarts: list[float] = field(default_factory=list)


class House:
    """Use from the main thread alone: nothing here runs in a second one."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._family = Family()
        self._selector = selectors.DefaultSelector()
        self._members: dict[str, _Member] = {}

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        pass_fds: Sequence[int] = (),
        comes_back: bool = False,
    ) -> None:
        """Start a process; with `comes_back`, start it again whenever it dies."""
        process = self._family.start(
            command, env=env, pass_fds=pass_fds, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )
        pipe = process.stdout
        assert pipe
        os.set_blocking(pipe.fileno(), False)
        self._members[name] = _Member(name, command, env, comes_back, process, pipe)
        self._selector.register(pipe, selectors.EVENT_READ, self._members[name])

    def run(self, name: str, command: Sequence[str], *, env: Mapping[str, str]) -> None:
        """Start a process and wait until it has done its work. Raises DiedError when it fails."""
        self.start(name, command, env=env)
        while True:
            try:
                self.watch(60)
            except DiedError as died:
                if (died.name, died.code) == (name, 0):
                    return
                raise

    def watch(self, seconds: float) -> None:
        """Pass on what the processes say for that long. Raises DiedError when one of them ends."""
        end = time.monotonic() + seconds
        while True:
            self._pass_on(min(0.2, max(0.0, end - time.monotonic())))
            for member in list(self._members.values()):
                if member.process.poll() is not None:
                    self._lose(member)
            if time.monotonic() >= end:
                return

    def stop(self, name: str, *, patience: float) -> None:
        """Ask a process to finish what it does and end; kill it when `patience` seconds are over."""
        member = self._members.get(name)
        if not member:
            return
        member.comes_back = False
        member.process.terminate()
        started, told = time.monotonic(), False
        while name in self._members and time.monotonic() - started < patience:
            try:
                self.watch(0.1)
            except DiedError:
                continue  # this one, which was asked to; or another that would have been asked next
            if not told and time.monotonic() - started > 5:
                told = True
                text = _("waiting for %(name)s to finish what it does; Ctrl-C again stops it now")
                self._out.line("up", text % {"name": name})
        self._bury(member)

    def close(self) -> None:
        """Kill whoever is left."""
        for member in list(self._members.values()):
            self._bury(member)
        self._family.close()
        self._selector.close()

    def _pass_on(self, seconds: float) -> None:
        for key, _events in self._selector.select(seconds):
            if not self._read(key.data):
                self._selector.unregister(key.fileobj)

    def _read(self, member: _Member) -> bool:
        """Pass on the whole lines that are there; False at the end of the pipe."""
        while chunk := member.pipe.read(65536):
            *lines, member.unfinished = (member.unfinished + chunk).split(b"\n")
            for line in lines:
                self._out.line(member.name, line)
        return chunk is None

    def _lose(self, member: _Member) -> None:
        """A process has ended: bring it back, or say so by DiedError."""
        code = member.process.returncode
        self._bury(member)
        code = 128 - code if code < 0 else code
        minute_ago = time.monotonic() - 60
        died = DiedError(member.name, code)
        restarts = [moment for moment in member.restarts if moment > minute_ago]
        if not member.comes_back or len(restarts) >= _RESTARTS_PER_MINUTE:
            raise died
        self._out.line("up", _("%(died)s; starting it again") % {"died": died})
        self.start(member.name, member.command, env=member.env, comes_back=True)
        self._members[member.name].restarts = [*restarts, time.monotonic()]

    def _bury(self, member: _Member) -> None:
        """End what is left of a process and its children, and pass on its last words."""
        if self._members.pop(member.name, None) is None:
            return
        self._family.bury(member.process)
        self._read(member)
        if member.unfinished:
            self._out.line(member.name, member.unfinished)
        with contextlib.suppress(KeyError):  # the end of the pipe was seen before
            self._selector.unregister(member.pipe)
        member.pipe.close()
