"""Products and segments typed as what other systems call them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Product
from customers.form_fields import LineField, ProseField
from customers.queries.codes import by_code

# So many wrong codes are named one by one.
NAMED = 10
# Characters of a list of codes.
LONGEST_LIST = 500_000


class ProductCodesField(ProseField):
    """Product codes, one per line; cleans to the products, and names every code that does not exist with its line."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea({"rows": 4, "spellcheck": "false"})
        super().__init__(widget=widget, required=False, max_length=LONGEST_LIST, **kwargs)

    def clean(self, value: Any) -> list[Product]:
        lines = {
            code: number
            for number, line in reversed(list(enumerate(super().clean(value).splitlines(), start=1)))
            if (code := line.strip().strip(",;"))
        }
        found = by_code(Product.objects.all(), lines)
        if unknown := sorted((number, code) for code, number in lines.items() if code not in found):
            raise ValidationError(self._wrong(unknown))
        return list(found.values())

    def _wrong(self, unknown: list[tuple[int, str]]) -> list[str]:
        errors = [
            _("Line %(line)s: there is no product with the code “%(code)s”.") % {"line": line, "code": code[:64]}
            for line, code in unknown[:NAMED]
        ]
        if (more := len(unknown) - NAMED) > 0:
            errors.append(ngettext("%(n)s more code is unknown.", "%(n)s more codes are unknown.", more) % {"n": more})
        return errors


class CodeField(LineField):
    """The code of one of `rows`; cleans to the row, or None."""

    def __init__(self, rows: QuerySet, *, missing: Any, **kwargs: Any) -> None:
        self.rows, self.missing = rows, missing
        super().__init__(required=False, max_length=64, **kwargs)
        self.widget.attrs["spellcheck"] = "false"

    def clean(self, value: Any) -> Any:
        code = super().clean(value)
        found = self.rows.filter(code=code).first() if code else None
        if code and found is None:
            raise ValidationError(self.missing % {"code": code})
        return found
