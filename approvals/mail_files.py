"""Where mail goes when no server is configured: one file per mail, which any mail program opens."""

import itertools
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Writes EMAIL_FILE_PATH/<UTC time>-<n>.eml."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            _write(folder, message.message().as_bytes(linesep="\r\n"))
        return len(email_messages)


def _write(folder: Path, content: bytes) -> None:
    """Whoever opens the file finds all of it: it is written under another name and put in its place when complete."""
    unfinished = folder / f".{secrets.token_hex(8)}.part"
    with unfinished.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(_new_name(folder))


def _new_name(folder: Path) -> Path:
    """A name that is nobody else's: two workers may write in the same second."""
    time = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    for number in itertools.count(1):
        path = folder / f"{time}-{number:03}.eml"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return path
    raise AssertionError("itertools.count never ends")
