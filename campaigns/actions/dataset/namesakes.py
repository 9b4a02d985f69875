"""Departments whose codes or names differ from those of others only in upper and lower case."""

from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset.folder import Folder
from campaigns.models import Department
from customers.languages import filled
from customers.rules.text import folded, shown


def check_namesakes(folder: Folder) -> None:
    """Compared with the rows above and with what is stored. Two departments that swap their names need two imports."""
    if not folder.has("departments"):
        return
    rows = folder.all(
        "SELECT line, code, name FROM departments WHERE code IS NOT NULL AND name IS NOT NULL ORDER BY line"
    )
    stored = list(Department.objects.values_list("code", "name"))
    codes = {folded(code): code for code, _name in stored}
    names = {folded(name): (code, name) for code, name in stored}
    for line, code, name in rows:
        other = codes.setdefault(folded(code), code)
        if other != code:
            text = _("“%(code)s” differs from department “%(other)s” in upper and lower case alone")
            folder.problems.add("departments", line, "code", filled(text, code=shown(code), other=shown(other)))
        whose, same = names.setdefault(folded(name), (code, name))
        if whose != code:
            text = _("“%(name)s” is the name of department %(code)s already")
            folder.problems.add("departments", line, "name", filled(text, name=shown(same), code=shown(whose)))
