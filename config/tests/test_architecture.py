"""The rules of ARCHITECTURE.md that no linter knows."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("approvals", "campaigns", "customers")
# Drawers of an app that others must not reach into.
OWN_DRAWERS = {"views", "forms", "admin", "api", "tasks", "urls"}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "common", "base", "misc"}

# Whoever else wants a status calls the action of its writer.
STATUS_WRITERS = {
    "campaigns/actions/lifecycle.py",  # Campaign.status
    "campaigns/actions/planning.py",  # the first one
    "campaigns/actions/dataset/",  # the first one of an imported campaign
    "campaigns/actions/collisions/",  # Collision.state
    "campaigns/actions/uploads.py",  # ImportRun.state, until the folder is written
    "approvals/actions/cases.py",  # Case.state
    "approvals/actions/meetings.py",  # Meeting.state
    "approvals/actions/outbox.py",  # Mail.state
    "approvals/actions/extensions.py",  # Extension.state
    "approvals/actions/proposals.py",  # Proposal.state
    "approvals/actions/terms.py",  # Terms.state
    "approvals/actions/rule_notices.py",  # RuleNotice.state
    "approvals/actions/standing_rules.py",  # StandingRule.state
    "approvals/actions/request_steps.py",  # CustomerRequest.state
    "approvals/actions/requests.py",  # the first one
}
WRITING_CALLS = {
    "update",
    "create",
    "get_or_create",
    "update_or_create",
    "Campaign",
    "Case",
    "Collision",
    "Mail",
    "ImportRun",
}


def _sources(*, tests=False):
    """{path from the root: tree} of the Python files of the house."""
    found = {}
    for package in ("config", *APPS):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if tests or "tests" not in path.parts:
                found[path.relative_to(settings.BASE_DIR).as_posix()] = ast.parse(path.read_text(), str(path))
    return found


SOURCES = _sources()


def _nodes(kind, *, inside=""):
    """(place for a message, path, node) of every node of that kind in files whose path contains `inside`."""
    for path, tree in SOURCES.items():
        if inside in path:
            for node in ast.walk(tree):
                if isinstance(node, kind):
                    yield f"{path}:{getattr(node, 'lineno', 0)}", path, node


def _imports():
    """(place, path, dotted name) of everything imported, wherever in the file."""
    for place, path, node in _nodes(ast.Import | ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from ((place, path, name.name) for name in node.names)
        else:
            assert node.level == 0, f"{place}: imports are absolute"
            yield from ((place, path, f"{node.module}.{name.name}") for name in node.names)


def _called(node):
    """Name of what is called, without what it is called on."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_sources_are_found():
    """A check of nothing would pass."""
    assert {path.split("/")[0] for path in SOURCES} == {"config", *APPS}
    assert len(SOURCES) > 100


def test_names_are_words_of_the_domain():
    assert [path for path in SOURCES if Path(path).stem in NAMES_THAT_SAY_NOTHING] == []
    assert [path for path in SOURCES if NAMES_THAT_SAY_NOTHING & set(Path(path).parent.parts)] == []


def test_nobody_reaches_into_another_apps_drawers():
    wrong = []
    for place, path, name in _imports():
        app, _, rest = name.partition(".")
        foreign = app in APPS and not path.startswith((f"{app}/", "config/"))
        if foreign and rest.partition(".")[0] in OWN_DRAWERS:
            wrong.append(f"{place} imports {name}")
    assert wrong == []


WORDS_OF_DJANGO = ("django.utils.translation.", "django.utils.formats.")


def test_rules_know_words_of_django_and_nothing_else():
    wrong = [
        f"{place} imports {name}"
        for place, path, name in _imports()
        if "/rules/" in path and name.startswith("django.") and not name.startswith(WORDS_OF_DJANGO)
    ]
    assert wrong == []


def test_rules_are_annotated_to_the_last_argument():
    wrong = []
    for place, _, node in _nodes(ast.FunctionDef, inside="/rules/"):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        bare = [a.arg for a in arguments if a.annotation is None and a.arg not in {"self", "cls"}]
        if bare or node.returns is None:
            wrong.append(f"{place} {node.name}({', '.join(bare)})")
    assert wrong == []


def test_no_signals():
    wrong = [
        f"{place} imports {name}"
        for place, _, name in _imports()
        if "signals" in name.split(".") or name.startswith("django.dispatch")
    ]
    assert wrong == []


def test_models_have_no_business_in_save():
    wrong = [
        f"{place} {node.name}"
        for place, _, node in _nodes(ast.FunctionDef, inside="/models/")
        if node.name in {"save", "delete"}
    ]
    assert wrong == []


def test_a_status_is_written_by_its_one_writer():
    wrong = []
    for place, path, node in _nodes(ast.Assign | ast.AugAssign | ast.Call):
        if path.startswith(tuple(STATUS_WRITERS)) or "/migrations/" in path:
            continue
        if isinstance(node, ast.Call):
            names = {word.arg for word in node.keywords} if _called(node) in WRITING_CALLS else set()
        else:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {t.attr for t in targets if isinstance(t, ast.Attribute) and getattr(t.value, "id", "") != "self"}
        if names & {"status", "state"}:
            wrong.append(place)
    assert wrong == []


def test_row_locks_leave_foreign_keys_alone():
    """Without no_key a lock on a campaign stops whoever inserts a row that points at it, on PostgreSQL."""
    wrong = []
    for place, _, node in _nodes(ast.Call):
        if _called(node) == "select_for_update":
            given = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
            if given.get("no_key") is not True:
                wrong.append(place)
    assert wrong == []


def test_celery_is_a_doorbell():
    """Work is rows. Only events.ring() sends, and nothing is ever sent for later: Redis delivers such tasks twice."""
    wrong = []
    for place, path, node in _nodes(ast.Call):
        sends = _called(node) in {"delay", "apply_async", "send_task", "signature"}
        if (sends and path != "customers/actions/events.py") or {"eta", "countdown"} & {w.arg for w in node.keywords}:
            wrong.append(place)
    assert wrong == []


@pytest.mark.parametrize("drawer", ["/actions/", "/rules/", "/models/"])
def test_time_is_passed_in(drawer):
    wrong = []
    for place, _, node in _nodes(ast.Call, inside=drawer):
        owner = getattr(node.func, "value", None)
        if getattr(owner, "id", getattr(owner, "attr", "")) not in {"timezone", "datetime", "date", "time"}:
            continue
        # localtime(moment) turns a moment round; without one it reads the clock.
        reads = {"localdate", "localtime"} if not node.args else set()
        if _called(node) in {"now", "today", "utcnow", "time"} | reads:
            wrong.append(place)
    assert wrong == []


def test_migrations_have_names():
    assert [path for path in SOURCES if "/migrations/" in path and "auto_" in Path(path).name] == []


def test_tasks_say_that_they_are():
    wrong = [
        f"{place} {node.name}"
        for place, path, node in _nodes(ast.FunctionDef)
        if Path(path).name == "tasks.py" and node.decorator_list and not node.name.startswith("task_")
    ]
    assert wrong == []


def test_query_counts_are_asserted():
    """assertNumQueries(1) without `with` checks nothing."""
    wrong = []
    for path, tree in _sources(tests=True).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                call = node.value
                if "num_queries" in _called(call) or (_called(call) == "assertNumQueries" and len(call.args) < 2):
                    wrong.append(f"{path}:{node.lineno}")
    assert wrong == []
