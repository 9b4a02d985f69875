"""Importing the public Complete Journey data set through the same door as any other folder."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.auth.models import AbstractBaseUser

from campaigns.actions.dataset.completejourney import data_of_package, weeks_between, write_folder
from campaigns.actions.dataset.problems import Progress
from campaigns.actions.import_dataset import ImportReport, import_dataset
from customers.clock import local_day


def load_completejourney(
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    today: date | None = None,
    leads: Mapping[str, str] | None = None,
    contacts: Mapping[str, str] | None = None,
    progress: Progress = lambda step, done, of: None,
) -> ImportReport:
    """Import campaigns, coupons, households and products; see campaigns.actions.dataset.completejourney.

    `today` is the day of the data that falls into the present week: every date moves by whole weeks. Without it the
    dates stay those of 2016 to 2018.

    Raises:
        NotInstalled: the package with the data is not there.
    """
    source = data_of_package()
    shift = weeks_between(today, local_day(now)) if today else timedelta(0)
    with TemporaryDirectory(prefix="concordia-completejourney-") as work:
        write_folder(Path(work), source=source, shift=shift, leads=leads, contacts=contacts)
        return import_dataset(Path(work), by=by, now=now, source="The Complete Journey", progress=progress)
