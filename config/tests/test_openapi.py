"""The description of the API is committed, complete and what the API does."""

import io

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from rest_framework.viewsets import ViewSetMixin

from approvals.api.urls import SINGLES
from config.api import ROUTER
from customers.rest.viewsets import StrictViewSet, VisibleList

COMMITTED = settings.BASE_DIR / "docs" / "openapi.yaml"


def described():
    """As `make schema` writes it; a warning is an error."""
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--lang", "en", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_committed_description_is_that_of_the_code():
    assert COMMITTED.read_text() == described(), "run `make schema` and commit docs/openapi.yaml"


def operations():
    document = yaml.load(COMMITTED.read_text(), yaml.CSafeLoader)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_every_operation_says_in_a_sentence_what_it_does():
    assert [name for name, operation in operations() if len(operation.get("description", "")) < 10] == []


def test_every_operation_wants_a_signed_in_colleague():
    assert [
        name for name, operation in operations() if operation["security"] != [{"token": []}, {"session": []}]
    ] == []


def viewsets():
    return [*(viewset for _prefix, viewset, _name in ROUTER.registry), *SINGLES.values()]


def test_every_list_reads_through_visible():
    assert [one.__name__ for one in viewsets() if not issubclass(one, StrictViewSet)] == []
    assert [one.__name__ for one in viewsets() if hasattr(one, "list") and not issubclass(one, VisibleList)] == [
        # Everybody who works here reads briefings; approvals.queries.briefings says of what.
        "BriefingViewSet"
    ]


def test_every_post_can_be_sent_again():
    wrong = []
    for viewset in viewsets():
        assert issubclass(viewset, ViewSetMixin)
        posts = [action for action in viewset.get_extra_actions() if "post" in action.mapping]
        handlers = [getattr(viewset, action.mapping["post"]) for action in posts]
        handlers += [viewset.create] if hasattr(viewset, "create") else []
        wrong += [f"{viewset.__name__}.{one.__name__}" for one in handlers if not hasattr(one, "is_idempotent")]
    assert wrong == []
