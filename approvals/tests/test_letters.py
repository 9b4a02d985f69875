import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from approvals.actions import letters, mediation_letters, rule_letters, terms_letters
from approvals.choices import MailEvent
from approvals.queries.conversation_news import MeetingNews, StatementNews
from approvals.queries.effects import Tally
from approvals.queries.news import (
    AccountNews,
    BriefingNews,
    CampaignNews,
    CaseNews,
    Cited,
    CommentNews,
    DigestLine,
    DigestNews,
    LeftNews,
    MoveNews,
    RequestNews,
    ReviewNews,
    RuleNews,
)
from approvals.queries.party import Party
from approvals.queries.recipients import Recipient
from approvals.rules import closing
from approvals.rules.notification import Block
from approvals.rules.operations import ExcludeProducts, ShiftDates
from approvals.rules.outcomes import Outcome

ANA = User(username="ana", first_name="Ana")
NEWS = CaseNews(
    label="K-12",
    url="https://concordia.example/admin/approvals/case/12/change/",
    parties=(Party("CJ13", "Sofas <new> & more", "Marketing"), Party("CJ18", "Coats", "Sales")),
    level="high",
    collisions=3,
    starts_on=date(2026, 11, 12),
    ends_before=date(2026, 11, 22),
    customers=12345,
    products=34,
    agree_by=datetime(2026, 11, 4, 9, tzinfo=UTC),
    mediator="Marta Gil",
    decide_by=datetime(2026, 11, 6, 9, tzinfo=UTC),
    left="Jorge Ruiz",
    passed_on="timeout",
    by="Marta Gil",
    reason="It was there first.",
    orders=(ShiftDates("CJ13", 7), ExcludeProducts("CJ18")),
    because=closing.store(closing.Cause("dates", "Sales", "CJ18")),
    cited=(
        Cited("distinguishes", Outcome("both:withdraw"), "K-3", "Another season."),
        Cited("follows", Outcome("exclude_products|shift_7", 2, "older", "")),
    ),
    rule_why="changed",
    apply_at=datetime(2026, 11, 3, 9, tzinfo=UTC),
)
TERMS = replace(
    NEWS, tally=Tally(2, 3, 1), signers=("Ana Ruiz (Marketing)", "Bo Gil (Sales)"), hours=9, until=NEWS.agree_by
)
CAMPAIGN = CampaignNews("https://concordia.example/admin/campaigns/campaign/5/change/", Party("X-1", "Summer", "CRM"))
ACCOUNT = AccountNews("https://concordia.example/admin/", "Marta Gil", datetime(2026, 11, 4, 9, tzinfo=UTC))
COMMENT = CommentNews(
    "https://concordia.example/admin/x/?comment=3#comment-3", CAMPAIGN.party, "Marta Gil", "Why so late?"
)
MOVE = MoveNews("https://concordia.example/admin/x/", CAMPAIGN.party, "pause", "paused", "Marta Gil", "Nothing left.")
STATEMENT = StatementNews(
    url="https://concordia.example/admin/approvals/case/12/conversation/?statement=3#statement-3",
    label="K-12",
    parties=NEWS.parties,
    by="Marta Gil",
    kind="fact",
    department="Marketing of the northern business unit",
    text="Two stores sell it.",
    source="Stock report, page 3",
    files=("Plan.pdf", "stock.csv"),
)
MEETING = MeetingNews(
    url=NEWS.url,
    label="K-12",
    parties=NEWS.parties,
    uid="k-12-abc@concordia.example",
    sequence=0,
    at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    starts_at=datetime(2026, 11, 4, 9, tzinfo=UTC),
    ends_at=datetime(2026, 11, 4, 9, 45, tzinfo=UTC),
    place="Room 3",
    agenda="Dates\nProducts",
    people=(("Ana Ruiz", "ana@concordia.example"), ("Bob", "bob@concordia.example")),
    by="Marta Gil",
)


