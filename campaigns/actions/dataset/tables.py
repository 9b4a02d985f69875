"""Writing the tables that plans refer to: departments, channels, products, customers, segments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User

from campaigns.actions import access, catalogue
from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.runs import Run
from campaigns.actions.dataset.typed import arrange, take
from campaigns.models import Department
from customers.actions.channels import put_channels
from customers.actions.customers import add_customers
from customers.actions.upsert import upsert

ROWS_AT_ONCE = 5000


def write_departments(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    total = arrange(folder, "departments", "line")
    for start, end in run.pieces("departments", total, ROWS_AT_ONCE):
        with run.piece("departments", end, total) as count:
            rows = take(folder, "departments", start, end)
            leads = {row["code"]: row.pop("lead", None) for row in rows}
            count("departments", upsert(Department, rows).counts)
            _name_leads({code: lead for code, lead in leads.items() if lead}, by=by, now=run.now)


def _name_leads(leads: Mapping[str, str], *, by: AbstractBaseUser | None, now: datetime) -> None:
    users = {user.username: user for user in User.objects.filter(username__in=leads.values())}
    for department in Department.objects.filter(code__in=leads).order_by("pk"):
        access.join(department=department, user=users[leads[department.code]], is_lead=True, by=by, now=now)


def write_channels(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    total = arrange(folder, "channels", "line")
    for start, end in run.pieces("channels", total, ROWS_AT_ONCE):
        with run.piece("channels", end, total) as count:
            count("channels", put_channels(take(folder, "channels", start, end)).counts)


def write_products(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    # Ordered by category, so that the offers of a category are written anew once and not with every piece.
    total = arrange(folder, "products", "category, line")
    departments = dict(Department.objects.values_list("code", "pk"))
    for start, end in run.pieces("products", total, ROWS_AT_ONCE):
        with run.piece("products", end, total) as count:
            rows = [_with_department(row, departments) for row in take(folder, "products", start, end)]
            count("products", catalogue.put_products(rows, now=run.now, announce=False).counts)


def _with_department(row: dict[str, Any], departments: Mapping[str, int]) -> dict[str, Any]:
    if "department" in row:
        code = row.pop("department")
        row["department_id"] = departments[code] if code else None
    return row


def write_customers(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    total = arrange(folder, "customers", "line")
    for start, end in run.pieces("customers", total, ROWS_AT_ONCE):
        with run.piece("customers", end, total) as count:
            done = add_customers(take(folder, "customers", start, end), now=run.now, announce=False)
            count("customers", done.counts)
