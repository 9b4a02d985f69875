"""A small house in the middle of a dispute, for tests that ask every address of it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.apps import apps
from django.contrib.auth.models import User
from django.utils import timezone

from approvals.actions import (
    absences,
    approval_rules,
    briefings,
    case_reactions,
    cases,
    discussion,
    meetings,
    proposals,
    request_answers,
    requests,
    reviews,
    statements,
    terms,
    working_time,
)
from approvals.models import Case, Comment, Mediator, StandingRule
from approvals.models.precedents import columns_of, columns_of_outcome
from approvals.rules.operations import ShiftDates
from approvals.rules.outcomes import Outcome
from approvals.rules.precedents import Facts
from campaigns.actions import collisions, feeds, raci_templates
from campaigns.actions.promises import Promises
from campaigns.models import (
    BrandRules,
    Campaign,
    Collision,
    Department,
    DepartmentGoal,
    DetectionRun,
    ImportRun,
    JointGroup,
    Offer,
    OfferChannelTerms,
    OfferClaim,
    RuleSetting,
    Tactic,
    Tool,
)
from campaigns.queries.explanation import with_offers
from campaigns.queries.remedies import suggestions_of
from campaigns.rules.calendar import Filters
from campaigns.rules.collisions import RULES, overlap
from campaigns.tests import factories as make
from campaigns.tests import settled
from customers.actions import events, tokens
from customers.models import Channel, Segment

NOW = timezone.now()
DAY = timezone.localdate() + timedelta(days=5)
# Models of which `World.ids` has keys.
FOLDERS = (
    "approvals/absence",
    "approvals/approvalrule",
    "approvals/attachment",
    "approvals/case",
    "approvals/comment",
    "approvals/customerrequest",
    "approvals/escalationpolicy",
    "approvals/mail",
    "approvals/mediator",
    "approvals/review",
    "approvals/reviewpolicy",
    "approvals/proposal",
    "approvals/specialday",
    "approvals/statement",
    "approvals/terms",
    "approvals/standingrule",
    "approvals/workinghours",
    "auth/user",
    "campaigns/addedactivity",
    "campaigns/announcedprice",
    "campaigns/brandrules",
    "campaigns/calendarfeed",
    "campaigns/campaign",
    "campaigns/category",
    "campaigns/collision",
    "campaigns/combinationclass",
    "campaigns/combinationpolicy",
    "campaigns/department",
    "campaigns/departmentgoal",
    "campaigns/detectionrun",
    "campaigns/fund",
    "campaigns/importrun",
    "campaigns/jointgroup",
    "campaigns/offer",
    "campaigns/placement",
    "campaigns/product",
    "campaigns/protectedscope",
    "campaigns/racitemplate",
    "campaigns/substitution",
    "campaigns/tactic",
    "campaigns/tool",
    "campaigns/wordtoavoid",
    "customers/apitoken",
    "customers/channel",
    "customers/customer",
    "customers/event",
    "customers/historyentry",
    "customers/segment",
)


@dataclass
class World:
    """`people` by their part in the table. Words: `name-of-department-about-what`, in every text of a plan."""

    people: dict[str, User]
    ids: dict[str, list[int | str]]
    query: dict[str, int]


def word(department: str, about: str) -> str:
    return f"CANARY{department}{about}"


def _brief(department: str, about: str, number: int) -> dict:
    texts = {name: word(department, about) for name in ("what", "who", "where", "how", "goal", "kpi")}
    return texts | {"budget": number, "kpi_target": number + 1, "starts_on": DAY}


def _department(code: str) -> Department:
    member = make.make_user(f"member_{code}")
    department = make.make_department(code, members=[member])
    Department.objects.filter(pk=department.pk).update(value_proposition=word(code, "Value"))
    return department


def make_world():
    """Alfa and Beta dispute before a mediator; Gamma is a third, told (I) about Alfa's other campaign only."""
    segment, products = make.make_segment("Everyone", range(40)), make.make_products(3)
    make.make_customers(40)
    make.make_channel("Radio")
    numbers = {"Alfa": 712377, "Beta": 834195, "Gamma": 956013}
    departments = {code: _department(code) for code in numbers}
    secret = make.make_segment("Secret", range(7))
    for code, department in departments.items():
        for kind in ("Plan", "Draft"):
            about = _brief(code, f"{kind}Brief", numbers[code] + (kind == "Draft") * 20)
            # The name of what is submitted stands on the plan that everybody reads; that of a draft does not.
            name = f"{code} in spring" if kind == "Plan" else word(code, "DraftName")
            campaign = make.make_campaign(department, f"{code}-{kind}", name=name, **about)
            shown = make.make_offer(
                campaign,
                f"{code}-{kind}-1",
                name=word(code, f"{kind}Shown"),
                segments=[segment],
                products=products if code != "Gamma" else make.make_products(1),
                margin_floor_pct=numbers[code] % 90 + 0.25,
            )
            # An offer that collides with nothing: nobody else has a reason to see it, or what it says.
            make.make_offer(
                campaign,
                f"{code}-{kind}-2",
                name=word(code, f"{kind}Apart"),
                segments=[secret],
                promises=Promises(
                    claims=[OfferClaim(kind="free_shipping_always", text=word(code, f"{kind}ApartClaim"))]
                ),
                eligibility=word(code, f"{kind}ApartEligibility"),
                message=word(code, f"{kind}ApartMessage"),
                why_suggested=word(code, f"{kind}ApartWhy"),
            )
            if kind == "Plan":
                make.submit(campaign)
                shown.refresh_from_db()
    _approve(departments["Gamma"], secret)
    people = {
        "anonymous": None,
        "third_lead": make.lead_of(departments["Gamma"]),
        "member": User.objects.get(username="member_Alfa"),
        "lead": make.lead_of(departments["Alfa"]),
        "mediator": make.make_user("mediator"),
        "stand_in": make.make_user("stand_in"),
        "analyst": make.make_analyst(),
        "administrator": make.make_user("administrator", is_superuser=True),
        "outsider": make.make_user("outsider", is_staff=False),
    }
    for new in (*settled.KINDS.values(), settled.joint_group):
        new().save()
    # A draft's name is nobody else's business on the page of its group either.
    Campaign.objects.filter(code="Gamma-Draft").update(joint_group=JointGroup.objects.last())
    # One dispute between two parties, about their overlap: what else the rules find has tests of its own.
    others = [rule.CODE for rule in RULES if rule is not overlap]
    RuleSetting.objects.bulk_create((RuleSetting(rule=code, mode="off") for code in others), ignore_conflicts=True)
    Mediator.objects.create(user=people["mediator"], stand_in=people["stand_in"])
    alfa = Campaign.objects.get(code="Alfa-Plan")
    Tactic.objects.create(code="news", name="Newsletter", department=alfa.department)
    Tool.objects.create(name="Mailer", department=alfa.department, purpose="mail")
    # What a department wants and never says is everybody's to read; what breaks it is told to its own people.
    DepartmentGoal.objects.create(code="more", name="Sell more", department=alfa.department)
    alfa.serves.add(DepartmentGoal.objects.create(code="served", name="Served", department=alfa.department))
    BrandRules.objects.create(
        department=alfa.department, deepest_discount=5, protected_brands="Acme", never_words="CANARYAlfa*\nCANARYBeta*"
    )
    raci_templates.keep(campaign=alfa, name="Standard", by=people["lead"], now=NOW)
    DetectionRun.objects.create(requested_at=NOW, started_at=NOW, finished_at=NOW)
    ImportRun.objects.create(source="folder", started_at=NOW)
    for code in ("Alfa", "Beta"):
        lead = make.lead_of(departments[code])
        tokens.create_token(user=lead, name=word(code, "Token"), scope="read", days=9, by=lead, now=NOW)
        feeds.create_feed(name=word(code, "Feed"), filters=Filters(), by=lead, now=NOW)
    feeds.create_feed(name="till", filters=Filters(), by=people["stand_in"], now=NOW)
    tokens.create_token(user=people["stand_in"], name="till", scope="read", days=1, by=people["stand_in"], now=NOW)
    collisions.refresh_due(now=NOW)
    events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW)
    case = Case.objects.get()
    _propose(case, people["lead"])
    _converse(case, people)
    _negotiate(case, people["lead"])
    _discuss(departments)
    _review(people)
    cases.escalate(case=case, by=people["lead"], now=NOW, key="1", reason=word("Alfa", "CaseReason"))
    _keep_rule(departments, people)
    _serve(departments, people)
    return World(people, _ids(), _query(case))


