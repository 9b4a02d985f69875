"""An SMTP server that keeps what it gets and misbehaves as it is told."""

import asyncio
import email
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from aiosmtpd.controller import Controller

from customers.tests.ports import free_port

# It tells of every line of every dialogue.
logging.getLogger("mail.log").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Letter:
    """A message the sink has taken, whether it said so or not."""

    message_id: str
    to: str
    at: float


@dataclass
class Sink:
    """`answer(to, number of the message)` is said instead of taking it; see the other switches."""

    letters: list[Letter] = field(default_factory=list)
    answer: Callable[[str, int], str | None] = lambda _to, _number: None
    # Seconds to wait before an answer to DATA, and how many messages are taken without any answer.
    stall: float = 0
    drops: int = 0
    # When DATA of each message was over.
    asked: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.port = self._controller.port

    def close(self) -> None:
        self._controller.stop()

    def reset(self) -> None:
        """Be a good server with an empty box again."""
        with self._lock:
            self.letters, self.asked, self.stall, self.drops = [], [], 0, 0
            self.answer = lambda _to, _number: None

    def copies(self) -> dict[str, int]:
        """How often each Message-ID arrived."""
        with self._lock:
            ids = [letter.message_id for letter in self.letters]
        return {one: ids.count(one) for one in ids}

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content)
        (to,) = envelope.rcpt_tos
        with self._lock:
            self.asked.append(time.monotonic())
            number = len(self.asked)
        if refusal := self.answer(to, number):
            return refusal
        with self._lock:
            self.letters.append(Letter(message["Message-ID"], to, time.monotonic()))
            is_dropped = self.drops > 0
            self.drops -= is_dropped
        if is_dropped:
            server.transport.abort()
        if self.stall:
            await asyncio.sleep(self.stall)
        return "250 OK"
