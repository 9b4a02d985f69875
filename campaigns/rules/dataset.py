"""The tables of a dataset folder: which columns they have and what a cell may hold."""

from dataclasses import dataclass

from campaigns.choices import CampaignStatus, JourneyStage, Mechanic, Mode, ScopeRole
from customers.rules.numbers import LARGEST_INTEGER, LARGEST_MONEY, LARGEST_SMALL


@dataclass(frozen=True)
class Column:
    """What a cell may hold.

    `kind` is one of code, text, prose (several lines), email, language, date, time, decimal, integer, boolean, choice,
    currency, json, terms, and codes (a list separated by `|`). `size` is the most characters. `of` is the table whose
    codes the cell names ("users" and "categories" are named by no table of their own). Numbers lie between `low` and
    `high`, both included; decimals have at most `places` digits after the point.
    """

    name: str
    kind: str
    required: bool = False
    size: int = 0
    of: str = ""
    choices: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    places: int = 0


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    has_code: bool = True

    @property
    def required(self) -> list[str]:
        return [column.name for column in self.columns if column.required]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def _code(name: str = "code", size: int = 64) -> Column:
    return Column(name, "code", required=True, size=size)


def _name(name: str = "name") -> Column:
    return Column(name, "text", required=True, size=200)


def _reference(name: str, of: str, *, required: bool = False, size: int = 64) -> Column:
    return Column(name, "code", required=required, size=size, of=of)


def _money(name: str) -> Column:
    return Column(name, "decimal", low="0", high=str(LARGEST_MONEY), places=2)


def _count(name: str) -> Column:
    return Column(name, "integer", low="0", high=str(LARGEST_INTEGER))


_ROLE = Column("role", "choice", choices=tuple(ScopeRole.values))
_ATTRIBUTES = Column("attributes", "json", size=100_000)

TABLES = {
    table.name: table
    for table in (
        Table(
            "departments",
            (
                _code(),
                _name(),
                Column("business_unit", "text", size=200),
                _reference("lead", "users", size=150),
                Column("value_proposition", "prose", size=10_000),
            ),
        ),
        Table(
            "channels",
            (_code(), _name(), _count("capacity_per_day"), Column("quiet_from", "time"), Column("quiet_to", "time")),
        ),
        Table(
            "products",
            (
                _code(),
                _name(),
                _code("category", size=200),
                Column("brand", "text", size=200),
                _reference("department", "departments"),
                _money("price"),
                _money("cost"),
                _count("stock"),
                _ATTRIBUTES,
            ),
        ),
        Table(
            "customers",
            (
                _code(),
                Column("household", "text", size=64),
                Column("email", "email", size=254),
                Column("language", "language", size=8),
                _ATTRIBUTES,
            ),
        ),
        Table("segments", (_code(), _name())),
        Table(
            "segment_members",
            (_reference("segment", "segments", required=True), _reference("customer", "customers", required=True)),
            has_code=False,
        ),
        Table(
            "campaigns",
            (
                _code(),
                _name(),
                _reference("department", "departments", required=True),
                Column("starts_on", "date", required=True),
                Column("ends_on", "date", required=True),
                Column("goal", "prose", size=10_000),
                Column("kpi", "text", size=200),
                Column("kpi_target", "decimal", low="-9999999999.9999", high="9999999999.9999", places=4),
                _money("budget"),
                Column("journey_stage", "choice", choices=tuple(JourneyStage.values)),
                _reference("contact_person", "users", size=150),
                Column(
                    "status",
                    "choice",
                    choices=(
                        CampaignStatus.DRAFT.value,
                        CampaignStatus.SUBMITTED.value,
                        CampaignStatus.APPROVED.value,
                    ),
                ),
            ),
        ),
        Table(
            "offers",
            (
                _code(size=128),
                _reference("campaign", "campaigns", required=True),
                _name(),
                _reference("department", "departments"),
                Column("starts_on", "date"),
                Column("ends_on", "date"),
                Column("mechanic", "choice", choices=tuple(Mechanic.values)),
                Column("value", "terms", size=64),
                Column("currency", "currency"),
                Column("segments", "codes", size=100_000, of="segments"),
                Column("channels", "codes", size=100_000, of="channels"),
                Column("stackable", "boolean"),
                Column("margin_floor_pct", "decimal", low="0", high="99.99", places=2),
                Column("priority", "integer", low=str(-LARGEST_SMALL), high=str(LARGEST_SMALL)),
            ),
        ),
        Table(
            "offer_products",
            (
                _reference("offer", "offers", required=True, size=128),
                _reference("product", "products", required=True),
                _ROLE,
            ),
            has_code=False,
        ),
        Table(
            "offer_categories",
            (
                _reference("offer", "offers", required=True, size=128),
                _reference("category", "categories", required=True, size=200),
                _ROLE,
                Column("mode", "choice", choices=tuple(Mode.values)),
            ),
            has_code=False,
        ),
    )
}

# Named by the format, but nothing here could use them yet.
NOT_YET = frozenset({"interactions", "consents"})

# Codes of these stand in lists separated by it.
LISTED = frozenset({"segments", "channels"})
SEPARATOR = "|"

TRUE_WORDS = ("true", "yes", "1")
FALSE_WORDS = ("false", "no", "0")