def _approve(department: Department, segment: Segment) -> None:
    """A plan of Gamma that everybody reads as a briefing, but for what stands in it for its readers alone."""
    for_readers = _brief("Gamma", "LiveBrief", 956113) | dict.fromkeys(("what", "who", "where", "how"), "Come in")
    campaign = make.make_campaign(department, "Gamma-Live", name="Gamma in May", **for_readers)
    terms = OfferChannelTerms(
        channel=Channel.objects.get(code="Radio"), percent_off=20, reason=word("Gamma", "LiveBrief")
    )
    make.make_offer(
        campaign,
        "Gamma-Live-1",
        segments=[segment],
        products=make.make_products(1),
        forecast_source=word("Gamma", "LiveBrief"),
        expected_units=1,
        promises=Promises(channel_terms=[terms]),
    )
    make.approve(campaign)
    events.drain(briefings.TOPICS, briefings.react, now=NOW)


def _propose(case: Case, by: User) -> None:
    """Alfa asks Beta for a change of its offer; it lapses with the negotiation."""
    collision = with_offers(Collision.objects.all()).get()
    asked = next(
        one for one in suggestions_of(collision, today=NOW.date()) if one.offer.campaign_id == case.campaign_b_id
    )
    proposals.propose(
        case=case, collision=collision, key=asked.key, by=by, now=NOW, message=word("Alfa", "CaseReason")
    )


