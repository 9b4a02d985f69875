"""What the sides of a case and its mediator say in it: by whom, to whom, with which files, once, and retracted."""

import hashlib

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from approvals.actions import cases, dossier, statements
from approvals.models import Attachment, Case, Mail, Statement, StatementRetraction
from approvals.queries.statements import readers_of, stated, statements_of
from approvals.rules.attachments import LARGEST
from approvals.tests.builders import NOW, mails
from approvals.tests.conversing import PDF, READERS, SIDES, STRANGERS, make_conversation, newest, state
from campaigns.models import Campaign, Department
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_conversation()


def everything():
    """What must stay as it is when something is refused."""
    tables = (Statement, StatementRetraction, Attachment, Mail, HistoryEntry)
    return [list(table.objects.order_by("pk").values_list("pk")) for table in tables]


def refused(error, talk, *args, before=None, **more):
    before = everything()
    with pytest.raises(error) as caught:
        state(talk, *args, **more)
    assert everything() == before
    return caught.value


def escalate(talk):
    cases.escalate(case=talk.case, by=None, now=NOW, key="time")


def test_each_side_states_facts_with_their_source(talk):
    for part in SIDES:
        fact = state(talk, part, text="  One\r\nTwo ")
        side = "SAL-1" if part == "other_lead" else "MKT-1"
        assert (fact.kind, fact.text, fact.source, fact.side.code) == (
            "fact",
            "One\nTwo",
            "Stock report, page 3",
            side,
        )
        entry = HistoryEntry.objects.filter(verb="state").order_by("-pk")[0]
        assert (entry.actor, entry.scope) == (talk.people[part].username, f"case:{talk.case.label}")
        assert "One" not in str(entry.changes)


def test_nobody_else_says_anything(talk):
    for part in READERS + STRANGERS:
        for kind in ("fact", "comment"):
            refused(PermissionDenied, talk, part, kind)


def test_the_mediator_asks_and_states_nothing(talk):
    refused(PermissionDenied, talk, "mediator", "comment")
    escalate(talk)
    assert state(talk, "mediator", "comment", "Which stores?").side is None
    for kind in ("fact", "claim"):
        refused(PermissionDenied, talk, "mediator", kind)


def test_a_fact_says_where_it_can_be_checked_and_nothing_else_does(talk):
    assert "source" in refused(ValidationError, talk, source="  ").message_dict
    assert state(talk, kind="claim", source="Somewhere").source == ""
    assert "kind" in refused(ValidationError, talk, kind="rumour").message_dict
    assert "text" in refused(ValidationError, talk, text=" \n ").message_dict


def test_all_that_is_wrong_is_told_at_once(talk):
    error = refused(ValidationError, talk, text="@third", source="", files=[("a.exe", b"MZ"), ("b.pdf", b"no")])
    assert {field: len(texts) for field, texts in error.message_dict.items()} == {"text": 1, "source": 1, "files": 2}


def test_who_belongs_to_both_sides_says_for_which(talk):
    both = talk.people["lead"]
    Department.objects.get(code="SAL").memberships.create(user=both)
    assert "side" in refused(ValidationError, talk).message_dict
    assert state(talk, side=talk.case.campaign_b).side == talk.case.campaign_b
    refused(PermissionDenied, talk, "other_lead", side=talk.case.campaign_a)


def test_after_the_end_nothing_is_said(talk):
    with transaction.atomic():
        cases.close(dossier.locked(talk.case.pk), "vanish", by=None, now=NOW)
    assert refused(ValidationError, talk).code == "state"


def test_the_same_form_twice_is_one_statement(talk):
    first = state(talk, token="t", files=[("a.pdf", PDF)])
    assert state(talk, token="t", files=[("a.pdf", PDF)]) == first
    assert state(talk, token="t", files=[("a.pdf", PDF + b"x")]) != first
    assert (Statement.objects.count(), Attachment.objects.count()) == (2, 2)


def test_everybody_concerned_hears_of_it_once_and_who_is_mentioned_of_that(talk):
    escalate(talk)
    Mail.objects.all().delete()
    state(talk, "member", text="Ask @contact_mkt and @MEMBER.")
    told = {("statement_made", who) for who in ("a", "lead_sal", "contact_sal", "mediator")}
    assert mails() == told | {("mention", "contact_mkt")}


def test_only_readers_of_the_case_are_mentioned(talk):
    for name in ("third", "i_department", "former", "nobody"):
        error = refused(ValidationError, talk, text=f"@{name}, look")
        assert error.message_dict["text"] == [
            f"@{name} cannot be told: nobody of this user name may read this. Correct it, or leave out the @."
        ]


