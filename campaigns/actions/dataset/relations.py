"""Whether rows fit each other: codes named twice, ends before starts, terms that do not fit their mechanic."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.problems import SHOWN
from campaigns.rules.dataset import TABLES
from campaigns.rules.terms import WrongTerms, terms_of
from customers.rules import days
from customers.rules.text import shown


def check_relations(folder: Folder) -> None:
    """What can be judged by the folder alone."""
    for table in folder.columns:
        if TABLES[table].has_code:
            _codes_once(folder, table)
    _check_quiet_hours(folder)
    _check_campaign_dates(folder)
    _check_terms(folder)
    _check_modes(folder)


def _report(folder: Folder, table: str, column: str, sql: str, say: Callable[..., str]) -> None:
    """`sql` gives (line, what `say` needs ...), one row per problem."""
    count = folder.one(f"SELECT count(*) FROM ({sql})")
    if count:
        rows = folder.all(f"SELECT * FROM ({sql}) ORDER BY 1 LIMIT {SHOWN}")
        folder.problems.add_rows(table, column, count, rows, say)


def _codes_once(folder: Folder, table: str) -> None:
    sql = f"""
        SELECT line, code, first FROM (
            SELECT line, code, min(line) OVER (PARTITION BY code) AS first FROM "{table}" WHERE code IN (
                SELECT code FROM "{table}" GROUP BY code HAVING count(*) > 1))
        WHERE line > first"""
    text = _("“%(code)s” stands in row %(row)d already: one row per code")
    _report(folder, table, "code", sql, lambda code, first: text % {"code": shown(code), "row": first})


def _check_quiet_hours(folder: Folder) -> None:
    if not folder.has("channels"):
        return
    ends = {
        column: column if folder.has("channels", column) else "CAST(NULL AS VARCHAR)"
        for column in ("quiet_from", "quiet_to")
    }
    sql = f"SELECT line FROM channels WHERE ({ends['quiet_from']} IS NULL) <> ({ends['quiet_to']} IS NULL)"
    text = _("give both quiet_from and quiet_to, or neither")
    _report(folder, "channels", "quiet_from", sql, lambda: str(text))


def _check_campaign_dates(folder: Folder) -> None:
    if not folder.has("campaigns"):
        return
    sql = """
        SELECT line, starts, ends FROM (
            SELECT line, try_cast(starts_on AS DATE) AS starts, try_cast(ends_on AS DATE) AS ends FROM campaigns)
        WHERE """
    _report(folder, "campaigns", "ends_on", f"{sql} ends < starts", days.ends_early)
    _report(folder, "campaigns", "ends_on", f"{sql} ends - starts >= {days.LONGEST_PLAN_DAYS}", days.too_long)


def _check_terms(folder: Folder) -> None:
    """Every different pair of mechanic and value is judged once, in Python, by the rule that also reads it."""
    if not folder.has("offers", "mechanic"):
        if folder.has("offers", "value"):
            folder.problems.add("offers", 1, "value", _("a value says nothing without the column mechanic"))
        return
    known = ", ".join(f"'{mechanic}'" for mechanic in _mechanics())
    value = "coalesce(value, '')" if folder.has("offers", "value") else "''"
    pairs = f"SELECT line, coalesce(mechanic, '') AS m, {value} AS v FROM offers WHERE coalesce(mechanic, '') IN ('', {known})"
    judged = (
        [pair for pair in rows if _wrong_terms(*pair)]
        for rows in folder.stream(f"SELECT DISTINCT m, v FROM ({pairs}) ORDER BY m, v")
    )
    folder.keep("wrong_terms", {"m": "VARCHAR", "v": "VARCHAR"}, judged)
    wrong = f"SELECT line, m, v FROM ({pairs}) JOIN wrong_terms USING (m, v)"
    _report(folder, "offers", "value", wrong, _wrong_terms)


def _wrong_terms(mechanic: str, value: str) -> str:
    """What is wrong with a value for its mechanic; "" if nothing is."""
    try:
        terms_of(mechanic, value)
    except WrongTerms as wrong:
        text = _("“%(value)s” does not fit %(mechanic)s: %(wanted)s")
        named = mechanic or _("an offer without mechanic")
        return text % {"value": shown(value), "mechanic": named, "wanted": wrong.text}
    return ""


def _mechanics() -> tuple[str, ...]:
    column = TABLES["offers"].column("mechanic")
    assert column is not None
    return column.choices


def _check_modes(folder: Folder) -> None:
    """One category cannot be included and excluded in one role."""
    if not folder.has("offer_categories", "mode"):
        return
    role = "coalesce(role, 'target')" if folder.has("offer_categories", "role") else "'target'"
    sql = f"""
        SELECT line, category, first FROM (
            SELECT line, category, coalesce(mode, 'include') AS m,
                first_value(line) OVER same AS first, first_value(coalesce(mode, 'include')) OVER same AS first_mode
            FROM offer_categories WINDOW same AS (PARTITION BY offer, category, {role} ORDER BY line))
        WHERE m <> first_mode"""
    text = _("“%(category)s” has the other mode in row %(row)d: include it or exclude it")
    _report(folder, "offer_categories", "mode", sql, lambda code, row: text % {"category": shown(code), "row": row})
