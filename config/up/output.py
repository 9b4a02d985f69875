"""The lines of all processes in one stream, each with the name of its process before it."""

import os
import sys
from pathlib import Path

_COLOURS = {"web": 36, "beat": 35, "worker": 32, "broker": 33, "demo": 34}


class Output:
    def __init__(self) -> None:
        self._stream = sys.stdout.buffer
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def line(self, name: str, text: bytes | str) -> None:
        raw = text.encode() if isinstance(text, str) else text
        prefix = f"{name:<6} | "
        if self._coloured and (colour := _COLOURS.get(name)):
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        try:
            self._stream.write(prefix.encode() + raw.rstrip() + b"\n")
            self._stream.flush()
        except OSError:
            # Whoever read us is gone. That is no reason to stop working, only to stop talking.
            self._stream = Path(os.devnull).open("wb")  # noqa: SIM115 - open until this process ends
