"""Briefings: what they tell and never tell, when they are released, who is told and who has read them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail as sent_mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from approvals import briefing_lines
from approvals.actions import briefings, outbox, profiles
from approvals.models import Briefing, BriefingRead, Mail, StaffProfile
from approvals.queries import briefings as found
from approvals.queries.delivery import undeliverable
from approvals.rules.briefings import told
from approvals.tasks import task_react, task_send_mail
from approvals.tests.builders import NOW
from campaigns.actions import access, lifecycle, offers, planning, raci
from campaigns.actions.promises import Promises
from campaigns.models import Campaign, Fund, FundDraw, Offer, OfferChannelTerms, OfferClaim
from campaigns.tests import factories as make
from customers.actions import events
from customers.models import Event, HistoryEntry

pytestmark = pytest.mark.django_db

# No reader of a briefing may find this word in it.
CANARY = "CANARYSECRET"


@pytest.fixture
def crm():
    return make.make_department("CRM")


@pytest.fixture
def campaign(crm):
    """A draft with something secret wherever there is room for it."""
    secret = {"goal": CANARY, "kpi": CANARY, "budget": 712377, "kpi_target": 712378}
    one = make.make_campaign(
        crm, "CRM-1", what="Say hello", starts_on=timezone.localdate() + timedelta(days=9), **secret
    )
    shop = make.make_channel("shop")
    fund = Fund.objects.create(
        code=CANARY, name=CANARY, amount=900000, starts_on=one.starts_on, ends_before=one.ends_before
    )
    make.make_offer(
        one,
        "CRM-1-A",
        channels=[shop, make.make_channel("web")],
        segments=[make.make_segment("Loyal", range(5))],
        products=[make.make_product("lamp", name="Lamp")],
        margin_floor_pct=71.25,
        forecast_source=CANARY,
        expected_units=712379,
        eligibility="Students",
        stackable=False,
        promises=Promises(
            channel_terms=[OfferChannelTerms(channel=shop, percent_off=15, is_exclusive=True, reason=CANARY)],
            claims=[OfferClaim(kind="free_shipping_always", text="Only this week")],
            draws=[FundDraw(fund=fund, amount=712380)],
        ),
    )
    return one


def react(now=NOW):
    task_react()
    return now


def approve(campaign):
    make.approve(campaign)
    react()


def change_and_approve(campaign, **what):
    campaign.refresh_from_db()
    planning.change_campaign(campaign=campaign, by=make.lead_of(campaign.department), now=NOW, **what)
    campaign.refresh_from_db()
    approve(campaign)


def put(campaign, status):
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    campaign.refresh_from_db()


def read(campaign, user=None, number=None):
    return found.read(user or make.make_user(), campaign.pk, number)


class TestWhoReads:
    def test_nobody_before_it_is_approved_but_who_reads_the_plan(self, campaign, crm):
        stranger, analyst = make.make_user("stranger"), make.make_analyst()
        for status in ("draft", "submitted"):
            if status == "submitted":
                make.submit(campaign)
            react()
            assert read(campaign, stranger) is None
            assert read(campaign, analyst) is None
            assert read(campaign, AnonymousUser()) is None
            preview = read(campaign, make.lead_of(crm))
            assert (preview.briefing, preview.brief["what"]) == (None, "Say hello")

    @pytest.mark.parametrize("status", ["approved", "live", "paused", "ended", "cancelled", "submitted"])
    def test_everybody_who_works_here_from_then_on(self, campaign, status):
        approve(campaign)
        put(campaign, status)
        for person in (make.make_user("stranger"), make.make_analyst(), make.make_user("root", is_superuser=True)):
            one = read(campaign, person)
            assert (one.briefing.version.number, one.brief["what"]) == (1, "Say hello")
        assert read(campaign, make.make_user("guest", is_staff=False)) is None
        assert read(campaign, make.make_user("gone", is_active=False)) is None
        assert read(campaign, AnonymousUser()) is None

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ("live", "good"),
            ("approved", ""),
            ("submitted", "warn"),
            ("paused", "danger"),
            ("ended", "danger"),
            ("cancelled", "danger"),
        ],
    )
    def test_the_top_says_whether_it_may_be_offered(self, campaign, status, kind):
        approve(campaign)
        put(campaign, status)
        found_kind, _headline, what_to_do = briefing_lines.standing(read(campaign))
        assert found_kind == kind
        assert ("not" in what_to_do) == (status != "live")


class TestWhatItTells:
    def test_the_terms_in_plain_words(self, campaign):
        approve(campaign)
        (line,) = briefing_lines.offer_lines(read(campaign))
        facts = dict(line.facts)
        assert (line.terms, line.claims) == ("10 % off", ["Only this week"])
        assert facts["products"] == "Lamp"
        assert facts["who gets it"] == "Loyal"
        assert facts["channels"] == "Shop, Web"
        assert facts["on Shop"] == "15 % off, only here"
        assert facts["combines"] == "with no other offer"
        assert facts["who may use it"] == "Students"

    def test_nothing_of_what_is_for_readers_of_the_plan(self, campaign):
        approve(campaign)
        change_and_approve(campaign, goal=f"{CANARY} two", budget=712390, what="Say goodbye")
        one = read(campaign)
        everything = str(
            [one.sections, one.released, briefing_lines.offer_lines(one), briefing_lines.differences(one)]
        )
        assert "Lamp" in everything
        for secret in (CANARY, "7123", "71.25"):
            assert secret not in everything

    def test_a_column_that_nobody_named_is_not_told(self):
        said = {
            "brief": {"name": "A", "new": 1},
            "offers:CRM": {"A": {"code": "A", "new": 1, "claims": [{"text": "x", "new": 1}]}},
        }
        assert told(said) == {"brief": {"name": "A"}, "offers:CRM": {"A": {"code": "A", "claims": [{"text": "x"}]}}}

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"mechanic": "bxgy", "percent_off": None, "buy_quantity": 2, "get_quantity": 1}, "buy 2, get 1 free"),
            ({"mechanic": "message", "percent_off": None}, "Message without price"),
            ({"mechanic": "free_shipping", "percent_off": None, "min_spend": 30}, "free shipping from 30.00 USD"),
        ],
    )
    def test_each_mechanic_as_other_pages_say_it(self, crm, fields, words):
        one = make.make_campaign(crm, "CRM-2")
        make.make_offer(one, "CRM-2-A", **fields)
        approve(one)
        assert briefing_lines.offer_lines(read(one))[0].terms == words

    def test_held_and_withdrawn_offers_are_not_to_be_promised(self, campaign):
        make.make_offer(campaign, "CRM-1-B", name="Second")
        never = make.make_offer(campaign, "CRM-1-N", name="Never released")
        offers.withdraw_offers(offers=[never], by=make.lead_of(campaign.department), now=NOW, reason="No")
        approve(campaign)
        Offer.objects.filter(code="CRM-1-A").update(held=True)
        second = Offer.objects.get(code="CRM-1-B")
        put(campaign, "live")
        offers.withdraw_offers(offers=[second], by=make.lead_of(campaign.department), now=NOW, reason="No")
        react()
        one = read(campaign)
        assert one.held == {"CRM-1-A"}
        assert [said["name"] for said in one.withdrawn] == ["Second"]
        assert [line.code for line in briefing_lines.offer_lines(one)] == ["CRM-1-A"]
        assert one.briefing.version.number == 2

    def test_what_else_runs_is_told_as_everybody_may_know_it(self, campaign, crm):
        approve(campaign)
        days = {"starts_on": campaign.starts_on, "days": 3}
        for code in ("RUNS", "PLANNED", "LATER"):
            where = {"starts_on": campaign.ends_before, "days": 3} if code == "LATER" else days
            other = make.make_campaign(make.make_department(code), code, what=CANARY, **where)
            make.make_offer(other, f"{code}-1", name=CANARY)
            if code != "PLANNED":
                approve(other)
        cards, total = found.others(read(campaign), make.make_user("stranger"))
        assert ([card.campaign.code for card in cards], total) == (["RUNS"], 1)


class TestVersions:
    def test_each_approved_state_is_one(self, campaign):
        approve(campaign)
        change_and_approve(campaign, what="Say goodbye")
        one, old = read(campaign), read(campaign, number=1)
        assert (one.brief["what"], one.is_newest) == ("Say goodbye", True)
        assert (old.brief["what"], old.is_newest) == ("Say hello", False)
        assert [(line.before, line.after) for line in briefing_lines.differences(one)] == [
            ("Say hello", "Say goodbye")
        ]
        assert briefing_lines.differences(old) == []
        assert read(campaign, number=3) is None

    def test_what_waits_for_approval_is_none_yet(self, campaign):
        approve(campaign)
        campaign.refresh_from_db()
        planning.change_campaign(campaign=campaign, by=make.lead_of(campaign.department), now=NOW, what="Not yet")
        react()
        assert read(campaign).brief["what"] == "Say hello"
        assert read(campaign, number=2) is None

    def test_an_import_is_released_and_nobody_is_told(self, campaign):
        StaffProfile.objects.create(user=make.make_user("subscriber"), language="en", gets_briefings=True)
        lifecycle.approve_by_import([campaign.pk], now=NOW)
        react()
        assert read(campaign).briefing.version.number == 1
        assert not Mail.objects.filter(event="briefing").exists()

    def test_releasing_again_changes_nothing(self, campaign):
        approve(campaign)
        before = list(Briefing.objects.values())
        briefings.release([campaign.pk], tell=True, now=NOW + timedelta(days=1))
        assert list(Briefing.objects.values()) == before


class TestReading:
    def test_new_until_its_present_version_was_read(self, campaign):
        person = make.make_user("person")
        assert found.unread(person).count() == 0
        approve(campaign)
        assert found.unread(person).count() == 1
        briefings.mark_read(campaign=campaign, number=1, by=person, now=NOW)
        assert found.unread(person).count() == 0
        assert found.unread(make.make_user("other")).count() == 1
        change_and_approve(campaign, what="Say goodbye")
        assert found.unread(person).count() == 1
        # Whoever still has the old page open has not read the new one.
        briefings.mark_read(campaign=campaign, number=1, by=person, now=NOW)
        assert found.unread(person).count() == 1
        briefings.mark_read(campaign=campaign, number=2, by=person, now=NOW)
        briefings.mark_read(campaign=campaign, number=1, by=person, now=NOW)
        assert found.unread(person).count() == 0
        assert BriefingRead.objects.get().briefing.version.number == 2
        assert HistoryEntry.objects.filter(verb="read_briefing").count() == 2

    def test_all_at_once(self, campaign, crm):
        other = make.make_campaign(crm, "CRM-2")
        make.make_offer(other, "CRM-2-A")
        approve(campaign)
        approve(other)
        person = make.make_user("person")
        assert briefings.mark_all_read(by=person, now=NOW) == 2
        assert briefings.mark_all_read(by=person, now=NOW) == 0
        assert found.unread(person).count() == 0

    def test_what_is_over_is_not_new(self, campaign):
        approve(campaign)
        put(campaign, "ended")
        person = make.make_user("person")
        assert found.unread(person).count() == 0
        assert [line.is_new for line in found.lines(list(found.listed(person)))] == [False]

    def test_refused(self, campaign):
        approve(campaign)
        with pytest.raises(ValidationError):
            briefings.mark_read(campaign=campaign, number=2, by=make.make_user("person"), now=NOW)
        for stranger in (make.make_user("guest", is_staff=False), make.make_user("gone", is_active=False)):
            with pytest.raises(PermissionDenied):
                briefings.mark_read(campaign=campaign, number=1, by=stranger, now=NOW)
            with pytest.raises(PermissionDenied):
                briefings.mark_all_read(by=stranger, now=NOW)
        assert not BriefingRead.objects.exists()
        assert not HistoryEntry.objects.filter(verb="read_briefing").exists()

    def test_the_order_is_running_coming_over(self, crm):
        for code, status in (("A", "ended"), ("B", "approved"), ("C", "paused"), ("D", "live"), ("E", "cancelled")):
            one = make.make_campaign(crm, code)
            make.make_offer(one, f"{code}-1")
            approve(one)
            put(one, status)
        lines = found.lines(list(found.listed(make.make_user("person"))))
        assert [(line.campaign.code, line.rank) for line in lines] == [
            ("C", 0),
            ("D", 0),
            ("B", 1),
            ("A", 2),
            ("E", 2),
        ]


@pytest.fixture
def shop(campaign):
    """SHOP sells (R), CARE serves (I), WEB writes messages (R); one person of TEL is told (I) in sale."""
    people = {
        name: make.make_user(name) for name in ("seller", "agent", "writer", "caller", "colleague", "subscriber")
    }
    houses = {
        "SHOP": make.make_department("SHOP", lead=people["seller"]),
        "CARE": make.make_department("CARE", lead=people["agent"]),
        "WEB": make.make_department("WEB", lead=people["writer"]),
        "TEL": make.make_department("TEL", lead=people["caller"], members=[people["colleague"]]),
    }
    raci.set_matrix(
        campaign=campaign,
        by=make.lead_of(campaign.department),
        now=NOW,
        roles={
            ("sale", houses["SHOP"].pk): "R",
            ("service", houses["CARE"].pk): "I",
            ("messages", houses["WEB"].pk): "R",
        },
        people={("sale", people["caller"].pk, houses["TEL"].pk): "I"},
    )
    profiles.change_settings(gets_briefings=True, language="es", by=people["subscriber"], now=NOW)
    return people


def mails(event="briefing"):
    return sorted(Mail.objects.filter(event=event).values_list("recipient__username", flat=True))


class TestMails:
    TOLD = ("agent", "caller", "seller", "subscriber")

    def test_whoever_sells_or_serves_and_who_subscribed_once_per_version(self, campaign, shop):
        approve(campaign)
        react()
        assert mails() == sorted([*self.TOLD, *self._leads(campaign)])
        change_and_approve(campaign, what="Say goodbye")
        assert mails() == sorted([*self.TOLD, *self._leads(campaign)] * 2)
        keys = Mail.objects.filter(event="briefing").values_list("key", flat=True)
        assert len(set(keys)) == len(keys)

    def _leads(self, campaign):
        """CRM has the letters that a campaign of it begins with."""
        own = {one.user.username for one in found.recipients(campaign)} - set(self.TOLD)
        assert own <= {make.lead_of(campaign.department).username}
        return own

    def test_in_the_readers_language_with_what_to_say_and_no_secret(self, campaign, shop):
        approve(campaign)
        english, spanish = (
            Mail.objects.get(event="briefing", recipient__username=name) for name in ("seller", "subscriber")
        )
        assert spanish.language == "es"
        for mail in (english, spanish):
            assert "Say hello" in mail.text
            assert "10 % " in mail.text.replace("\xa0", " ")
            assert f"/admin/approvals/briefing/of/{campaign.pk}/" in mail.text
            assert CANARY not in mail.subject + mail.text + mail.html
            assert "7123" not in mail.text

    def test_the_event_survives_a_worker_that_dies(self, campaign, shop):
        make.approve(campaign)
        assert Event.objects.filter(topic="plan.approved", handled_at__isnull=True).count() == 1

        def dies(batch, now):
            briefings.react(batch, now)
            raise RuntimeError

        events.drain(briefings.TOPICS, dies, now=NOW)
        assert not Briefing.objects.exists()
        assert mails() == []
        Event.objects.update(not_before=None)
        react()
        react()
        assert set(self.TOLD) <= set(mails())
        assert len(mails()) == len(set(mails()))

    @pytest.mark.parametrize("step", ["pause", "cancel"])
    def test_stopped_and_going_on(self, campaign, shop, step):
        approve(campaign)
        put(campaign, "live")
        a = campaign.accountable
        getattr(lifecycle, step)(campaign=campaign, by=a, now=NOW, reason=CANARY)
        react()
        react()
        assert mails("briefing_stopped") == sorted(self.TOLD)
        assert not Mail.objects.filter(event="briefing_stopped", text__contains=CANARY).exists()
        if step == "pause":
            lifecycle.resume(campaign=campaign, by=a, now=NOW)
            react()
            assert mails("briefing_resumed") == sorted(self.TOLD)

    def test_what_was_never_released_is_not_stopped(self, campaign, shop):
        lifecycle.cancel(campaign=campaign, by=campaign.accountable, now=NOW, reason="No")
        react()
        assert mails("briefing_stopped") == []

    def test_it_leaves_to_who_works_here_whether_they_read_the_plan_or_not(self, campaign, shop):
        approve(campaign)
        mail = Mail.objects.get(event="briefing", recipient__username="subscriber")
        assert not Campaign.objects.visible(shop["subscriber"]).exists()
        assert undeliverable(mail) == ""
        assert Mail.objects.visible(shop["subscriber"]).filter(pk=mail.pk).exists()
        shop["subscriber"].is_staff = False
        shop["subscriber"].save()
        mail = Mail.objects.get(pk=mail.pk)
        assert undeliverable(mail) != ""

    def test_it_is_sent(self, campaign, shop):
        approve(campaign)
        outbox.send_due(now=timezone.now())
        task_send_mail()
        told_people = [mail.to[0] for mail in sent_mail.outbox if "CRM-1" in mail.subject]
        for name in set(self.TOLD) - {"subscriber"}:
            assert any(f"{name}@example.com" in one for one in told_people)
        # Who only asked for all of them hears once a day.
        assert Mail.objects.get(recipient__username="subscriber").state == "daily"
        assert len(told_people) == len(set(told_people))

    def test_who_left_the_department_hears_nothing(self, campaign, shop):
        shop_department = shop["seller"].memberships.get().department
        access.join(department=shop_department, user=make.make_user("next"), is_lead=True, by=None, now=NOW)
        access.leave(department=shop_department, user=shop["seller"], by=None, now=NOW)
        approve(campaign)
        assert "seller" not in mails()
        assert "next" in mails()


class TestSubscribing:
    def test_it_is_kept_with_the_language(self):
        person = make.make_user("person")
        profiles.change_settings(gets_briefings=True, by=person, now=NOW)
        profiles.change_settings(gets_briefings=True, by=person, now=NOW)
        profiles.change_settings(language="es", by=person, now=NOW)
        profile = StaffProfile.objects.get(user=person)
        assert (profile.gets_briefings, profile.language) == (True, "es")
        profiles.change_settings(gets_briefings=False, by=person, now=NOW)
        assert not StaffProfile.objects.get(user=person).gets_briefings
        assert HistoryEntry.objects.filter(verb="subscribe_to_briefings").count() == 2

    def test_a_wrong_language_keeps_nothing(self):
        with pytest.raises(ValidationError):
            profiles.change_settings(gets_briefings=True, language="tlh", by=make.make_user("person"), now=NOW)
        assert not StaffProfile.objects.exists()
