"""Where the house lies and where it keeps what it makes. Settings and the first start both read it."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
#: Where database, key, mails and broker files lie.
#: Without it: `var` in the project.
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").resolve()
