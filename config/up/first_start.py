"""What must be there before the settings can be read."""

import os
import secrets
from pathlib import Path

from config.paths import VAR_DIR


def prepare(var: Path = VAR_DIR) -> None:
    """Make `var/` and, unless the environment gives one, the secret key that stays in it, readable to its owner."""
    (var / "run").mkdir(parents=True, exist_ok=True)
    if os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE"):
        return
    try:
        # O_EXCL: of two first starts at once, one makes the key and both use it.
        descriptor = os.open(var / "secret_key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