PARTS = {
    MailEvent.CASE_ASSIGNED: "mediator",
    MailEvent.DECISION_REMINDER: "mediator",
    MailEvent.CASE_WITHOUT_MEDIATOR: "administrator",
    MailEvent.CASE_UNDECIDED: "administrator",
}
REVIEW = ReviewNews(
    url="https://concordia.example/review",
    party=NEWS.parties[0],
    sections=("brief", "offers:MKT"),
    departments={"MKT": "Marketing"},
    starts_on=date(2026, 12, 1),
    ends_before=date(2026, 12, 10),
    due_at=NEWS.agree_by,
)
BRIEFING = BriefingNews(
    url="https://concordia.example/briefing",
    party=NEWS.parties[0],
    number=2,
    is_first=False,
    starts_on=date(2026, 12, 1),
    ends_before=date(2026, 12, 10),
    message="Warm for less",
    offers=(),
)
REQUEST = RequestNews(
    url="https://concordia.example/request",
    label="S-123456",
    channel="social",
    department="Merchandising of the northern business unit",
    owner="Marta Gil",
    answer_by=NEWS.agree_by,
    is_late=False,
    number=3,
    by="Marta Gil",
    before="Customer service of the northern business unit",
)
DIGEST = DigestNews(
    url="https://concordia.example/admin/approvals/mail/inbox/",
    day=date(2026, 11, 4),
    blocks=(
        (
            Block.WAITS,
            (
                DigestLine("decide", "K-12: Sofas ↔ Coats", "https://concordia.example/12"),
                DigestLine("approve", "Summer (X-1)", "https://concordia.example/x"),
                DigestLine("agree", "K-13: Sofas ↔ Coats", "https://concordia.example/13", NEWS.agree_by),
            ),
        ),
        (Block.CHANGED, ()),
        (
            Block.TOLD,
            (DigestLine("campaign_moved", "[Concordia] Sofas <new> & more (CJ13)", "https://concordia.example/5"),),
        ),
    ),
    more=1204,
)
RULE = RuleNews(
    url="https://concordia.example/admin/approvals/standingrule/2/change/",
    label="R-2",
    departments={1: "Marketing", 2: "Sales"},
    outcome=Outcome("clear_later", 2, "younger", "deeper"),
    step="approve",
    by="Marta Gil",
    reason="Three mediators said so.",
)
LEFT = LeftNews("https://concordia.example/admin/", "K-12", "timeout")
EVERY_MAIL = [
    *((MailEvent.CASE_LEFT, replace(LEFT, why=why), "passed_over") for why in mediation_letters._WHY_LEFT),
    (MailEvent.RULE_SUGGESTED, replace(RULE, step="suggest", by="", reason=""), "rule_judge"),
    *((MailEvent.RULE_CHANGED, replace(RULE, step=step), "rule_party") for step in rule_letters._STEPS),
    (MailEvent.CASE_DECIDED, replace(NEWS, by="", rule="R-2"), "accountable"),
    *((event, NEWS, PARTS.get(event, "accountable")) for event in letters._CASE),
    (MailEvent.CASE_OPENED, NEWS, "responsible"),
    (MailEvent.CASE_DECIDED, replace(NEWS, takes_effect_at=NEWS.agree_by), "accountable"),
    (MailEvent.CASE_APPEALED, replace(NEWS, taken_up_by="K-13"), "accountable"),
    *((event, TERMS, "accountable") for event in terms_letters.WORDS),
    (MailEvent.CAMPAIGN_WITHOUT_LEAD, CAMPAIGN, "administrator"),
    (MailEvent.DEVICE_TAKEN_AWAY, ACCOUNT, "self"),
    (MailEvent.COMMENT, COMMENT, "watcher"),
    (MailEvent.COMMENT, replace(COMMENT, text=""), "watcher"),
    (MailEvent.MENTION, COMMENT, "mentioned"),
    (MailEvent.MENTION, STATEMENT, "mentioned"),
    (MailEvent.STATEMENT_MADE, STATEMENT, "contact"),
    (MailEvent.STATEMENT_MADE, replace(STATEMENT, kind="claim", source="", files=()), "lead"),
    (MailEvent.STATEMENT_MADE, replace(STATEMENT, kind="comment", source="", department=""), "accountable"),
    (MailEvent.STATEMENT_MADE, replace(STATEMENT, text="", source="", files=()), "mediator"),
    (MailEvent.MEETING_PROPOSED, MEETING, "organizer"),
    (MailEvent.MEETING_PROPOSED, replace(MEETING, by="", agenda=""), "mediator"),
    (MailEvent.MEETING_MOVED, replace(MEETING, before=NEWS.agree_by, sequence=1), "lead"),
    (MailEvent.MEETING_MOVED, replace(MEETING, sequence=2), "contact"),
    (MailEvent.MEETING_CANCELLED, replace(MEETING, sequence=3), "accountable"),
    (MailEvent.MEETING_CANCELLED, replace(MEETING, sequence=3, by="", is_over=True), "accountable"),
    (MailEvent.MEETING_CANCELLED, replace(MEETING, sequence=3, by="", is_left=True), "left"),
    (MailEvent.BRIEFING, BRIEFING, "subscriber"),
    (MailEvent.BRIEFING, replace(BRIEFING, is_first=True, number=1), "subscriber"),
    (MailEvent.BRIEFING_STOPPED, BRIEFING, "subscriber"),
    (MailEvent.BRIEFING_RESUMED, BRIEFING, "subscriber"),
    (MailEvent.REVIEW_ASKED, REVIEW, "reviewer"),
    (MailEvent.REVIEW_REMINDER, REVIEW, "reviewer"),
    (MailEvent.REVIEW_OVERDUE, REVIEW, "administrator"),
    (MailEvent.CHANGES_ASKED, replace(REVIEW, due_at=None, by="Bob", reason="Less"), "accountable"),
    (MailEvent.APPROVAL_FELL, replace(REVIEW, due_at=None), "reviewer"),
    (MailEvent.REQUEST_HANDED_OVER, REQUEST, "request_owner"),
    (MailEvent.REQUEST_HANDED_OVER, replace(REQUEST, is_late=True), "request_lead"),
    (MailEvent.REQUEST_WANDERS, REQUEST, "request_lead"),
    (MailEvent.REQUEST_WANDERS, replace(REQUEST, is_late=True), "request_lead"),
    (MailEvent.REQUEST_REMINDER, replace(REQUEST, number=0), "request_owner"),
    (MailEvent.REQUEST_OVERDUE, REQUEST, "request_lead"),
    (MailEvent.REQUEST_CONTRADICTED, REQUEST, "request_lead"),
    (MailEvent.REQUEST_SETTLED, REQUEST, "request_author"),
    (MailEvent.CAMPAIGN_MOVED, MOVE, "watcher"),
    (MailEvent.CAMPAIGN_CANCELLED, replace(MOVE, step="cancel", status="cancelled"), "watcher"),
    (MailEvent.DIGEST, DIGEST, "self"),
    (MailEvent.CAMPAIGN_MOVED, replace(MOVE, by="", reason="", step="end", status="ended"), "watcher"),
]


