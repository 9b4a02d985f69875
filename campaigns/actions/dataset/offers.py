"""Writing offers, each together with its audience, channels and scope, so that none is ever half there."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from campaigns.actions import access, lifecycle, postings
from campaigns.actions.dataset import scopes
from campaigns.actions.dataset.audiences import make_audiences
from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.ids import keep_ids
from campaigns.actions.dataset.plans import ONE_DAY
from campaigns.actions.dataset.runs import Run
from campaigns.actions.dataset.typed import arrange, take
from campaigns.choices import Mode
from campaigns.models import Campaign, Department, Offer, Product
from campaigns.rules.terms import TERM_COLUMNS, terms_of
from customers.actions import history
from customers.actions.history import Entry
from customers.actions.upsert import differences, locked_by_code, update
from customers.clock import local_day
from customers.models import Channel, Segment

STEP = "offers"
OFFERS_AT_ONCE = 250
LINES_AT_ONCE = 50_000

Changes = dict[str, tuple[Any, Any]]


def write_offers(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    total = _arrange(folder)
    cells = _Cells(folder)
    make_audiences(folder, run)
    for start, end in _pieces(folder, run.at.get(STEP, 0)):
        with run.piece(STEP, end, total) as count:
            piece = _Piece.read(folder, cells, start, end)
            _write_lists(piece, folder, count, start, end)
            _finish(piece, run, by)
            if piece.rows:
                count("offers", piece.counts)


def _arrange(folder: Folder) -> int:
    """Make `named`, the offers that the folder names anywhere, in order of code and numbered, and their scopes."""
    named = ["SELECT code FROM offers"] if folder.has("offers") else []
    named += [
        f"SELECT offer AS code FROM {table}" for table in ("offer_products", "offer_categories") if folder.has(table)
    ]
    folder.con.execute(
        f"CREATE OR REPLACE TABLE named AS SELECT row_number() OVER (ORDER BY code) - 1 AS n, code FROM ({' UNION '.join(named)})"
    )
    if folder.has("offers"):
        arrange(folder, "offers", "code")
    for what, key in (("products", "product"), ("categories", "category")):
        keep_ids(folder, what)
        table = f"offer_{what}"
        if folder.has(table):
            role = "coalesce(t.role, 'target')" if folder.has(table, "role") else "'target'"
            mode = "coalesce(t.mode, 'include')" if folder.has(table, "mode") else "'include'"
            folder.con.execute(
                f"CREATE OR REPLACE TABLE named_{what} AS SELECT DISTINCT n.n, {mode} AS mode, i.id, {role} AS role FROM {table} t "
                f"JOIN named n ON n.code = t.offer JOIN {what}_ids i ON i.code = t.{key} ORDER BY n.n, i.id"
            )
    return folder.rows_of("named")


def _pieces(folder: Folder, start: int) -> Iterator[tuple[int, int]]:
    """Ranges [start, end) of `named` with at most so many offers and, unless one offer alone has more, lines."""
    lines = [f"SELECT n FROM named_{what}" for what in ("products", "categories") if folder.has(f"offer_{what}")]
    counted = f"SELECT n, count(*) FROM ({' UNION ALL '.join(lines)}) GROUP BY n" if lines else ""
    sizes = dict(folder.all(counted)) if lines else {}
    total, weight = folder.rows_of("named"), 0
    for n in range(start, total):
        size = sizes.get(n, 0)
        if n > start and (n - start == OFFERS_AT_ONCE or weight + size > LINES_AT_ONCE):
            yield start, n
            start, weight = n, 0
        weight += size
    if start < total:
        yield start, total


class _Cells:
    """What turns the cells of an offer into the columns of the model."""

    def __init__(self, folder: Folder) -> None:
        self.departments = dict(Department.objects.values_list("code", "pk"))
        self.segments = dict(Segment.objects.filter(code__isnull=False).values_list("code", "pk"))
        self.channels = dict(Channel.objects.values_list("code", "pk"))
        self.gifts: dict[str, int] = {}
        if folder.has("offers", "mechanic", "value"):
            gifts = "SELECT value FROM offers WHERE mechanic = 'gift'"
            self.gifts = dict(folder.all(f"SELECT code, id FROM products_ids WHERE code IN ({gifts})"))

    def fields(self, row: Mapping[str, Any], campaign: Campaign, *, is_new: bool) -> dict[str, Any]:
        """Columns to set; a column that the file does not have is only set on a new offer."""
        fields: dict[str, Any] = {"code": row["code"], "name": row["name"], "campaign_id": campaign.pk}
        if is_new or "department" in row:
            code = row.get("department")
            fields["department_id"] = self.departments[code] if code else campaign.department_id
        if is_new or "starts_on" in row:
            fields["starts_on"] = row.get("starts_on") or campaign.starts_on
        if is_new or "ends_on" in row:
            ends_on: date | None = row.get("ends_on")
            fields["ends_before"] = ends_on + ONE_DAY if ends_on else campaign.ends_before
        for column in ("stackable", "margin_floor_pct", "priority"):
            if column in row:
                fields[column] = row[column]
        return fields | (self._terms(row["mechanic"], row.get("value") or "") if "mechanic" in row else {})

    def _terms(self, mechanic: str, value: str) -> dict[str, Any]:
        terms = dict.fromkeys(TERM_COLUMNS) | dict(terms_of(mechanic, value))
        gift = terms.pop("gift_product")
        return terms | {"mechanic": mechanic, "gift_product_id": self.gifts[gift] if gift else None}

    def told(self, changes: Changes) -> Changes:
        """Changes as the history tells them: by code instead of key."""
        told = dict(changes)
        departments = {pk: code for code, pk in self.departments.items()}
        for column, codes in (("department", departments), ("gift_product", _codes_of_gifts(changes))):
            if f"{column}_id" in told:
                before, after = told.pop(f"{column}_id")
                told[column] = codes.get(before), codes.get(after)
        return told


def _codes_of_gifts(changes: Changes) -> dict[int, str]:
    gifts = [pk for pk in changes.get("gift_product_id", ()) if pk]
    return dict(Product.objects.filter(pk__in=gifts).values_list("pk", "code")) if gifts else {}


@dataclass
class _Piece:
    """Some offers being written. `rows` are those that the table of offers names; withdrawn offers stay as they are."""

    rows: dict[str, dict[str, Any]]
    places: dict[int, Offer]
    created: list[Offer]
    changes: dict[int, Changes]
    untouched: int
    cells: _Cells
    list_changes: dict[int, Changes] = field(default_factory=dict)
    relisted: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Folder, cells: _Cells, start: int, end: int) -> "_Piece":
        """Compare the rows with what is stored, and insert the new offers."""
        codes = dict(folder.all("SELECT n, code FROM named WHERE n >= ? AND n < ?", [start, end]))
        rows = {row["code"]: row for row in _rows_between(folder, min(codes.values()), max(codes.values()))}
        access.lock_departments(cells.departments[code] for row in rows.values() if (code := row.get("department")))
        campaigns = _locked_campaigns(rows, codes.values())
        stored = locked_by_code(Offer, codes.values())
        created, changes = [], {}
        for code, row in rows.items():
            offer = stored.get(code)
            fields = cells.fields(row, campaigns[row["campaign"]], is_new=offer is None)
            if offer is None:
                stored[code] = Offer(**fields)
                created.append(stored[code])
            elif offer.withdrawn_at is None and (different := differences(offer, fields)):
                changes[offer.pk] = different
        Offer.objects.bulk_create(created, batch_size=500)
        places = {n: stored[code] for n, code in codes.items() if stored[code].withdrawn_at is None}
        return cls(rows, places, created, changes, len(rows) - len(created), cells)

    @property
    def known(self) -> set[int]:
        """Ids of the offers that were there before."""
        new = {offer.pk for offer in self.created}
        return {offer.pk for offer in self.places.values()} - new

    @property
    def counts(self) -> dict[str, int]:
        """Of the rows in the table of offers; lists in tables of their own are counted there."""
        updated = len({pk for pk in self.changes if self.offers[pk].code in self.rows} | self.relisted)
        return {"created": len(self.created), "updated": updated, "unchanged": self.untouched - updated}

    def note(self, written: scopes.Written, *, in_own_row: bool) -> None:
        for offer, changes in written.changes.items():
            self.list_changes[offer] = self.list_changes.get(offer, {}) | changes
        if in_own_row:
            self.relisted |= written.changes.keys()

    @property
    def offers(self) -> dict[int, Offer]:
        return {offer.pk: offer for offer in self.places.values()}


def _rows_between(folder: Folder, first: str, last: str) -> list[dict[str, Any]]:
    if not folder.has("offers"):
        return []
    ((start, end),) = folder.all("SELECT min(n), max(n) FROM offers_typed WHERE code BETWEEN ? AND ?", [first, last])
    return [] if start is None else take(folder, "offers", start, end + 1)


def _locked_campaigns(rows: Mapping[str, Mapping[str, Any]], codes: Any) -> dict[str, Campaign]:
    """The campaigns of these offers, by code; everybody locks campaigns before offers."""
    named = Q(code__in={row["campaign"] for row in rows.values()})
    stored = Q(pk__in=Offer.objects.filter(code__in=list(codes)).values("campaign"))
    locked = Campaign.objects.select_for_update(no_key=True).filter(named | stored).order_by("pk")
    return {campaign.code: campaign for campaign in locked}


def _write_lists(piece: _Piece, folder: Folder, count: Any, start: int, end: int) -> None:
    ids = {n: offer.pk for n, offer in piece.places.items()}
    of_rows = [offer for offer in piece.places.values() if offer.code in piece.rows]
    for which, known in ((scopes.SEGMENTS, piece.cells.segments), (scopes.CHANNELS, piece.cells.channels)):
        if folder.has("offers", which.name):
            cells = ((offer.pk, code) for offer in of_rows for code in piece.rows[offer.code][which.name])
            named = ((offer, Mode.INCLUDE, known[code]) for offer, code in cells)
            wanted = scopes.grouped(named, [offer.pk for offer in of_rows])
            piece.note(scopes.replace(which, wanted, piece.known), in_own_row=True)
    for which in (scopes.PRODUCTS, scopes.CATEGORIES):
        table = f"offer_{which.name}"
        if folder.has(table):
            rows = folder.all(f"SELECT n, mode, id, role FROM named_{which.name} WHERE n >= ? AND n < ?", [start, end])
            wanted = scopes.grouped(((ids[n], *rest) for n, *rest in rows if n in ids), ids.values())
            written = scopes.replace(which, wanted, piece.known)
            piece.note(written, in_own_row=False)
            count(table, written.counts)


def _finish(piece: _Piece, run: Run, by: AbstractBaseUser | None) -> None:
    """What every change of content owes: a version, a history row, postings, and grants for other departments."""
    offers = piece.offers
    campaigns = dict(
        Campaign.objects.filter(pk__in={offer.campaign_id for offer in offers.values()}).values_list("pk", "code")
    )
    entries = []
    changed = sorted(piece.changes.keys() | piece.list_changes.keys())
    for pk in changed:
        offer, changes = offers[pk], piece.changes.get(pk, {})
        if "starts_on" in changes and offer.starts_on > local_day(run.now):
            offer.live_since = None
        offer.version += 1
        told = piece.cells.told(changes) | piece.list_changes.get(pk, {})
        entries.append(Entry("import", f"offer:{offer.code}", f"campaign:{campaigns[offer.campaign_id]}", told))
    besides: Changes = {"version": (None, None), "live_since": (None, None)}
    update(Offer, [(offers[pk], piece.changes.get(pk, {}) | besides) for pk in changed])
    added = Counter(offer.campaign_id for offer in piece.created)
    for pk, number in sorted(added.items()):
        entries.append(Entry("import", f"campaign:{campaigns[pk]}", changes={"offers added": (None, number)}))
    history.write_many(entries, by=by, now=run.now)
    touched = [*(offer.pk for offer in piece.created), *changed]
    postings.rewrite(touched)
    in_campaigns = {offers[pk].campaign_id for pk in touched}
    access.reconcile(in_campaigns)
    if in_campaigns:
        lifecycle.tell_reviewers(in_campaigns, now=run.now)
