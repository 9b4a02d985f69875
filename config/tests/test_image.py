"""What compose.yaml and Dockerfile say, held against the code they start."""

import re

import pytest
import yaml
from django.conf import settings

from config import setting_table
from config.paths import BASE_DIR
from config.tests.production import COMPOSE, SERVICES, instructions

PACKAGES = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")} - {"bench", "e2e"}
OURS = ["migrate", "web", "worker", "beat"]


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


def test_the_services():
    assert set(SERVICES) == {*OURS, "postgres", "redis"}
    assert {SERVICES[name]["image"] for name in OURS} == {"concordia:local"}


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_change_nothing_but_their_files(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["files:/var/lib/concordia"]
    assert [place.partition(":")[0] for place in service["tmpfs"]] == ["/tmp", "/var/lib/concordia/run"]  # noqa: S108
    assert "privileged" not in service


def test_the_port_is_published_on_loopback_alone():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:${PORT:-8000}:8000"]
    }


def test_what_waits_for_what():
    servers = {name: {"condition": "service_healthy"} for name in ("postgres", "redis")}
    wanted = servers | {"migrate": {"condition": "service_completed_successfully"}}
    assert {name: SERVICES[name]["depends_on"] for name in ("web", "worker", "beat")} == {
        "web": wanted,
        "worker": wanted,
        "beat": wanted,
    }
    assert SERVICES["migrate"]["depends_on"] == {"postgres": servers["postgres"]}
    for name in servers:
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_everything_comes_back_but_what_runs_once():
    assert {name: service["restart"] for name, service in SERVICES.items()} == {
        "migrate": "no",
        "web": "unless-stopped",
        "worker": "unless-stopped",
        "beat": "unless-stopped",
        "postgres": "unless-stopped",
        "redis": "unless-stopped",
    }


def test_who_stops_has_the_time_it_needs():
    worker = seconds(SERVICES["worker"]["stop_grace_period"])
    assert worker >= settings.CELERY_TASK_TIME_LIMIT + 10
    assert worker > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT
    graceful = re.search(r"^graceful_timeout = (\d+)$", (BASE_DIR / "config/gunicorn.py").read_text(), re.MULTILINE)
    assert seconds(SERVICES["web"]["stop_grace_period"]) > int(graceful[1])


def test_the_broker_refuses_rather_than_forgets():
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert SERVICES["redis"]["volumes"] == ["broker:/data"]


@pytest.mark.parametrize("name", OURS)
def test_variables_are_settings_and_secrets_come_from_files(name):
    known = {one.name for one in setting_table.settings()}
    environment = SERVICES[name]["environment"]
    # TMPDIR is Python's own.
    assert {variable.removesuffix("_FILE") for variable in environment} - {"TMPDIR"} <= known
    files = {value for variable, value in environment.items() if variable.endswith("_FILE")}
    assert files == {f"/run/secrets/{secret}" for secret in SERVICES[name]["secrets"]}
    assert set(COMPOSE["secrets"]) == {*SERVICES[name]["secrets"], *SERVICES["postgres"]["secrets"]}
    assert {"DATABASE_URL", "EMAIL_URL", "METRICS_TOKEN", "SECRET_KEY"}.isdisjoint(environment)


def test_secrets_and_local_settings_are_kept_out_of_the_repository_and_the_image():
    ignored = (BASE_DIR / ".gitignore").read_text().splitlines()
    assert {"/secrets/", "/.env"} <= set(ignored)
    first, *kept = [line for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert first == "*"
    assert [line for line in kept if line.startswith("!") and ("secret" in line or "env" in line)] == []


class TestDockerfile:
    def test_both_stages_stand_on_the_python_that_the_pins_are_for(self):
        images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
        assert images == ["python:3.11-slim-bookworm"] * 2
        assert 'requires-python = ">=3.11"' in (BASE_DIR / "pyproject.toml").read_text()

    def test_packages_are_those_whose_hashes_are_pinned(self):
        (install,) = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
        assert "--require-hashes -r requirements.txt" in install
        pins = re.split(r"\n(?=\S)", (BASE_DIR / "requirements.txt").read_text().strip())
        without = [pin.split()[0] for pin in pins if not pin.startswith("#") and "--hash=sha256:" not in pin]
        assert without == []

    def test_nobody_is_root(self):
        users = [rest for word, rest in instructions() if word == "USER"]
        assert users == ["10001:10001"]
        words = [word for word, _ in instructions()]
        assert words.index("USER") > max(index for index, word in enumerate(words) if word == "RUN")

    def test_its_command_is_that_of_web(self):
        (command,) = [rest for word, rest in instructions() if word == "CMD"]
        assert command == '["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]'
        assert SERVICES["web"]["command"] == ["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]

    def test_what_is_copied_exists_and_is_let_in(self):
        let_in = {line[1:] for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        assert [name for name in let_in if not (BASE_DIR / name).exists()] == []
        assert let_in == PACKAGES | {"locale", "static", "templates", "manage.py", "requirements.txt"}

    def test_the_code_runs_without_what_is_left_out(self):
        """Tests stay outside the image, so nothing in it may import them."""
        sources = [path for package in PACKAGES for path in (BASE_DIR / package).rglob("*.py")]
        inside = [path for path in sources if "tests" not in path.parts]
        assert 100 < len(inside) < len(sources)
        imports = re.compile(r"^\s*(from|import) \w+\.tests", re.MULTILINE)
        assert [path for path in inside if imports.search(path.read_text())] == []

    def test_the_health_check_is_a_file_of_ours(self):
        (check,) = [rest for word, rest in instructions() if word == "HEALTHCHECK"]
        assert check.endswith('CMD ["python", "-I", "-S", "config/probe.py"]')
        assert (BASE_DIR / "config/probe.py").exists()


class TestDocument:
    TEXT = setting_table.DOCUMENT.read_text()

    def test_the_commands_are_those_that_run(self):
        rows = dict(re.findall(r"^\| (web|worker|beat) \| `([^`]+)` \|", self.TEXT, re.MULTILINE))
        assert rows == {name: " ".join(SERVICES[name]["command"]) for name in ("web", "worker", "beat")}

    def test_its_rules_and_scrapes_are_yaml(self):
        blocks = re.findall(r"^```\n((?:groups|scrape_configs):\n.*?)^```$", self.TEXT, re.MULTILINE | re.DOTALL)
        (scrape,), (group,) = (next(iter(yaml.safe_load(block).values())) for block in blocks)
        assert scrape["job_name"] == "concordia"
        assert all({"alert", "expr"} <= rule.keys() for rule in group["rules"])
        assert len(group["rules"]) == 5

    def test_it_makes_every_secret_of_the_containers(self):
        made = set(re.findall(r"> secrets/(\w+)", self.TEXT))
        assert made == set(COMPOSE["secrets"])
