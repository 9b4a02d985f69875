"""A TCP proxy in front of a server, which a test may cut, silence or slow down."""

import asyncio
import contextlib
import socket
import struct
import threading
from pathlib import Path

from customers.tests.ports import free_port

Upstream = tuple[str, int] | Path

# Closing with this sends RST: what a client sees of a machine that is gone, not of a server that says goodbye.
_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on a port of this machine for `upstream`, an address or a socket file, from a thread of its own."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._lines: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._is_silent = False
        self._cuts: list[bytes] = []
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = free_port()
        self.ok()

    def ok(self) -> None:
        """Let everything through. A line that was silent once stays dead: what it swallowed is missing for ever."""
        self._run(self._open())

    def down(self) -> None:
        """Refuse connections and reset those there are."""
        self._run(self._close())

    def blackhole(self) -> None:
        """Accept connections and bytes, and pass nothing on: the other end is gone and nobody says so."""
        self._run(self._silence())

    def cut(self, marker: bytes, times: int = 1) -> None:
        """Swallow the next answers that contain `marker`, and reset their lines."""
        self._cuts += [marker] * times

    @property
    def cuts_left(self) -> int:
        return len(self._cuts)

    def close(self) -> None:
        self._run(self._close())
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, step) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(10)

    async def _open(self) -> None:
        self._is_silent = False
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for line in list(self._lines):
            _reset(line)
        await asyncio.sleep(0.05)

    async def _end(self) -> None:
        """Lines that were silent still wait for an end that does not come."""
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting or {asyncio.ensure_future(asyncio.sleep(0))}, timeout=5)

    async def _silence(self) -> None:
        self._is_silent = True
        self._silent |= self._lines

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        if self._is_silent:
            self._silent.add(writer)
        try:
            if isinstance(self._upstream, Path):
                far = await asyncio.open_unix_connection(str(self._upstream))
            else:
                far = await asyncio.open_connection(*self._upstream)
        except OSError:
            self._lose(writer)
            return
        self._lines.add(far[1])
        there = asyncio.ensure_future(self._pump(reader, far[1], writer, is_answer=False))
        back = asyncio.ensure_future(self._pump(far[0], writer, writer, is_answer=True))
        with contextlib.suppress(asyncio.CancelledError):  # the proxy ends
            await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
            if writer not in self._silent:
                # What is on its way still arrives.
                await asyncio.wait([there, back], timeout=0.2)
        for task in (there, back):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await task
        self._lose(writer)
        self._lose(far[1])

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, near: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(65536):
                if near in self._silent:
                    continue
                if is_answer and (marker := next((one for one in self._cuts if one in chunk), None)):
                    self._cuts.remove(marker)
                    return
                sink.write(chunk)
                await sink.drain()
        if near in self._silent:
            await asyncio.sleep(3600)  # whoever hung up does not reach the other end

    def _lose(self, line: asyncio.StreamWriter) -> None:
        self._lines.discard(line)
        self._silent.discard(line)
        _reset(line)


def _reset(line: asyncio.StreamWriter) -> None:
    end = line.get_extra_info("socket")
    if end is not None and end.family == socket.AF_INET:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    line.transport.abort()
