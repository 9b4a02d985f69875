"""Whether every code that a cell names exists, in the folder or in the database."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.problems import SHOWN
from campaigns.models import Campaign, Category, Department, Offer, Product
from campaigns.rules.dataset import TABLES
from customers.models import Channel, Customer, Segment
from customers.rules import days
from customers.rules.text import shown

MODELS: dict[str, type[Model]] = {
    "departments": Department,
    "channels": Channel,
    "products": Product,
    "categories": Category,
    "customers": Customer,
    "segments": Segment,
    "campaigns": Campaign,
    "offers": Offer,
}

# What one statement can ask for at once on both databases.
AT_ONCE = 5000


@dataclass(frozen=True)
class Reference:
    """A column whose cells name codes of `of`; `sql` gives (line, code), one row per code named."""

    table: str
    column: str
    of: str
    sql: str


def references(folder: Folder) -> Iterator[Reference]:
    for table, columns in folder.columns.items():
        for name in columns:
            column = TABLES[table].column(name)
            if column is None or not column.of:
                continue
            cell = f'"{name}"'
            if column.kind == "codes":
                cell = f"unnest(list_filter(list_transform(string_split({cell}, '|'), lambda part: trim(part)), lambda part: part <> ''))"
            yield Reference(
                table, name, column.of, f'SELECT line, {cell} AS code FROM "{table}" WHERE "{name}" IS NOT NULL'
            )
    if folder.has("offers", "mechanic", "value"):
        sql = "SELECT line, value AS code FROM offers WHERE mechanic = 'gift' AND value IS NOT NULL"
        yield Reference("offers", "value", "products", sql)


def codes_in_folder(folder: Folder, of: str) -> str:
    """SQL of the codes that the folder itself brings; without rows if it brings none."""
    if of == "categories" and folder.has("products"):
        return "SELECT category AS code FROM products WHERE category IS NOT NULL"
    if folder.has(of):
        return f'SELECT code FROM "{of}" WHERE code IS NOT NULL'
    return "SELECT '' AS code WHERE false"


def check_references(folder: Folder) -> None:
    asked = list(references(folder))
    for number, reference in enumerate(asked, start=1):
        folder.progress("check codes", number, len(asked))
        if reference.of in folder.broken or (reference.of == "categories" and "products" in folder.broken):
            continue  # the row that it names may be one that could not be read
        missing = (
            f"SELECT line, code FROM ({reference.sql}) WHERE code NOT IN ({codes_in_folder(folder, reference.of)})"
        )
        _keep_known(folder, reference.of, f"SELECT DISTINCT code FROM ({missing})")
        _report_unknown(folder, reference, f"{missing} AND code NOT IN (SELECT code FROM known)")


def _keep_known(folder: Folder, of: str, sql: str) -> None:
    """Make the table `known` of those codes that the database has."""
    asked = folder.stream(sql, AT_ONCE)
    known = ([(code,) for code in _in_database(of, [code for (code,) in rows])] for rows in asked)
    folder.keep("known", {"code": "VARCHAR"}, known)


def _in_database(of: str, codes: list[str]) -> Iterable[str]:
    if of == "users":
        return User.objects.filter(username__in=codes, is_active=True).values_list("username", flat=True)
    return MODELS[of]._default_manager.filter(code__in=codes).values_list("code", flat=True)


def _report_unknown(folder: Folder, reference: Reference, sql: str) -> None:
    count = folder.one(f"SELECT count(*) FROM ({sql})")
    if not count:
        return
    texts = {
        "users": _("no active user has the name “%(code)s”: add the person first"),
        "categories": _("no product has the category “%(code)s”"),
    }
    text = texts.get(reference.of, _("unknown code “%(code)s”: neither in %(table)s nor in the database"))
    rows = folder.all(f"SELECT line, code FROM ({sql}) ORDER BY 1 LIMIT {SHOWN}")
    folder.problems.add_rows(
        reference.table,
        reference.column,
        count,
        rows,
        lambda code: text % {"code": shown(code), "table": reference.of},
    )


def check_offers_against_database(folder: Folder) -> None:
    """Dates that an offer takes from its campaign or keeps, and offers that would change their campaign."""
    if not folder.has("offers"):
        return
    _keep_stored(folder, "stored_offers", "SELECT DISTINCT code FROM offers", _stored_offers)
    _keep_stored(folder, "stored_campaigns", "SELECT DISTINCT campaign FROM offers", _stored_campaigns)
    moved = """
        SELECT o.line, o.campaign, s.campaign FROM offers o JOIN stored_offers s ON s.code = o.code
        WHERE o.campaign <> s.campaign"""
    text = _("the offer belongs to campaign “%(stored)s” and cannot move to “%(named)s”: give it another code")
    _report(folder, "campaign", moved, lambda named, stored: text % {"named": shown(named), "stored": shown(stored)})
    dates = f"SELECT line, starts, ends FROM ({_effective_dates(folder)}) WHERE (is_own) AND"
    _report(folder, "ends_on", f"{dates} ends < starts", days.ends_early)
    _report(folder, "ends_on", f"{dates} ends - starts >= {days.LONGEST_PLAN_DAYS}", days.too_long)


def _report(folder: Folder, column: str, sql: str, say: Callable[..., str]) -> None:
    rows = folder.all(f"SELECT * FROM ({sql}) ORDER BY 1")
    folder.problems.add_rows("offers", column, len(rows), rows[:SHOWN], say)


def _effective_dates(folder: Folder) -> str:
    """(line, is_own, starts, ends): the cell, else the campaign's day; the stored one where the file has no such column.

    `is_own`: the row says something about its dates, so that a campaign's mistake is not told again for each offer.
    """
    own = [f"o.{column} IS NOT NULL" for column in ("starts_on", "ends_on") if folder.has("offers", column)]

    def day(column: str) -> str:
        own = f"try_cast(o.{column} AS DATE)" if folder.has("offers", column) else f"s.{column}"
        named = f"try_cast(c.{column} AS DATE)" if folder.has("campaigns") else "CAST(NULL AS DATE)"
        return f"coalesce({own}, {named}, k.{column})"

    campaigns = "LEFT JOIN campaigns c ON c.code = o.campaign" if folder.has("campaigns") else ""
    return f"""
        SELECT o.line, {" OR ".join(own) or "false"} AS is_own, {day("starts_on")} AS starts, {day("ends_on")} AS ends FROM offers o {campaigns}
        LEFT JOIN stored_offers s ON s.code = o.code LEFT JOIN stored_campaigns k ON k.code = o.campaign"""


def _stored_offers(codes: list[str]) -> Iterable[tuple[Any, ...]]:
    for offer in Offer.objects.filter(code__in=codes).select_related("campaign"):
        yield offer.code, offer.starts_on, offer.ends_on, offer.campaign.code


def _stored_campaigns(codes: list[str]) -> Iterable[tuple[Any, ...]]:
    for campaign in Campaign.objects.filter(code__in=codes):
        yield campaign.code, campaign.starts_on, campaign.ends_on, campaign.code


def _keep_stored(
    folder: Folder, name: str, sql: str, stored: Callable[[list[str]], Iterable[tuple[Any, ...]]]
) -> None:
    found = (list(stored([code for (code,) in rows if code])) for rows in folder.stream(sql, AT_ONCE))
    folder.keep(name, {"code": "VARCHAR", "starts_on": "DATE", "ends_on": "DATE", "campaign": "VARCHAR"}, found)