PREFERENCES = "http://localhost:8000/admin/approvals/staffprofile/news/"


def write(event, news=NEWS, part="accountable", language="en"):
    with translation.override(language):
        return letters.write(event, news, Recipient(ANA, part, "CJ18"))


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words, self.links = [], []
        self.silent = False

    def handle_starttag(self, tag, attrs):
        self.silent = self.silent or tag == "head"
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        self.silent = self.silent and tag != "head"

    def handle_data(self, data):
        if not self.silent:
            self.words += data.split()


def test_there_are_words_for_every_event():
    assert {event for event, *_ in EVERY_MAIL} == set(MailEvent)


def links_of(news):
    """Those of the lines of a digest; all other mails lead to one place."""
    return [line.url for _block, lines in news.blocks for line in lines] if isinstance(news, DigestNews) else []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("event", "news", "part"), EVERY_MAIL)
def test_text_and_html_say_the_same_and_lead_to_one_page(event, news, part, language):
    letter = write(event, news, part, language)
    reader = Reader()
    reader.feed(letter.html)
    assert reader.links == [*links_of(news), news.url, PREFERENCES]
    text = letter.text
    for link in reader.links:
        text = text.replace(f"{link}\n", "\n")
    text = re.sub("^- ", "", text.replace(":", "").replace("--", ""), flags=re.MULTILINE).split()
    assert " ".join(reader.words).replace(":", "").split() == text
    assert letter.text.count("http") == len(reader.links)
    assert "Ana" in letter.text
    assert letter.subject.startswith("[Concordia] ")
    assert len(letter.subject) <= 70
    assert "\n" not in letter.subject