def test_readers_are_those_who_see_the_case(talk):
    escalate(talk)
    case = talk.case
    sees = {user for user in talk.people.values() if Case.objects.visible(user).filter(pk=case.pk).exists()}
    assert set(readers_of(case)) >= sees
    assert {user.username for user in readers_of(case)} == {
        "a", "administrator", "contact_mkt", "contact_sal", "lead_mkt", "lead_sal", "mediator", "member",
    }  # fmt: skip


def test_files_are_kept_with_their_digest(talk):
    fact = state(talk, files=[("../Plan.pdf", PDF), ("note.txt", b"x")])
    plan, note = fact.attachments.all()
    assert (plan.name, plan.kind, plan.size, plan.position) == ("Plan.pdf", "pdf", len(PDF), 1)
    assert plan.sha256 == hashlib.sha256(PDF).hexdigest()
    assert bytes(plan.content) == PDF
    assert note.position == 2


def test_files_that_are_refused_leave_nothing(talk):
    for files in (
        [("a.exe", b"MZ")],
        [("a.pdf", b"no")],
        [("ok.txt", b"x"), ("a.txt", b"x" * (LARGEST + 1))],
        [(f"{number}.txt", b"x") for number in range(6)],
    ):
        assert "files" in refused(ValidationError, talk, files=files).message_dict


def test_a_list_reads_no_file(talk):
    case = state(talk, files=[("a.pdf", PDF)]).case
    with CaptureQueriesContext(connection) as captured:
        for statement in statements_of(case):
            assert [file.name for file in statement.attachments.all()] == ["a.pdf"]
    assert not [query["sql"] for query in captured if '"content"' in query["sql"]]
    assert len(captured) == 3


def test_who_said_it_retracts_text_files_and_mails(talk):
    fact = state(talk, text="SECRETTEXT", files=[("SECRET.pdf", PDF)])
    assert Mail.objects.filter(text__contains="SECRETTEXT").count() == 4
    before = everything()
    for part in ("member", "other_lead", "administrator", "third"):
        with pytest.raises(PermissionDenied):
            statements.retract(statement=fact, by=talk.people[part], now=NOW)
    assert everything() == before
    for _time in range(2):
        assert statements.retract(statement=fact, by=talk.people["lead"], now=NOW).shown == ""
    assert not Mail.objects.filter(text__contains="SECRET").exists()
    assert not Mail.objects.filter(html__contains="SECRET").exists()
    assert set(Mail.objects.filter(event="statement_made").values_list("state", flat=True)) == {"failed"}
    assert not Attachment.objects.visible(talk.people["lead"]).exists()
    assert not any(column.newest for column in stated(talk.case, 5))
    assert HistoryEntry.objects.filter(verb="retract_statement").count() == 1


def test_facts_and_claims_stand_beside_each_other(talk):
    for number in range(3):
        state(talk, text=f"Fact {number}")
    state(talk, "other_lead", "claim", "We lose turnover.")
    shown = [(c.campaign.code, c.kind, [one.text for one in c.newest], c.more) for c in stated(talk.case, 2)]
    assert shown == [
        ("MKT-1", "fact", ["Fact 2", "Fact 1"], 1),
        ("SAL-1", "fact", [], 0),
        ("MKT-1", "claim", [], 0),
        ("SAL-1", "claim", ["We lose turnover."], 0),
    ]


def test_the_database_keeps_what_was_said(talk):
    fact = state(talk, files=[("a.pdf", PDF)])
    statements.retract(statement=fact, by=talk.people["lead"], now=NOW)
    for model, column in ((Statement, "text"), (Attachment, "name")):
        for change in (lambda rows, column=column: rows.update(**{column: "x"}), lambda rows: rows.delete()):
            with pytest.raises((DatabaseError, ValidationError)), transaction.atomic():
                change(model.objects.all())
    assert newest().text == "Two stores sell it."


def test_the_database_knows_what_a_statement_is(talk):
    row = {"kind": "comment", "source": "", "side": Campaign.objects.get(code="MKT-1"), "text": "x", "key": "k"}
    for wrong, name in (
        ({"kind": "fact", "source": ""}, "fact_and_nothing_else_names_its_source"),
        ({"kind": "claim", "source": "x"}, "fact_and_nothing_else_names_its_source"),
        ({"kind": "claim", "side": None}, "facts_and_claims_are_those_of_a_side"),
        ({"kind": "rumour"}, "statement_kind_is_known"),
        ({"text": ""}, "statement_says_something"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Statement.objects.create(case=talk.case, author=talk.people["lead"], written_at=NOW, **row | wrong)
