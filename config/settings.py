"""All settings, read from the environment. What stands after `#:` explains a variable in docs/operations.md.

`manage.py settings_table --write` brings the table there up to date.
"""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import logs
from config.environment import Environment
from config.headers import CONTENT_SECURITY_POLICY  # noqa: F401 - a setting too
from config.look import UNFOLD  # noqa: F401 - a setting too
from config.paths import BASE_DIR, VAR_DIR
from config.sign_in import *  # noqa: F403 - settings too, all of them

env = Environment()

#: Only for development: pages of errors show the code and its data.
DEBUG = env.bool("DEBUG", default=False)


def _secret_key() -> str:
    """SECRET_KEY, or the key that `manage.py up` made on its first start."""
    #: Signs sessions; 50 random characters that nobody else knows.
    #: Without it: the key that `make run` made in `var/secret_key`; required when you start the processes yourself.
    if key := env.str("SECRET_KEY", default=""):
        return key
    kept = VAR_DIR / "secret_key"
    if kept.exists():
        return kept.read_text().strip()
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it in the environment, or start with `make run`, which makes one."
    )


SECRET_KEY = _secret_key()
#: Former keys, separated by commas: what they signed stays valid. Take them out once sessions have ended (two weeks).
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
#: How people reach the site: links in mails start with it, and with `https://` cookies are secure.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
# Derived from it: who may be asked for, secure cookies, HSTS and the redirect to https.
HTTPS = SITE_URL.startswith("https://")
_LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
#: Host names the site answers to, separated by commas; `*` is refused.
#: Without it: `localhost,127.0.0.1,[::1]` and the host of `SITE_URL`.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*_LOCAL_HOSTS, *filter(None, [urlsplit(SITE_URL).hostname])])
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS contains *, so that anybody could make the links in our mails lead to a site of theirs. "
        "Name the hosts by which people reach Concordia, separated by commas."
    )
#: Origins that may post, such as `https://concordia.example`, separated by commas.
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
#: The currency of every amount.
CURRENCY = env.str("CURRENCY", default="USD")

INSTALLED_APPS = [
    # Without models: here for its commands and checks.
    "config",
    "approvals",
    "campaigns",
    "customers",
    # Before the admin, whose templates it replaces. BasicAppConfig: the default one would put its own site in the
    # place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    # Who may what, and who gets in.
    "guardian",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    # The API and its description.
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    # The admin, on our own site, and what Django's admin needs.
    "config.apps.ConcordiaAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_structlog",
]

MIDDLEWARE = [
    # First, so that no answer leaves without their headers: neither a static file nor a redirect to https.
    "csp.middleware.CSPMiddleware",
    "config.headers.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Behind the files, which nobody wants to read about; around all work, which they name and measure.
    "config.logs.requests.RequestLog",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Before anything reads the body, and in a language that the browser asked for.
    "config.lengths.LengthMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # These ask who is reading: their session may have ended, their language beats the browser's, and who must show a
    # second factor gets no further.
    "config.sessions.SessionLifeMiddleware",
    "approvals.middleware.ReaderLanguageMiddleware",
    "approvals.middleware.TwoFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # The other end of the measuring above.
    "config.metrics.CountRequests",
    # Last, as it puts its page in the place of the login's answer.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database. SQLite needs IMMEDIATE: a deferred transaction that reads and then writes fails at once
# with "database is locked" when somebody else wrote in between, however long the timeout.
#: `postgresql://user:password@host/name` for PostgreSQL.
#: Without it: SQLite in `VAR_DIR`.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/db.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # recursive_triggers: without it INSERT OR REPLACE deletes without asking the append-only triggers.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA recursive_triggers=ON;"
            ),
        },
        # On disk: a live server and a worker cannot share an in-memory database between threads.
        "TEST": {"NAME": env.str("TEST_DB", default=str(VAR_DIR / "test.sqlite3"))},
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # A server that swallows packets would hold each request for minutes, and /readyz with it.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    # A machine that vanishes in the middle of a transaction would keep its locks, and with them everybody else, until
    # the server misses it: after two hours by itself, with these after half a minute.
    # What is read in portions is read to its end: a plan that has the first rows quickly takes longer for all of them.
    DATABASES["default"]["OPTIONS"].setdefault(
        "options",
        "-c tcp_user_timeout=25s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        " -c cursor_tuple_fraction=1",
    )
    # The other way round, who waits for the answer of a server that gave up would wait as long.
    for name, number in (("keepalives_idle", 10), ("keepalives_interval", 5), ("keepalives_count", 3)):
        DATABASES["default"]["OPTIONS"].setdefault(name, number)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A RACI matrix of 100 departments and people and 90 activities is one form; its bytes are limited besides.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# People and their rights. guardian stores grants that campaigns.actions.access derives from RACI.