def test_a_digest_has_the_blocks_that_are_not_empty():
    letter = write(MailEvent.DIGEST, DIGEST, "self")
    assert letter.subject == "[Concordia] Your digest of 4 Nov 2026"
    assert "What changed for you" not in letter.text
    assert "What waits for you\n\n- Decide: K-12: Sofas ↔ Coats\n  https://concordia.example/12\n" in letter.text
    assert "- Agree: K-13: Sofas ↔ Coats · by Wed 4 Nov, 10:00\n" in letter.text
    assert "- Status of a campaign changed: Sofas <new> & more (CJ13)\n" in letter.text
    assert "1,204 more in your inbox:\n" in letter.text
    assert "Sofas &lt;new&gt; &amp; more" in letter.html


def test_names_are_escaped_in_html_and_only_there():
    letter = write(MailEvent.CASE_OPENED)
    assert "Sofas <new> & more" in letter.text
    assert "Sofas &lt;new&gt; &amp; more" in letter.html
    assert "<new>" not in letter.html


def test_each_side_reads_about_its_own_campaign_first():
    text = write(MailEvent.CASE_OPENED).text
    assert "Your campaign “Coats” (CJ18) collides with “Sofas <new> & more” (CJ13) of Marketing." in text
    assert text.index("Marketing: ") < text.index("Sales: ")


def test_the_rules_of_the_most_severe_collisions_are_named():
    text = write(MailEvent.CASE_OPENED, replace(NEWS, rules=("overlap", "long_gone"))).text
    assert "What was found: Overlap, long_gone\n" in text
    assert "What was found" not in write(MailEvent.CASE_OPENED, replace(NEWS, rules=())).text


def test_what_the_most_severe_collision_does_not_share_is_not_counted():
    text = write(MailEvent.CASE_OPENED, replace(NEWS, customers=7, products=0)).text
    assert "Customers in both offers, most severe collision: 7\n" in text
    assert "Products in both offers" not in text


def test_numbers_and_moments_as_the_reader_writes_them():
    english, spanish = write(MailEvent.CASE_OPENED).text, write(MailEvent.CASE_OPENED, language="es").text
    # 09:00 UTC is 10:00 in Madrid.
    assert "12,345" in english
    assert "Wed 4 Nov 2026, 10:00 (Europe/Madrid" in english
    assert "12.345" in spanish
    assert "mié 4 nov 2026, 10:00" in spanish
    assert "12 Nov 2026 to 21 Nov 2026" in english


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (MailEvent.CASE_OPENED, "[Concordia] Agree on K-12: CJ13 ↔ CJ18 · by Wed 4 Nov, 10:00"),
        (MailEvent.CASE_REMINDER, "[Concordia] Reminder K-12: CJ13 ↔ CJ18 · by Wed 4 Nov, 10:00"),
        (MailEvent.CASE_ASSIGNED, "[Concordia] Decide K-12: Sofas <new> & more ↔ Coats"),
        (MailEvent.CASE_DECIDED, "[Concordia] K-12: Sofas <new> & more ↔ Coats"),
    ],
)
def test_subjects(event, expected):
    assert write(event).subject == expected


def test_what_only_informs_keeps_one_subject_so_that_it_stays_one_thread():
    events = (MailEvent.CASE_ESCALATED, MailEvent.CASE_DECIDED, MailEvent.CASE_VANISHED)
    assert len({write(event).subject for event in events}) == 1


