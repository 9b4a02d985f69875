"""How the API shows a model: only what `visible(user)` gives, read-only until a class says otherwise."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from customers.rest.problems import ParameterError

LIST_PARAMETERS = {"page", "page_size", "ordering", "search"}


class StrictViewSet(GenericViewSet):
    """Operations that refuse parameters they do not know.

    `renamed`: what columns are called here, for errors of actions.
    """

    renamed: ClassVar[dict[str, str]] = {}
    # Query parameters of actions that are neither list nor detail.
    action_parameters: ClassVar[dict[str, set[str]]] = {}
    # Those of a list that may be given more than once.
    repeatable: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._check_parameters(request)
        if request.method not in SAFE_METHODS:
            # Read before anything is locked: who sends slowly would keep everybody else from writing to SQLite.
            request.data  # noqa: B018 - reading it is what it is for

    def _check_parameters(self, request: Request) -> None:
        """A filter that is not known would silently answer more than was asked for."""
        known = self.known_parameters() if request.method in ("GET", "HEAD") else set()
        wrong = {}
        for name, values in request.query_params.lists():
            if name not in known:
                text = (
                    _("There is no such parameter; there are %(known)s.")
                    if known
                    else _("There are no parameters here.")
                )
                wrong[name] = [text % {"known": ", ".join(sorted(known))}]
            elif len(values) > 1 and name not in self.repeatable:
                wrong[name] = [_("Give it once.")]
            elif any("\x00" in value for value in values):
                wrong[name] = [_("It holds a character that no text has (NUL).")]
        if wrong:
            raise ParameterError(wrong)
        if "fields" in request.query_params:
            # Read here, as a list without rows would never look at them.
            self.get_serializer().get_fields()

    def known_parameters(self) -> set[str]:
        return self.action_parameters.get(self.action, set())

    def handle_exception(self, exc: Exception) -> Any:
        # A number that no database can hold is the number of nothing.
        return super().handle_exception(Http404() if isinstance(exc, OverflowError) else exc)


class VisibleList(ListModelMixin, StrictViewSet):
    """The list of the rows of `model` that the reader may see.

    Subclasses give `model`, `serializer_class`, and where they apply `filterset_class`, `search_fields`,
    `ordering_fields` and `ordering`.
    """

    model: Any
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class: Any = None
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ("id",)
    ordering: tuple[str, ...] = ()

    def rows(self) -> QuerySet:
        """Rows the reader may see, with what the serializer needs of other tables."""
        return self.model._default_manager.visible(self.request.user)

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.rows()

    def known_parameters(self) -> set[str]:
        if self.action == "list":
            search = set() if self.search_fields else {"search"}
            filters = set(self.filterset_class.base_filters) if self.filterset_class else set()
            return LIST_PARAMETERS - search | filters | {"fields"}
        return {"fields"} if self.action == "retrieve" else super().known_parameters()


class VisibleViewSet(RetrieveModelMixin, VisibleList):
    """The list and each of its rows."""
