"""Runs one job in a process of its own: `python -m bench.child MODULE JOB FOLDER OPTIONS`; the last line is JSON."""

import importlib
import json
import sys
from pathlib import Path


def peak(pid: int | str = "self") -> float:
    """The most memory that a process ever had, in megabytes of 10^6 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def main() -> None:
    module, job, folder, options = sys.argv[1:]
    found = getattr(importlib.import_module(f"bench.{module}"), job)(Path(folder), **json.loads(options))
    print(json.dumps({"memory": peak()} | (found or {})))


if __name__ == "__main__":
    main()