AUTHENTICATION_BACKENDS = [
    # Asked first: it lets nobody through, but stops who has guessed too often.
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
#: Administrators, mediators and stand-ins must have two-factor sign-in. `make run` turns it off for the demo.
REQUIRE_TWO_FACTOR = env.bool("REQUIRE_TWO_FACTOR", default=True)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# A browser takes a cookie called __Host- only over https, for this host alone and from no other host.
_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_PREFIX}django_language"

#: How many proxies stand before the site and set `X-Forwarded-For` and `X-Forwarded-Proto`; 0 believes neither.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES > 0:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
# Whoever watches the house asks it directly.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# W005 and W021 ask for HSTS on all subdomains and in the lists of browsers. Concordia speaks for its own host alone.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"

# Language and time
#: Language of people who chose none: `es` or `en`.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="es")
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
#: The company's days and clock.
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Madrid")
#: Whose days off `import_days_off` reads: the code of a country, or of one of its regions such as `ES-MD`.
DAYS_OFF_OF = env.str("DAYS_OFF_OF", default="ES")
USE_TZ = True

# Static files
STATIC_URL = "static/"
#: Where `collectstatic` puts files that never change while a version runs.
#: Without it: `static` in `VAR_DIR`.
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

#: How many megabytes all files of one uploaded import may have together; they wait for a worker in `uploads` in `VAR_DIR`.
IMPORT_UPLOAD_MB = env.int("IMPORT_UPLOAD_MB", default=200)
UPLOAD_DIR = VAR_DIR / "uploads"

# Mail. The outbox sends; without EMAIL_URL it writes var/mail/*.eml.
#: The mail server: `smtp+tls://user:password@host:587`; write `%40` for @ in the user's name.
#: Without it: mails become files in `mail` in `VAR_DIR`.
if env.str("EMAIL_URL", default=""):
    _email = env.email_url("EMAIL_URL")
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"], _email["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("EMAIL_USE_TLS", False), _email.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = "approvals.mail_files.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10
# Nobody gets errors by mail: they would carry what people typed. The logs have them.
ADMINS, MANAGERS = [], []
#: Sender of every mail.
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Concordia <concordia@localhost>")


# Celery. The database is the queue and Redis the doorbell, so every option here is about ringing
# reliably and never about keeping a fact: late acks, short socket timeouts, no results.
def _broker_url() -> str:
    """REDIS_URL, or the socket of the broker that `manage.py up` started."""
    #: The broker: `redis://host:6379/0`, with `appendonly yes` and `maxmemory-policy noeviction` there.
    #: Without it: the broker that `make run` starts.
    if url := env.str("REDIS_URL", default=""):
        return url
    kept = VAR_DIR / "run" / "redis.url"
    return kept.read_text().strip() if kept.exists() else "redis://localhost:6379/0"


CELERY_BROKER_URL = _broker_url()


def _cache(broker: str) -> dict[str, object]:
    """The server of the broker, another of its databases; without one, each process its own memory.

    Only counts of API requests are in it: they may vanish, and nobody must wait for them.
    """
    if broker.startswith("redis+socket://"):
        url = f"unix://{broker.removeprefix('redis+socket://').partition('?')[0]}?db=2"
    elif broker.startswith(("redis://", "rediss://", "unix://")):
        url = broker
    else:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "concordia-cache",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }


