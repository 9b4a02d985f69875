"""The product's settings as tests run them, whatever the shell has exported.

DATABASE_URL and TEST_DB are kept: they choose the database the suite runs on.
"""

import os

_CHOSEN_BY_THE_SHELL = (
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "CURRENCY",
    "DEBUG",
    "DETECTION_SHARDS",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "LANGUAGE_CODE",
    "REQUIRE_TWO_FACTOR",
    "LOG_FORMAT",
    "METRICS_TOKEN",
    "SECRET_KEY_FALLBACKS",
    "SITE_URL",
    "STATIC_ROOT",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
)
for _name in _CHOSEN_BY_THE_SHELL:
    os.environ.pop(_name, None)
for _name in (*_CHOSEN_BY_THE_SHELL, "REDIS_URL", "SECRET_KEY"):
    os.environ.pop(f"{_name}_FILE", None)
os.environ["SECRET_KEY"] = "only for tests"
# Messages are compared in English, the language of the code; a test of Spanish says so itself.
os.environ["LANGUAGE_CODE"] = "en"
# A ring goes into the memory of this process: nobody hears it and it costs nothing. Tests call the task or the
# action that would be woken; those marked `live` have a real broker.
os.environ["REDIS_URL"] = "memory://localhost/"

from config.settings import *  # noqa: E402, F403 - the environment comes first
from config.settings import STORAGES, VAR_DIR  # noqa: E402

# The database of the tests lies there, also in a clone that never started the product.
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Without the manifest, so that no test needs collectstatic first.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# Hundreds of users are made; their passwords are worth nothing.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_FILE_PATH = VAR_DIR / "test-mail"
# Most tests sign in by force, as administrators too. Tests of sign-in say so themselves.
AXES_ENABLED = False
REQUIRE_TWO_FACTOR = False
UPLOAD_DIR = VAR_DIR / "test-uploads"
