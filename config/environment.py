"""Settings come from the environment, and secrets from files that the environment names."""

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    """`NAME`, or the content of the file that `NAME_FILE` names, without the line break that editors leave behind."""

    def __getitem__(self, key: str) -> str:
        try:
            value = super().__getitem__(key)
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{key}_FILE names a file that cannot be read: {error}") from error
        if self.env.get(f"{key}_FILE"):
            value = value.strip()
        # A password that begins with $ is that password, and not the name of another variable.
        return f"\\{value}" if value.startswith("$") else value


class Environment(environ.FileAwareEnv):
    ENVIRON = _Variables()

    def __init__(self) -> None:
        super().__init__()
        self.escape_proxy = True
