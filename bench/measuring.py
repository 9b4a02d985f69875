"""Jobs in processes of their own, one after the other, and where we are."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WIDTH = 24


class JobError(Exception):
    """A job failed; says which, and what it wrote."""


class Progress:
    """A line on stderr that says what runs and how much of it all is done."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.start = total, 0, time.monotonic()

    def tell(self, text: str) -> None:
        filled = min(WIDTH, WIDTH * self.done // max(self.total, 1))
        seconds = int(time.monotonic() - self.start)
        bar = "#" * filled + "." * (WIDTH - filled)
        line = f"[{bar}] {self.done}/{self.total}  {seconds // 60}:{seconds % 60:02}  {text}"
        # A terminal shows one line, a log keeps all of them.
        end = "" if sys.stderr.isatty() else "\n"
        print(f"\r\x1b[K{line}" if not end else line, end=end, file=sys.stderr, flush=True)


class Runner:
    """Runs jobs for one folder; `progress` counts them."""

    def __init__(self, folder: Path, progress: Progress, name: str) -> None:
        self.folder, self.progress, self.name = folder, progress, name

    def __call__(
        self, module: str, job: str, *, title: str = "", limit: float | None = None, **options: Any
    ) -> dict[str, Any] | None:
        """What the job found; None if it took more than `limit` seconds.

        Raises:
            JobError: it failed.
        """
        self.progress.tell(f"{self.name}: {title or f'{module} {job}'}")
        command = [sys.executable, "-m", "bench.child", module, job, str(self.folder), json.dumps(options)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.progress.done += 1
        if done.returncode:
            raise JobError(f"{self.name}: {module} {job} {options} failed:\n{done.stderr[-4000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