def _converse(case: Case, people: dict[str, User]) -> None:
    """Both sides state a fact with a file; Alfa also what it then retracts, and it proposes a meeting."""
    for by in (people["lead"], make.lead_of(case.campaign_b.department)):
        said = word("Alfa", "CaseReason")
        files = [(f"{said}.txt", said.encode())]
        statements.state(case=case, kind="fact", text=said, source=said, files=files, by=by, now=NOW)
    taken_back = statements.state(
        case=case,
        kind="claim",
        text=word("Alfa", "Retracted"),
        files=[("a.txt", word("Alfa", "Retracted").encode())],
        by=people["lead"],
        now=NOW,
    )
    statements.retract(statement=taken_back, by=people["lead"], now=NOW)
    said = word("Alfa", "CaseReason")
    soon = NOW + timedelta(days=2)
    meetings.propose(case=case, starts_at=soon, minutes=45, place=said, agenda=said, by=people["lead"], now=NOW)


def _negotiate(case: Case, by: User) -> None:
    """Alfa puts terms to Beta; they wait for an answer also in mediation."""
    who: dict = {"case": case, "operations": [ShiftDates("Beta-Plan", 40)], "by": by, "now": NOW}
    posted_hash = terms.preview(**who).terms_hash
    terms.propose(**who, posted_hash=posted_hash, message=word("Alfa", "CaseReason"))


def _keep_rule(departments: dict[str, Department], people: dict[str, User]) -> None:
    """What Alfa and Beta are bound by; other facts than those of their case."""
    alfa, beta = departments["Alfa"], departments["Beta"]
    facts = Facts("overlap", ("overlap",), (alfa.pk, beta.pk), None, 0, 0, (0, 0), ("", ""))
    StandingRule.objects.create(
        state="approved",
        suggested_at=NOW,
        approved_at=NOW,
        decided_by=people["administrator"],
        reason=word("Alfa", "RuleReason"),
        **columns_of(facts),
        **columns_of_outcome(Outcome("withdraw", alfa.pk, "older")),
    )


