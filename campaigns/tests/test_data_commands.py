"""The commands that bring data in and take results out, as an operator meets them."""

import csv
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from campaigns.actions import postings
from campaigns.actions.collisions import detect_everything
from campaigns.choices import CollisionState
from campaigns.management.commands.import_dataset import SlowProgress
from campaigns.models import Collision, Department, DetectionRun, Offer
from campaigns.queries.export import COLUMNS
from campaigns.tests.dataset_folders import whole, write_csv
from campaigns.tests.factories import NOW, make_campaign, make_offer, make_products, make_segment, submit

pytestmark = pytest.mark.django_db


def make_colliding_pair():
    """Two submitted offers of two departments; the commands read the real clock, so they lie far ahead."""
    segment, products, pair = make_segment(numbers=range(50)), make_products(3), []
    for _ in range(2):
        campaign = make_campaign(starts_on=date(2150, 1, 1))
        pair.append(make_offer(campaign, segments=[segment], products=products))
        submit(campaign)
    return pair


def broken_folder(tmp_path):
    tables = whole()
    tables["products"][0]["price"] = "free"
    tables["offers"][1]["currency"] = "EUR"
    return write_csv(tmp_path / "data", tables)


def test_import_prints_rows_per_table(tmp_path, capsys):
    call_command("import_dataset", str(write_csv(tmp_path / "data", whole())))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "departments: 2 created, 0 updated, 0 unchanged"
    assert "segment_members: 10 created, 0 updated, 0 unchanged, 0 removed" in lines


def test_import_with_a_problem_prints_it_and_fails(tmp_path, capsys):
    with pytest.raises(CommandError, match="2 problems: nothing was written") as error:
        call_command("import_dataset", str(broken_folder(tmp_path)))
    assert error.value.returncode == 1
    assert capsys.readouterr().out.splitlines() == [
        "products:2:price: “free” is not a number: digits and a decimal point, such as 12.50",
        "offers:3:currency: “EUR” is another currency: this company plans in USD",
    ]
    assert not Department.objects.exists()


def test_import_as_json(tmp_path, capsys):
    call_command("import_dataset", str(write_csv(tmp_path / "data", whole())), "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["ok"], result["errors"], result["more_errors"], result["warnings"]) == (True, [], 0, [])
    assert result["tables"]["offers"] == {"created": 3, "updated": 0, "unchanged": 0}


def test_problems_as_json(tmp_path, capsys):
    with pytest.raises(CommandError):
        call_command("import_dataset", str(broken_folder(tmp_path)), "--json")
    result = json.loads(capsys.readouterr().out)
    assert result["ok"] is False
    assert result["errors"][1] == {
        "table": "offers",
        "row": 3,
        "column": "currency",
        "text": "“EUR” is another currency: this company plans in USD",
    }


def test_dry_run_says_that_nothing_was_written(tmp_path, capsys):
    call_command("import_dataset", str(write_csv(tmp_path / "data", whole())), "--dry-run")
    out = capsys.readouterr().out
    assert "products: 6 rows" in out
    assert "Nothing was written: this was a dry run." in out
    assert not Department.objects.exists()


def test_warning_goes_to_stderr(tmp_path, capsys):
    folder = write_csv(tmp_path / "data", whole() | {"shops": [{"code": "1"}]})
    call_command("import_dataset", str(folder))
    assert "Warning: shops.csv is no table of the format" in capsys.readouterr().err


def test_folder_that_is_none(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("import_dataset", str(tmp_path / "nowhere"))


def test_help_says_how_rows_are_counted(capsys):
    with pytest.raises(SystemExit):
        call_command("import_dataset", "--help")
    assert "the header is row 1" in capsys.readouterr().out


def test_progress_is_said_only_when_it_takes_longer_than_a_second():
    said = []
    progress = SlowProgress(said.append)
    progress("products", 1, 9)
    assert said == []
    progress._last -= 2
    progress("products", 5000, 92337)
    progress("products", 10000, 92337)
    assert said == ["products: 5,000 / 92,337"]


def exported(tmp_path):
    call_command("export_collisions", "-o", str(tmp_path / "found.csv"))
    with (tmp_path / "found.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(COLUMNS)
    return rows


def test_detection_and_export(tmp_path, capsys):
    one, two = make_colliding_pair()
    call_command("detect_collisions", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["offers"], found["collisions"]) == (2, 1)
    a, b = sorted((one, two), key=lambda offer: offer.code)
    assert exported(tmp_path) == [
        [
            "overlap",
            *(a.code, b.code, a.campaign.code, b.campaign.code, a.department.code, b.department.code),
            *("2150-01-01", "2150-01-10", "10", "3", "50", "high"),
        ]
    ]


@pytest.mark.parametrize(
    ("state", "rows"),
    [(CollisionState.OPEN, 1), (CollisionState.SETTLED, 1), (CollisionState.PAST, 1), (CollisionState.CLEARED, 0)],
)
def test_export_by_state(tmp_path, state, rows):
    make_colliding_pair()
    detect_everything(now=NOW)
    Collision.objects.update(state=state, settled_level="high")
    assert len(exported(tmp_path)) == rows


def test_export_orders_bytewise(tmp_path):
    for codes in (("b", "a"), ("B", "é"), ("Z", "a-")):
        pair = make_colliding_pair()
        for offer, code in zip(pair, codes, strict=True):
            Offer.objects.filter(pk=offer.pk).update(code=code)
    detect_everything(now=NOW)
    assert [(row[1], row[2]) for row in exported(tmp_path)] == [("B", "é"), ("Z", "a-"), ("a", "b")]


def test_detection_in_slices_says_how_far_it_is(capsys, settings, monkeypatch):
    settings.DETECTION_SHARDS = 2
    make_colliding_pair()
    Offer.objects.update(starts_on=date(2150, 3, 1), ends_before=date(2150, 3, 9))
    postings.rewrite(Offer.objects.values_list("pk", flat=True))
    make_colliding_pair()
    monkeypatch.setattr(SlowProgress, "__call__", lambda self, *told: self._write(str(told)))
    call_command("detect_collisions")
    told = capsys.readouterr()
    assert "2 collisions among 4 offers" in told.out
    assert told.err.splitlines() == [str(("offers", done, 4)) for done in (2, 2, 4, 4)]
    assert DetectionRun.objects.get().shards_done == 2


def test_detection_of_one_offer(capsys):
    one, _two = make_colliding_pair()
    call_command("detect_collisions", "--offer", one.code)
    assert "1 collisions among 1 offers" in capsys.readouterr().out
    assert Collision.objects.get().state == "open"


def test_detection_of_an_offer_that_is_not_there():
    with pytest.raises(CommandError, match="There is no offer “X”"):
        call_command("detect_collisions", "--offer", "X")


def test_all_and_one_offer_exclude_each_other():
    with pytest.raises(CommandError, match="not allowed with argument"):
        call_command("detect_collisions", "--all", "--offer", "X")


def test_file_that_cannot_be_written(tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("export_collisions", "-o", str(tmp_path / "nowhere" / "found.csv"))


def test_export_leaves_the_old_file_alone_until_the_new_one_is_whole(tmp_path, django_assert_num_queries):
    (tmp_path / "found.csv").write_text("old")
    for _ in range(3):
        make_colliding_pair()
    detect_everything(now=NOW)
    with django_assert_num_queries(2):
        assert len(exported(tmp_path)) == 3
    assert [file.name for file in tmp_path.iterdir()] == ["found.csv"]
