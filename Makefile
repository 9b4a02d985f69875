# `make run` shows the product, `make test` tests it; `make help` lists the rest.
# Settings are environment variables: PORT=8001 make run. docs/operations.md explains each.

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
# Options for pytest: make test ARGS="-k escalation"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test fuzz faults bench check format lock schema messages

# What a shell has exported for other programs must not change this one.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS VIRTUAL_ENV
unexport PIP_TARGET PIP_PREFIX PIP_USER PIP_REQUIREMENT PIP_CONSTRAINT
unexport DJANGO_SETTINGS_MODULE PYTEST_ADDOPTS PYTEST_PLUGINS

help:
	@echo "make run        start everything at http://localhost:8000/ (PORT=... for another port)"
	@echo "make test       run all tests (ARGS=... for pytest)"
	@echo "make fuzz       ask the API 300 times per operation, as everybody (half an hour)"
	@echo "make faults     break servers under the whole product, half an hour; docs/reliability.md"
	@echo "make bench      time detection against databases; docs/performance.md (ARGS=\"--sizes S,M,L\" for the large plan)"
	@echo "make check      format, lint, imports, types, migrations, translations"
	@echo "make format     write the format and the repairs that ruff knows"
	@echo "make lock       pin requirements*.in into requirements*.txt (ARGS=--upgrade for newer versions)"
	@echo "make schema     write docs/openapi.yaml, the description of the API"
	@echo "make messages   collect the texts to translate and compile the translations"

run: $(VENV)/installed
	@exec $(PYTHON) manage.py up

# Servers that break are timed: they have the machine for themselves, and come last.
test: $(VENV)/installed-dev
	$(PYTHON) -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder --ignore=e2e/faults $(ARGS)
	$(if $(ARGS),,$(PYTHON) -m pytest e2e/faults)

fuzz: $(VENV)/installed-dev
	CONCORDIA_FUZZ_EXAMPLES=300 $(PYTHON) -m pytest config/tests/test_fuzz.py $(ARGS)

# Every fault in its long form, and each once more without its protection, when it must do harm; a thousand requests;
# and on PostgreSQL more rounds of everybody at once.
faults: $(VENV)/installed-dev
	$(PYTHON) -m pytest e2e/faults approvals/tests/test_api_races.py config/tests/test_postgres.py --long $(ARGS)

bench: $(VENV)/installed-bench
	$(PYTHON) -m bench $(ARGS)

check: $(VENV)/installed-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/mypy
	SECRET_KEY=check DATABASE_URL=sqlite://:memory: $(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) -m pytest --quiet --no-header config/tests/test_architecture.py config/tests/test_translations.py

format: $(VENV)/installed-dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(ARGS)

lock: $(VENV)/installed-dev
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt
	$(LOCK) requirements-bench.in --output-file requirements-bench.txt
	$(LOCK) requirements-demo.in --output-file requirements-demo.txt --no-deps

schema: $(VENV)/installed
	SECRET_KEY=schema DATABASE_URL=sqlite://:memory: $(PYTHON) manage.py spectacular --validate --fail-on-warn --lang en --file docs/openapi.yaml

messages: $(VENV)/installed-dev
	@command -v xgettext >/dev/null || { echo "GNU gettext is needed (Debian: apt install gettext)." >&2; exit 1; }
	SECRET_KEY=messages $(PYTHON) manage.py makemessages --locale es --no-obsolete --ignore var --ignore .venv --ignore "requirements*.txt"
	SECRET_KEY=messages $(PYTHON) manage.py compilemessages --locale es --ignore .venv

# The stamps are newer than what they were made from, so that a second `make run` needs no network.
$(VENV)/installed: requirements.txt requirements-demo.txt | $(PYTHON)
	@echo "Installing, half a minute the first time"
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps -r requirements-demo.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@echo "Installing what tests need"
	@$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed requirements-bench.txt
	@echo "Installing what is compared with"
	@$(PIP) -r requirements.txt -r requirements-bench.txt
	@touch $@

# Debian splits ensurepip off into python3-venv, hence the import.
$(PYTHON):
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making $(VENV) with $$($$python --version)"; \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or newer with its venv module is needed (Debian: apt install python3-venv)." >&2; exit 1