@pytest.mark.parametrize("length", [1, 30, 64, 200])
def test_a_subject_fits_whatever_people_call_their_campaigns(length):
    parties = (Party("C" * min(length, 64), "N\n" * length, "A"), Party("D" * min(length, 64), "M " * length, "B"))
    for event in letters._CASE:
        subject = write(event, replace(NEWS, parties=parties)).subject
        assert len(subject) <= 70
        assert "\n" not in subject


def test_why_somebody_gets_it():
    assert "because you are A (approves, answers for it) of CJ18." in write(MailEvent.CASE_OPENED).text
    assert "because you are the contact person of CJ18." in write(MailEvent.CASE_OPENED, part="contact").text
    assert "because you lead the department of CJ18." in write(MailEvent.CASE_OPENED, part="lead").text
    assert "because you are the mediator of this case." in write(MailEvent.CASE_ASSIGNED, part="mediator").text


def test_a_mail_without_a_mediator_says_so():
    assert "nobody is free to decide yet" in write(MailEvent.CASE_ESCALATED, replace(NEWS, mediator="", by="")).text


def test_no_mail_has_images_scripts_or_styles_from_elsewhere():
    for event, news, part in EVERY_MAIL:
        html = write(event, news, part).html
        assert not re.search(r"<(img|script|link|style)\b|url\(", html)


def test_an_invitation_is_in_the_language_of_its_reader_and_a_cancellation_names_no_campaign():
    for language, said in (("en", "Meeting about K-12: Sofas"), ("es", "Reunión sobre K-12: Sofas")):
        letter = write(MailEvent.MEETING_PROPOSED, MEETING, language=language)
        assert f"SUMMARY:{said}" in letter.calendar
        assert "METHOD:REQUEST" in letter.calendar
    gone = write(MailEvent.MEETING_CANCELLED, replace(MEETING, is_left=True, by=""), part="left")
    assert "METHOD:CANCEL" in gone.calendar
    for text in (gone.subject, gone.text, gone.html, gone.calendar):
        assert "Sofas" not in text
        assert "Products" not in text
    assert write(MailEvent.CASE_OPENED).calendar == ""


def test_an_invitation_says_when_and_where():
    letter = write(MailEvent.MEETING_MOVED, replace(MEETING, before=datetime(2026, 11, 3, 9, tzinfo=UTC)))
    assert letter.subject.startswith("[Concordia] Meeting now on Wed 4 Nov, 10:00: K-12, ")
    assert "When: Wed 4 Nov 2026, 10:00 (Europe/Madrid time) to 10:45\n" in letter.text
    assert "Instead of: Tue 3 Nov 2026, 10:00 (Europe/Madrid time)\n" in letter.text


def test_who_lost_a_case_and_why_stands_in_the_mail_about_the_change():
    assert "Jorge Ruiz did not decide in time." in write(MailEvent.CASE_MEDIATOR_CHANGED).text
    assert "Jorge Ruiz no decidió a tiempo." in write(MailEvent.CASE_MEDIATOR_CHANGED, language="es").text
    alone = write(MailEvent.CASE_MEDIATOR_CHANGED, replace(NEWS, mediator="", decide_by=None)).text
    assert "nobody is free to decide yet" in alone
    assert "Decide by" not in alone


def test_who_has_a_case_no_more_reads_nothing_of_it():
    for why, said in (("timeout", "The time to decide was over."), ("challenged", "challenged you as its mediator")):
        letter = write(MailEvent.CASE_LEFT, replace(LEFT, why=why), "passed_over")
        assert letter.subject == "[Concordia] K-12 is no longer yours to decide"
        assert said in letter.text


def test_until_when_to_decide_stands_in_the_mails_to_the_mediator():
    for event in (MailEvent.CASE_ASSIGNED, MailEvent.DECISION_REMINDER):
        assert "Fri 6 Nov 2026" in write(event, part="mediator").text
