"""How the admin shows a model: only what `visible(user)` gives, read-only until a class says otherwise."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.contrib.auth.models import User
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from customers import form_fields
from customers.actions import reference
from customers.permissions import colleagues, is_administrator


def once(request: HttpRequest, name: str, find: Callable[[], Any]) -> Any:
    """A fact about the reader, asked of the database once per request: the sidebar asks every page for all models."""
    facts = request.__dict__.setdefault("_concordia_facts", {})
    if name not in facts:
        facts[name] = find()
    return facts[name]


def visible(model: type[Model], user: Any) -> QuerySet:
    """Rows of `model` this person may see; people are the active colleagues."""
    if model is User:
        return colleagues()
    return model._default_manager.visible(user)


class VisibleModelAdmin(ModelAdmin):
    list_per_page = 25
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    actions = None
    empty_value_display = "—"
    empty_first = _("Nothing here yet.")
    empty_found = _("Nothing matches this search.")

    def allows(self, request: HttpRequest) -> bool:
        """Who may open these pages at all; which rows they find there is visible(user)'s business."""
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = visible(self.model, request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active and request.user.is_staff and self.allows(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the filters beside the list ask: any other column answers questions its rows do not show."""
        if lookup.split("__", maxsplit=1)[0] not in {field.name for field in self.opts.get_fields()}:
            return super().lookup_allowed(lookup, value, request)
        asked = set()
        for one in self.list_filter:
            asked |= {f"{one}__exact"} if isinstance(one, str) else {one.parameter_name or getattr(one, "field", "")}
        return lookup in asked

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """Django's own log knows nothing of visible(user); what happened is told by HistoryEntry."""
        raise Http404

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", visible(db_field.remote_field.model, request.user))
        return self._without_shortcuts(super().formfield_for_foreignkey(db_field, request, **kwargs))

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", visible(db_field.remote_field.model, request.user))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs = form_fields.arguments(db_field) | kwargs
        return self._without_shortcuts(super().formfield_for_dbfield(db_field, request, **kwargs))

    @staticmethod
    def _without_shortcuts(field: Any) -> Any:
        """No add, change or delete beside a select: the menu that holds them cannot be reached by keyboard."""
        widget = getattr(field, "widget", None)
        for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if hasattr(widget, name):
                setattr(widget, name, False)
        return field

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Nothing: history is written with the change itself."""

    log_change = log_addition

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Nothing, as above."""


class ReferenceModelAdmin(VisibleModelAdmin):
    """Rows that everybody reads and administrators write, and whose change has no consequences elsewhere."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        reference.save(row=obj, by=request.user, now=timezone.now())


class VisibleRelatedFilter(SimpleListFilter):
    """A filter over a foreign key that offers only rows the reader may see.

    Subclasses give `field`, `model` and `title`.
    """

    field = ""
    model: type[Model]

    def __init__(self, request: HttpRequest, params: dict, model: type[Model], model_admin: Any) -> None:
        self.parameter_name = self.field
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in visible(self.model, request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if not value:
            return queryset
        # Beyond 18 digits no key exists, and a database may refuse the number.
        return self.narrow(queryset, value) if value.isdecimal() and len(value) <= 18 else queryset.none()

    def narrow(self, queryset: QuerySet, pk: str) -> QuerySet:
        return queryset.filter(**{self.field: pk})


class LinkedFilter(VisibleRelatedFilter):
    """A filter that only a link sets: all its rows would be longer than the page.

    It offers what the link named, so that the reader sees it and can take it away.
    """

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.field, "")
        if not value:
            return []
        is_key = value.isdecimal() and len(value) <= 18
        chosen = visible(self.model, request.user).filter(pk=value) if is_key else ()
        return [(str(row.pk), str(row)) for row in chosen] or [(value, _("unknown"))]


__all__ = ["LinkedFilter", "ReferenceModelAdmin", "VisibleModelAdmin", "VisibleRelatedFilter", "once", "visible"]