CACHES = {"default": _cache(CELERY_BROKER_URL)}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    # Without these a ring waits six seconds for a broker that refuses connections: a saved page would take that long.
    "max_retries": 1,
    "interval_start": 0,
    "health_check_interval": 10,
    "global_keyprefix": "concordia:",
}
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 240, 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "campaigns sweep": {"task": "campaigns.tasks.task_sweep", "schedule": 60.0},
    "approvals sweep": {"task": "approvals.tasks.task_sweep", "schedule": 60.0},
    "forget answers": {"task": "customers.tasks.task_forget", "schedule": 3600.0},
    "imports": {"task": "campaigns.tasks.task_import", "schedule": 60.0},
    "detect everything": {"task": "campaigns.tasks.task_detect_everything", "schedule": 900.0},
}

# Detection of everything
#: Into how many slices of time a detection of everything is cut, so that workers on several machines share it.
#: Without it: as many as the plan needs, one for every 25,000 offers.
DETECTION_SHARDS = env.int("DETECTION_SHARDS", default=0)

# API
#: How often each person may read over the API.
_API_READS = env.str("API_READS", default="1200/min")
#: How often each person may write over the API.
_API_WRITES = env.str("API_WRITES", default="300/min")
#: How often each address of the network may read calendar feeds, which need no sign-in.
_FEED_READS = env.str("FEED_READS", default="60/min")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "customers.rest.access.TokenAuthentication",
        "customers.rest.access.StaffSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["customers.rest.access.Staff"],
    "DEFAULT_THROTTLE_CLASSES": ["customers.rest.access.ReadThrottle", "customers.rest.access.WriteThrottle"],
    "DEFAULT_THROTTLE_RATES": {"read": _API_READS, "write": _API_WRITES, "feed": _FEED_READS},
    "DEFAULT_PARSER_CLASSES": ["customers.rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "customers.rest.pages.Pages",
    "DEFAULT_FILTER_BACKENDS": [
        "customers.rest.filters.StrictFilters",
        "customers.rest.pages.Search",
        "customers.rest.pages.StrictOrdering",
    ],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "customers.rest.schema.Schema",
    "EXCEPTION_HANDLER": "customers.rest.problems.handler",
    "COERCE_DECIMAL_TO_STRING": True,
    # The address of who has not signed in is what the outermost of so many proxies wrote, as in config.visitors.
    "NUM_PROXIES": TRUSTED_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Concordia",
    "DESCRIPTION": "Plan cross-promotions together: campaigns, offers, their collisions, cases and decisions.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["customers.rest.access.Staff"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "GET_LIB_DOC_EXCLUDES": "customers.rest.schema.without_words",
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "approvals.choices.CaseState",
        "MailState": "approvals.choices.MailState",
        "Delivery": "approvals.choices.Delivery",
        "NewsKind": "approvals.choices.NewsKind",
        "CampaignStatus": "campaigns.choices.CampaignStatus",
        "Certainty": "campaigns.choices.Certainty",
        "ClaimKind": "campaigns.choices.ClaimKind",
        "CollisionState": "campaigns.choices.CollisionState",
        "Level": "campaigns.choices.Level",
        "PlacementGoal": "campaigns.choices.PlacementGoal",
        "CaseLevel": "campaigns.choices.CASE_LEVELS",
        "Mode": "campaigns.choices.Mode",
        "RuleMode": "campaigns.choices.RuleMode",
        "RequestChannel": "approvals.choices.RequestChannel",
        "RequestState": "approvals.choices.RequestState",
        "StatementKind": "approvals.choices.StatementKind",
        "MeetingState": "approvals.choices.MeetingState",
        "AttachmentKind": "approvals.choices.ATTACHMENT_KINDS",
        "TermsState": "approvals.choices.TermsState",
        "ExtensionState": "approvals.choices.ExtensionState",
        "StandingRuleState": "approvals.choices.StandingRuleState",
        "NoticeState": "approvals.choices.NoticeState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "customers.rest.schema.add_problems",
    ],
}

# Logs and metrics
#: `plain` for people, `json` for machines: one line an event.
LOG_FORMAT = env.str("LOG_FORMAT", default="plain")
LOGGING = logs.configuration(LOG_FORMAT)
# A ring carries the id of the request that rang.
DJANGO_STRUCTLOG_CELERY_ENABLED = True
#: What whoever reads `/metrics` must send, as `Authorization: Bearer …`.
#: Without it: there is no `/metrics`.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