def _review(people: dict[str, User]) -> None:
    """What is submitted is asked for; by rule Gamma's lead approves Gamma's plans, and Alfa's lead is away."""
    admin = people["administrator"]
    gamma = Department.objects.get(code="Gamma")
    approval_rules.put(
        rule=None,
        department=gamma,
        measure="always",
        above=Decimal(0),
        approver=people["third_lead"],
        by=admin,
        now=NOW,
    )
    working_time.put_day(row=None, day=DAY + timedelta(days=400), name="Midsummer", is_worked=False, by=admin, now=NOW)
    away = {"starts_on": DAY, "ends_before": DAY + timedelta(days=2)}
    absences.announce(user=people["lead"], stand_in=people["member"], **away, by=people["lead"], now=NOW)
    while events.drain(reviews.TOPICS, reviews.react, now=NOW):
        pass


def _serve(departments: dict[str, Department], people: dict[str, User]) -> None:
    """Each department has a request of its own; one of Alfa went to Beta, and both answered it."""
    for code, department in departments.items():
        requests.record(channel="phone", asked=word(code, "Request"), by=make.lead_of(department), now=NOW)
    wandering = requests.record(channel="shop", asked=word("Alfa", "Request"), by=people["member"], now=NOW)
    said = word("Alfa", "Request")
    requests.hand_over(request=wandering, department=departments["Beta"], reason=said, by=people["lead"], now=NOW)
    request_answers.answer(request=wandering, text=said, by=make.lead_of(departments["Beta"]), now=NOW)
    request_answers.answer(request=wandering, text=f"{said} too", by=people["lead"], now=NOW)


def _discuss(departments: dict[str, Department]) -> None:
    """Each department talks about its own plans, Alfa also of what it then retracts."""
    for campaign in Campaign.objects.select_related("department").order_by("pk"):
        code = campaign.department.code
        said = f"{word(code, 'Comment')} @member_{code}"
        discussion.write(campaign=campaign, text=said, by=make.lead_of(departments[code]), now=NOW)
    retracted = Comment.objects.get(campaign__code="Alfa-Draft")
    discussion.write(campaign=retracted.campaign, text=word("Alfa", "Retracted"), by=retracted.author, now=NOW)
    newest = Comment.objects.first()
    assert newest
    discussion.retract(comment=newest, by=newest.author, now=NOW)


def _ids() -> dict[str, list[int | str]]:
    """Keys of rows of each model, and one that does not exist: every plan, and a few of what is all the same."""
    # Rules have pages also without a row.
    found: dict[str, list[int | str]] = {"campaigns/rulesetting": [overlap.CODE, 987654]}
    for folder in FOLDERS:
        rows = apps.get_model(*folder.split("/"))._default_manager.order_by("pk")
        match folder:
            case "campaigns/campaign":
                rows = rows.filter(code__in=["Alfa-Plan", "Beta-Plan", "Beta-Draft", "Gamma-Plan", "Gamma-Live"])
            case "campaigns/offer":
                rows = rows.filter(code__in=["Alfa-Plan-1", "Beta-Plan-1", "Beta-Plan-2", "Gamma-Plan-2"])
            case "approvals/comment":
                rows = rows.filter(campaign__code__in=["Alfa-Plan", "Beta-Plan", "Beta-Draft", "Gamma-Plan"])
            case "approvals/customerrequest":
                rows = rows.exclude(department__code="Gamma")
            case "approvals/mail":
                of_each = [rows.filter(recipient__username=name).first() for name in ("lead_beta", "mediator")]
                rows = rows.filter(pk__in=[mail.pk for mail in of_each if mail])
        several = folder in {
            "approvals/attachment",
            "approvals/statement",
            "approvals/comment",
            "approvals/customerrequest",
            "approvals/mail",
            "campaigns/calendarfeed",
            "campaigns/campaign",
            "campaigns/jointgroup",
            "campaigns/offer",
            "customers/apitoken",
        }
        found[folder] = [*rows.values_list("pk", flat=True)[: 5 if several else 1], 987654]
    return found


def _query(case: Case) -> dict[str, int]:
    return {
        "department": Department.objects.get(code="Beta").pk,
        "campaign": case.campaign_b_id,
        "draft": Campaign.objects.get(code="Beta-Draft").pk,
        "offer": Offer.objects.get(code="Beta-Plan-1").pk,
        "collision": Collision.objects.get().pk,
    }
