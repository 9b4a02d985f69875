"""The page of a matrix: what fills it before it is saved, files, templates, people and activities beside the seven."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import access, raci, raci_templates
from campaigns.models import AddedActivity, RaciRole, RaciTemplate
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

SOON = timezone.localdate() + timedelta(days=9)


@pytest.fixture
def crm():
    return make.make_department("CRM", members=[make.make_user("pau")])


@pytest.fixture
def campaign(crm):
    return make.make_campaign(crm, "CRM-1", starts_on=SOON)


@pytest.fixture
def sales():
    return make.make_department("SALES")


@pytest.fixture
def client(campaign):
    return signed_in(make.lead_of(campaign.department))


def page(campaign, name="raci"):
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])


def shown(answer):
    """{name of a cell: what is chosen in it} of the page."""
    text = answer.content.decode()
    cells = {}
    for part in text.split("<select")[1:]:
        name = part.split('name="')[1].split('"')[0]
        chosen = part.split("</select>")[0].split(" selected>")[0]
        cells[name] = (
            chosen.rsplit('value="', 1)[1].split('"')[0] if " selected>" in part.split("</select>")[0] else ""
        )
    return cells


def fields(answer):
    """What the browser sends when nothing is changed."""
    matrix = answer.context["matrix"]
    grid = {name: value for name, value in shown(answer).items() if name[:2] in ("a-", "r-", "p-")}
    return grid | {"seen": matrix.seen, "person": matrix.columns, "activity": ["", *matrix.cells.added]}


def letters(campaign):
    roles = RaciRole.objects.filter(activity__campaign=campaign).select_related(
        "activity__added", "department", "user"
    )
    return {
        (role.activity.code, role.department.code, role.user and role.user.username): role.letter for role in roles
    }


def test_saving_what_is_shown_changes_nothing(campaign, client):
    answer = client.get(page(campaign))
    assert client.post(page(campaign), fields(answer)).status_code == 302
    assert not HistoryEntry.objects.filter(verb="raci").exists()


def test_a_column_for_a_person_is_added_filled_and_saved(campaign, client, crm):
    pau = crm.memberships.get(user__username="pau").user
    key = f"{pau.pk}-{crm.pk}"
    typed = fields(client.get(page(campaign))) | {f"r-sale-{crm.pk}": "C", "do": "person", "new-person": key}
    answer = client.post(page(campaign), typed)
    assert answer.context["errors"] == []
    assert shown(answer)[f"r-sale-{crm.pk}"] == "C"
    assert letters(campaign)["sale", "CRM", None] == "R"
    saved = client.post(page(campaign), fields(answer) | {f"p-sale-{key}": "R"})
    assert saved.status_code == 302
    assert letters(campaign)["sale", "CRM", "pau"] == "R"
    assert letters(campaign)["sale", "CRM", None] == "C"
    again = client.get(page(campaign))
    assert shown(again)[f"p-sale-{key}"] == "R"
    assert client.post(page(campaign), fields(again) | {f"p-sale-{key}": ""}).status_code == 302
    assert ("sale", "CRM", "pau") not in letters(campaign)


def test_a_person_who_is_no_member_cannot_be_added(campaign, client):
    stranger = make.make_user("eva")
    typed = fields(client.get(page(campaign)))
    for key in (f"{stranger.pk}-{campaign.department_id}", "", "x"):
        answer = client.post(page(campaign), typed | {"do": "person", "new-person": key})
        assert answer.context["errors"] == ["Choose the person to add from the list."]
    typed |= {"person": [f"{stranger.pk}-{campaign.department_id}"]}
    typed |= {f"p-sale-{stranger.pk}-{campaign.department_id}": "R"}
    client.post(page(campaign), typed)
    assert not RaciRole.objects.filter(user=stranger).exists()


def test_saving_takes_away_the_letter_of_who_has_left(campaign, client, crm):
    pau = crm.memberships.get(user__username="pau").user
    raci.set_matrix(campaign=campaign, by=make.lead_of(crm), now=make.NOW, people={("sale", pau.pk, crm.pk): "C"})
    access.leave(department=crm, user=pau, by=None, now=make.NOW)
    answer = client.get(page(campaign))
    assert "Pau has left Crm: the C in “Inform and close the sale” no longer counts" in answer.content.decode()
    assert client.post(page(campaign), fields(answer)).status_code == 302
    assert ("sale", "CRM", "pau") not in letters(campaign)


def test_an_a_who_has_left_the_house_stays_visible_until_another_is_chosen(campaign, client):
    gone = make.make_user("gone")
    raci.set_matrix(campaign=campaign, by=make.lead_of(campaign.department), now=make.NOW, accountable={"sale": gone})
    gone.is_active = False
    gone.save()
    answer = client.get(page(campaign))
    assert "Gone (no longer works here)" in answer.content.decode()
    assert next(row for row in answer.context["rows"] if row["code"] == "sale")["flaws"] == ["no_a"]
    assert answer.context["incomplete"] == 1
    assert client.post(page(campaign), fields(answer)).status_code == 302
    assert (
        not HistoryEntry.objects.filter(verb="raci", changes__has_key="sale: A")
        .exclude(changes={"sale: A": [None, "gone"]})
        .exists()
    )
    assert client.post(page(campaign), fields(answer) | {"a-sale": ""}).status_code == 302
    assert campaign.activities.get(kind="sale").accountable is None


def test_an_activity_is_taken_up_and_taken_out(campaign, client):
    AddedActivity.objects.create(code="window-1", name="Dress the “window”")
    AddedActivity.objects.create(code="fax", name="Send faxes", is_retired=True)
    start = client.get(page(campaign))
    assert [one.code for one in start.context["matrix"].activities_to_add()] == ["window-1"]
    answer = client.post(page(campaign), fields(start) | {"do": "activity", "new-activity": "window-1"})
    assert shown(answer)[f"r-window-1-{campaign.department_id}"] == "R"
    assert not campaign.activities.exclude(added=None).exists()
    assert client.post(page(campaign), fields(answer)).status_code == 302
    assert letters(campaign)["window-1", "CRM", None] == "R"
    answer = client.post(page(campaign), fields(client.get(page(campaign))) | {"do": "drop-window-1"})
    assert "window-1" not in answer.context["matrix"].codes()
    assert campaign.activities.exclude(added=None).exists()
    assert client.post(page(campaign), fields(answer)).status_code == 302
    assert not campaign.activities.exclude(added=None).exists()


def test_a_template_fills_the_cells_and_saves_nothing(campaign, client, crm, sales):
    other = make.make_campaign(sales, starts_on=SOON)
    raci.set_matrix(campaign=other, by=make.lead_of(sales), now=make.NOW, roles={("sale", crm.pk): "I"})
    kept = raci_templates.keep(campaign=other, name="Standard", by=make.lead_of(sales), now=make.NOW)
    before = letters(campaign)
    answer = client.get(page(campaign), {"template": kept.pk})
    cells, text = shown(answer), answer.content.decode()
    # What the template says of CRM by name comes before what it says of the owner.
    assert (cells[f"r-sale-{crm.pk}"], cells[f"r-sale-{sales.pk}"]) == ("I", "")
    assert cells[f"r-messages-{crm.pk}"] == "R"
    assert "the template “Standard”" in text
    assert "saved: R" in text
    assert letters(campaign) == before
    assert client.post(page(campaign), fields(answer)).status_code == 302
    assert letters(campaign) == before | {("sale", "CRM", None): "I"}


def test_another_matrix_is_copied_with_its_people(campaign, client, crm, sales):
    other = make.make_campaign(crm, "CRM-2", starts_on=SOON)
    pau = crm.memberships.get(user__username="pau").user
    raci.set_matrix(
        campaign=other,
        by=make.lead_of(crm),
        now=make.NOW,
        accountable={"sale": pau},
        roles={("sale", sales.pk): "C"},
        people={("sale", pau.pk, crm.pk): "R"},
    )
    answer = client.get(page(campaign), {"copy": " CRM-2 "})
    assert client.post(page(campaign), fields(answer)).status_code == 302
    assert letters(campaign) == letters(other)
    assert campaign.activities.get(kind="sale").accountable == pau


def test_who_stands_in_the_saved_matrix_alone_loses_the_letter_with_a_copy_or_a_file(campaign, client, crm):
    pau = crm.memberships.get(user__username="pau").user
    make.make_campaign(crm, "CRM-2", starts_on=SOON)
    for fill in ("copy", "file"):
        raci.set_matrix(campaign=campaign, by=make.lead_of(crm), now=make.NOW, people={("sale", pau.pk, crm.pk): "R"})
        if fill == "copy":
            answer = client.get(page(campaign), {"copy": "CRM-2"})
        else:
            answer = send(client, campaign, HEAD + "sale,R,CRM,\n")
        assert shown(answer)[f"p-sale-{pau.pk}-{crm.pk}"] == ""
        assert client.post(page(campaign), fields(answer)).status_code == 302
        assert ("sale", "CRM", "pau") not in letters(campaign)


@pytest.mark.parametrize(
    "query",
    [
        {"copy": "SALES-1"},
        {"copy": "NOPE"},
        {"copy": "\x00"},
        {"template": "9999"},
        {"template": "x"},
        {"template": "9" * 5000},
    ],
)
def test_what_one_cannot_read_fills_nothing(campaign, client, sales, query):
    make.make_campaign(sales, "SALES-1", starts_on=SOON, name="Hidden")
    answer = client.get(page(campaign), query)
    (error,) = answer.context["errors"]
    assert error in (
        "This template is gone: choose another one.",
        f"There is no campaign “{query.get('copy')}” that you may read.",
    )
    assert "Hidden" not in answer.content.decode()


def test_the_matrix_is_kept_as_a_template(campaign, client):
    answer = client.post(page(campaign), {"do": "keep", "name": " Standard "})
    assert answer.status_code == 302
    assert RaciTemplate.objects.get().name == "Standard"
    answer = client.post(page(campaign), {"do": "keep", "name": "standard"})
    assert answer.context["errors"] == ["There is a template of this name: choose another one."]
    assert RaciTemplate.objects.count() == 1


# Files


def send(client, campaign, content, **fields_of_it):
    file = SimpleUploadedFile("matrix.csv", content if isinstance(content, bytes) else content.encode())
    return client.post(
        page(campaign), fields(client.get(page(campaign))) | {"do": "file", "file": file} | fields_of_it
    )


def test_the_file_that_is_downloaded_fills_another_matrix(campaign, client, crm, sales):
    pau = crm.memberships.get(user__username="pau").user
    AddedActivity.objects.create(code="=window", name="Dress the window")
    raci.set_matrix(
        campaign=campaign,
        by=make.lead_of(crm),
        now=make.NOW,
        accountable={"sale": pau},
        roles={("sale", sales.pk): "C", ("=window", crm.pk): "R"},
        people={("results", pau.pk, crm.pk): "I"},
        added=["=window"],
    )
    got = client.get(page(campaign, "raci_file"))
    assert got["Content-Type"] == "text/csv; charset=utf-8"
    text = got.content.decode("utf-8-sig")
    assert text.splitlines()[0] == "activity,letter,department,person"
    assert "sale,A,,pau" in text
    assert "'=window,R,CRM," in text
    other = make.make_campaign(crm, "CRM-2", starts_on=SOON)
    for content in (got.content, text.replace(",", ";").encode()):
        answer = send(client, other, content)
        assert answer.context["errors"] == []
        assert client.post(page(other), fields(answer)).status_code == 302
        assert letters(other) == letters(campaign)
        assert other.activities.get(kind="sale").accountable == pau


HEAD = "activity,letter,department,person\n"


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        ("", ["The first line must name the columns: activity, letter, department, person."]),
        ("a,b\n", ["The first line must name the columns: activity, letter, department, person."]),
        (b"\xff\xfe", ["The file is not text in UTF-8: save it as CSV (UTF-8)."]),
        (HEAD + 'sale,"R,CRM,\n', ['Line 2: a quote (") is opened and not closed, or stands inside a cell.']),
        (HEAD + "sale,R,CRM\n", ["Line 2: there are 3 cells, not 4."]),
        (HEAD + "dance,R,CRM,\n", ["Line 2: there is no activity “dance”."]),
        (HEAD + "\nsale,X,CRM,\n", ["Line 3: “X” is none of A, R, C and I."]),
        (HEAD + "sale,R,NOPE,\n", ["Line 2: there is no department “NOPE”."]),
        (HEAD + "sale,A,,nobody\n", ["Line 2: nobody who works here has the user name “nobody”."]),
        (HEAD + "sale,A,CRM,pau\n", ["Line 2: the A is one person: give the user name and no department."]),
        (HEAD + "sale,A,,\n", ["Line 2: the A is one person: give the user name and no department."]),
        (
            HEAD + "sale,A,,pau\nsale,A,,lead_crm\n",
            ["Line 3: “sale” has an A already: only one person answers for it."],
        ),
        (HEAD + "sale,R,CRM,\nsale,C,CRM,\n", ["Line 3: CRM has a letter in “sale” already."]),
        (HEAD + "sale,R,CRM,pau\nsale,C,CRM,pau\n", ["Line 3: pau has a letter in “sale” already."]),
        (HEAD + "sale,R,CRM,eva\n", ["Line 2: eva does not work in CRM."]),
        (HEAD + "x,R,CRM,\n" * 25, [f"Line {n}: there is no activity “x”." for n in range(2, 22)] + ["… and 5 more"]),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_fills_nothing_and_says_where(campaign, client, content, errors):
    make.make_user("eva")
    before = letters(campaign)
    answer = send(client, campaign, content)
    assert answer.context["errors"] == errors
    assert shown(answer)[f"r-sale-{campaign.department_id}"] == "R"
    assert letters(campaign) == before


def test_an_apostrophe_of_a_code_stays(campaign, client):
    AddedActivity.objects.create(code="'90s", name="Play songs")
    answer = send(client, campaign, HEAD + "'90s,R,CRM,\n")
    assert answer.context["errors"] == []
    assert answer.context["matrix"].cells.roles["'90s", campaign.department_id] == "R"


def test_a_file_that_is_large_or_missing_is_refused(campaign, client):
    assert send(client, campaign, HEAD + "x" * (1 << 20)).context["errors"] == [
        "The file is larger than 1 MB: it is no RACI matrix."
    ]
    typed = fields(client.get(page(campaign))) | {"do": "file"}
    assert client.post(page(campaign), typed).context["errors"] == ["Choose the CSV file first."]


def test_who_reads_the_campaign_downloads_the_matrix_and_nobody_else(campaign, sales, crm):
    member = crm.memberships.get(user__username="pau").user
    assert signed_in(member).get(page(campaign, "raci_file")).status_code == 200
    assert signed_in(make.lead_of(sales)).get(page(campaign, "raci_file")).status_code == 404


# The page


def test_a_stale_page_shows_both_versions(campaign, client, crm, sales):
    typed = fields(client.get(page(campaign)))
    raci.set_matrix(campaign=campaign, by=make.lead_of(crm), now=make.NOW, roles={("sale", sales.pk): "C"})
    for do in ("save", "person", "file"):
        answer = client.post(page(campaign), typed | {"do": do})
        assert answer.status_code == 409
        assert any("Somebody else saved the matrix" in error for error in answer.context["errors"])
        assert "saved: C" in answer.content.decode()
    assert letters(campaign)["sale", "SALES", None] == "C"


def test_the_page_tells_its_own_history(campaign, client, crm, sales):
    raci.set_matrix(campaign=campaign, by=make.lead_of(crm), now=make.NOW, roles={("sale", sales.pk): "C"})
    entries = client.get(page(campaign)).context["history"]
    assert [entry.verb for entry in entries] == ["raci"]


def test_many_people_and_activities_cost_no_more_queries(campaign, client, crm):
    with_one = queries_of(client, page(campaign))
    people = [make.make_user() for _ in range(3)]
    for person in people:
        access.join(department=crm, user=person, is_lead=False, by=None, now=make.NOW)
    codes = [AddedActivity.objects.create(code=f"x{n}", name=f"X {n}").code for n in range(3)]
    raci.set_matrix(
        campaign=campaign,
        by=make.lead_of(crm),
        now=make.NOW,
        added=codes,
        people={(code, person.pk, crm.pk): "C" for code in codes for person in people},
    )
    assert queries_of(client, page(campaign)) == with_one
