"""Importing a dataset folder: everything is checked before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns.actions.dataset.audiences import write_members, write_segments
from campaigns.actions.dataset.cells import check_cells
from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.namesakes import check_namesakes
from campaigns.actions.dataset.offers import write_offers
from campaigns.actions.dataset.opening import MEMORY, opened
from campaigns.actions.dataset.plans import set_statuses, write_campaigns
from campaigns.actions.dataset.problems import Problem, Progress
from campaigns.actions.dataset.references import check_offers_against_database, check_references
from campaigns.actions.dataset.relations import check_relations
from campaigns.actions.dataset.runs import Run, start
from campaigns.actions.dataset.tables import write_channels, write_customers, write_departments, write_products
from campaigns.models import (
    Campaign,
    Category,
    ImportRun,
    Offer,
    OfferAudience,
    OfferCategory,
    OfferItem,
    OfferProduct,
    Product,
)
from customers.actions import events, history
from customers.actions.statistics import update_statistics
from customers.languages import filled
from customers.models import Customer, Segment, SegmentOverlap
from customers.rules.text import shown

Step = Callable[[Folder, Run, AbstractBaseUser | None], None]

# In the order in which rows refer to each other; a step runs if the folder has one of its tables.
STEPS: list[tuple[str, tuple[str, ...], Step]] = [
    ("departments", ("departments",), write_departments),
    ("channels", ("channels",), write_channels),
    ("products", ("products",), write_products),
    ("customers", ("customers",), write_customers),
    ("segments", ("segments",), write_segments),
    ("segment_members", ("segment_members",), write_members),
    ("campaigns", ("campaigns",), write_campaigns),
    ("offers", ("offers", "offer_products", "offer_categories"), write_offers),
]

# Tables that an import may fill, those that follow from others among them.
WRITTEN = (
    *(Category, Product, Customer, Segment, SegmentOverlap),
    *(Campaign, Offer, OfferAudience, OfferProduct, OfferCategory, OfferItem),
)


@dataclass(frozen=True)
class ImportReport:
    """What came of it. With a single error nothing was written.

    `errors` are the first of `error_count`; `tables` are rows per table: {"created", "updated", "unchanged"}, for lists
    also "removed"; after a dry run {"rows"}.
    """

    errors: list[Problem] = field(default_factory=list)
    error_count: int = 0
    warnings: list[str] = field(default_factory=list)
    tables: dict[str, dict[str, int]] = field(default_factory=dict)


def import_dataset(
    folder: Path,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    source: str = "",
    dry_run: bool = False,
    progress: Progress = lambda step, done, of: None,
    run: ImportRun | None = None,
) -> ImportReport:
    """Bring the database to what a folder of tables says, by code; nothing that the folder does not name is deleted.

    Written in pieces: an import that was interrupted goes on when the same content is imported again. Not atomic as
    a whole. `source` names the folder in the history when its path says nothing; `run` is the row of an upload.

    Raises:
        OSError: the folder cannot be read.
    """
    with opened(folder, progress) as opened_folder:
        check(opened_folder)
        problems = opened_folder.problems
        report = ImportReport(problems.first(), problems.count, opened_folder.warnings)
        if problems.count:
            return report
        if dry_run:
            report.tables.update({table: {"rows": opened_folder.rows_of(table)} for table in opened_folder.columns})
            return report
        row = start(
            source=source or str(folder),
            digest=opened_folder.digest,
            now=now,
            progress=progress,
            by=by.pk if by else None,
            row=run,
        )
        report.tables.update(_write(opened_folder, row, by=by))
        return report


def check(folder: Folder) -> None:
    """Look for everything that is wrong; what cannot even be looked at within the memory allowed is a problem too."""
    try:
        check_cells(folder)
        check_relations(folder)
        check_namesakes(folder)
        check_references(folder)
        check_offers_against_database(folder)
    except duckdb.OutOfMemoryException:
        text = _("the cells are too long to be compared within %(memory)s of memory")
        folder.problems.add(shown(folder.path.name), 0, "", filled(text, memory=MEMORY))


def _write(folder: Folder, run: Run, *, by: AbstractBaseUser | None) -> dict[str, dict[str, int]]:
    for name, tables, write in STEPS:
        if any(folder.has(table) for table in tables) and not run.is_done(name):
            write(folder, run, by)
            run.finish_step(name)
    if run.changed_anything:
        update_statistics(*WRITTEN)
    set_statuses(run)
    return _close(run, by)


@transaction.atomic
def _close(run: Run, by: AbstractBaseUser | None) -> dict[str, dict[str, int]]:
    """End the run; if it changed anything, say so once in the history and once to detection."""
    counts = run.finish()
    if run.changed_anything:
        changes = {
            f"{table}: {what}": (None, count)
            for table, whats in counts.items()
            for what, count in whats.items()
            if count and what != "unchanged"
        }
        history.write(
            by=by, now=run.now, verb="import", subject=f"dataset:{Path(run.row.source).name[:100]}", changes=changes
        )
        events.record("plan.imported", now=run.now)
    return counts
