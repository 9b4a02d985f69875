"""A backup is made while people work, the house goes on, breaks, and begins again from the backup: nobody gets mail twice."""

import subprocess
import sys
import threading
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from approvals.actions import outbox
from approvals.choices import MailEvent, MailState
from approvals.models import Mail
from approvals.queries import news
from approvals.queries.recipients import Recipient
from approvals.tests.builders import open_dispute
from config.tests import postgres
from config.tests.live import ENVIRONMENT, database_url

SQLITE = connection.vendor == "sqlite"


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "approvals.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH


class Load(threading.Thread):
    """A lead gets one mail after the other, each written in a transaction of its own."""

    def __init__(self, dispute):
        super().__init__()
        self.written, self.enough, self._dispute = 0, threading.Event(), dispute

    def run(self):
        facts = news.of_case(self._dispute.case)
        recipient = Recipient(self._dispute.leads[0], "accountable", "MKT-1")
        try:
            while not self.enough.is_set():
                with transaction.atomic():
                    outbox.queue(
                        event=MailEvent.CASE_REMINDER,
                        recipients=[recipient],
                        news=facts,
                        key=f"load:{self.written}",
                        case=self._dispute.case,
                        now=timezone.now(),
                    )
                self.written += 1
        finally:
            connection.close()


def letters(folder):
    return len(list(folder.glob("*.eml")))


@pytest.fixture
def backup(transactional_db, folder, tmp_path):
    """A backup made under load; afterwards everything that it shows as waiting was sent."""
    load = Load(open_dispute())
    load.start()
    try:
        while load.written < 50:
            outbox.send_due(now=timezone.now())
        # Some are sent, some wait, more come.
        file = _make_backup(tmp_path)
    finally:
        load.enough.set()
        load.join()
    while outbox.send_due(now=timezone.now()):
        pass
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}
    assert letters(folder) == Mail.objects.count() > load.written >= 50
    return file


def _make_backup(tmp_path):
    file = tmp_path / "backup"
    if SQLITE:
        done = _manage(database_url(), tmp_path / "ops", "backup", str(file))
        assert done.returncode == 0, done.stderr
    else:
        _postgres("pg_dump", "--format=custom", f"--file={file}", connection.settings_dict["NAME"])
    return file


def _postgres(program, *arguments):
    place = connection.settings_dict
    environment = ENVIRONMENT | {"PGHOST": place["HOST"], "PGUSER": place["USER"]}
    command = [str(postgres._programs(None, copied=False) / program), *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)


@pytest.fixture
def restore(backup, tmp_path):
    """Call it for a house that begins from the backup, in an empty database of its own."""
    made = []

    def begin():
        name = f"restored_{len(made)}"
        made.append(name)
        if SQLITE:
            (tmp_path / name).write_bytes(backup.read_bytes())
            return House(f"sqlite:///{tmp_path / name}", tmp_path / f"{name}.var")
        _postgres("createdb", name)
        _postgres("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={name}", str(backup))
        url = urlsplit(database_url())
        return House(f"{url.scheme}://{url.netloc}{url.path.rpartition('/')[0]}/{name}", tmp_path / f"{name}.var")

    yield begin
    if not SQLITE:
        for name in made:
            _postgres("dropdb", name)


class House:
    def __init__(self, url, var):
        self._url, self._var = url, var

    def manage(self, *arguments):
        done = _manage(self._url, self._var, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sweep(self):
        """What beat rings for every minute."""
        self.manage("shell", "--no-imports", "-c", "from approvals.tasks import task_sweep; task_sweep()")

    @property
    def letters(self):
        return letters(self._var / "mail")

    def waiting(self):
        program = "from approvals.actions import outbox; from django.utils import timezone; "
        return int(
            self.manage("shell", "--no-imports", "-c", program + "print(outbox.waiting(now=timezone.now()).count())")
        )


def _manage(url, var, *arguments):
    var.mkdir(exist_ok=True)
    environment = ENVIRONMENT | {
        "DATABASE_URL": url,
        "LANGUAGE_CODE": "en",
        "REDIS_URL": "memory://localhost/",
        "SECRET_KEY": "x",
        "VAR_DIR": str(var),
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.live
@pytest.mark.postgres
def test_no_mail_of_a_backup_is_sent_again(restore):
    house = restore()
    assert house.waiting() > 0
    assert house.manage("hold_mail").startswith("Mail is held")
    for _ in range(2):
        house.sweep()
    assert house.letters == 0
    assert "set aside" in house.manage("release_mail", "--set-aside")
    house.sweep()
    assert (house.letters, house.waiting()) == (0, 0)

    # It is the holding that does it.
    careless = restore()
    careless.sweep()
    assert careless.letters > 0


@pytest.mark.skipif(not SQLITE, reason="pg_dump makes the backups of PostgreSQL")
class TestBackupCommand:
    def test_the_copy_is_its_owners_and_never_written_over(self, transactional_db, tmp_path):
        file = tmp_path / "copy"
        call_command("backup", file, stdout=StringIO())
        assert file.stat().st_mode & 0o777 == 0o600
        before = file.read_bytes()
        with pytest.raises(CommandError, match="cannot be written: File exists"):
            call_command("backup", file)
        assert file.read_bytes() == before

    def test_a_folder_that_is_not_there(self, transactional_db, tmp_path):
        with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
            call_command("backup", tmp_path / "missing" / "copy")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.postgres
@pytest.mark.skipif(SQLITE, reason="the command makes backups of SQLite")
def test_postgresql_is_refused_by_name(db, tmp_path):
    with pytest.raises(CommandError, match="use pg_dump"):
        call_command("backup", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []
