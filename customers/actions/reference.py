"""Writing reference data: rows that administrators keep by hand and whose change has no consequences elsewhere."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from customers.actions import history
from customers.permissions import is_administrator


@transaction.atomic
def save(*, row: Any, by: AbstractBaseUser, now: datetime) -> Any:
    """Add or change a row that has a `code`; nothing different means nothing written.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: by field; also for another code, by which other systems and the history name the row.
    """
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators change this."))
    model: type[models.Model] = type(row)
    stored: Any = None
    if row.pk:
        stored = model._default_manager.select_for_update(no_key=True).get(pk=row.pk)
        if stored.code != row.code:
            raise ValidationError({"code": _("Other systems name it by its code, which therefore stays.")})
    row.full_clean()
    columns = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    before = {name: getattr(stored, name) if stored else None for name in columns}
    changes = {
        name: (before[name], getattr(row, name))
        for name in columns
        if before[name] != getattr(row, name) and (stored or getattr(row, name) not in (None, ""))
    }
    if not changes:
        return row
    row.save()
    history.write(
        by=by,
        now=now,
        verb="change" if stored else "add",
        subject=f"{model._meta.model_name}:{row.code}",
        changes=changes,
    )
    return row
