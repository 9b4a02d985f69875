"""The demo: a real year of campaigns, and made-up people who plan, disagree and mediate."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions import (
    approval_rules,
    briefings,
    case_reactions,
    cases,
    discussion,
    inbox,
    policy,
    preferences,
    profiles,
    reviews,
    working_time,
)
from approvals.actions.import_days_off import import_days_off
from approvals.choices import Delivery, Measure, NewsKind
from approvals.models import Case, Mail
from campaigns.actions import access, collisions, ground_rules, raci, raci_templates
from campaigns.actions.dataset.problems import Progress
from campaigns.actions.import_dataset import ImportReport
from campaigns.actions.load_completejourney import load_completejourney
from campaigns.choices import Level, ToolPurpose
from campaigns.models import AddedActivity, BrandRules, Campaign, Department, DepartmentGoal, Tactic, Tool
from config.demo_conversation import converse
from config.demo_habit import decide_gardens, plan_gardens
from config.demo_plan import BRAND, next_month, plan_next_month
from config.demo_requests import ask_the_house
from customers.actions import events
from customers.clock import local_day
from customers.models import Customer
from customers.permissions import ANALYSTS

# The day of the data that becomes today: three campaigns run, eleven are still to come.
TODAY = date(2017, 7, 24)
PASSWORD = "concordia"  # noqa: S105 - printed for everybody to see


@dataclass(frozen=True)
class Person:
    username: str
    first_name: str
    last_name: str
    language: str
    role: str
    department: str = ""
    is_lead: bool = False
    is_contact: bool = False


@dataclass(frozen=True)
class BrandRulesOf:
    department: str
    deepest: int
    protected: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


_LEAD, _MEMBER = gettext_lazy("department lead"), gettext_lazy("member")

ADMINISTRATOR = Person("admin", "Andrea", "Molina", "es", gettext_lazy("administrator"))
MEDIATOR = Person("isabel", "Isabel", "Ferrer", "es", gettext_lazy("senior mediator"))
STAND_IN = Person("henry", "Henry", "Walsh", "en", gettext_lazy("stand-in of the mediator"))
HEAD = Person("elena", "Elena", "Duarte", "es", gettext_lazy("head of retail"))
CONTROLLER = Person("thomas", "Thomas", "Reed", "en", gettext_lazy("controller"))
ANALYST = Person("sofia", "Sofía", "Ramos", "es", gettext_lazy("analyst"))
PEOPLE = [
    Person("lucia", "Lucía", "Ortega", "es", _LEAD, "CRM", is_lead=True),
    Person("daniel", "Daniel", "Vidal", "es", _MEMBER, "CRM", is_contact=True),
    Person("emma", "Emma", "Clarke", "en", _MEMBER, "CRM"),
    Person("james", "James", "Harper", "en", _LEAD, "MKT", is_lead=True),
    Person("carla", "Carla", "Méndez", "es", _MEMBER, "MKT", is_contact=True),
    Person("pablo", "Pablo", "Serrano", "es", _MEMBER, "MKT"),
    Person("marta", "Marta", "Soler", "es", _LEAD, "TRADE", is_lead=True),
    Person("oliver", "Oliver", "Grant", "en", _MEMBER, "TRADE", is_contact=True),
    Person("nuria", "Nuria", "Campos", "es", _MEMBER, "TRADE"),
    MEDIATOR,
    STAND_IN,
    HEAD,
    CONTROLLER,
    ANALYST,
    ADMINISTRATOR,
]

# Who else has a part: {campaign: {activity: {department: letter}}}. What is in front of customers is left alone.
RACI = {
    "CJ15": {"products": {"CRM": "C"}, "messages": {"MKT": "C"}, "sale": {"CRM": "I", "MKT": "I"}},
    "CJ17": {"audience": {"CRM": "R", "MKT": "C"}, "products": {"TRADE": "C"}, "results": {"CRM": "I", "TRADE": "I"}},
    "CJ18": {"channels": {"MKT": "C"}, "products": {"TRADE": "C"}, "sale": {"MKT": "I", "TRADE": "I"}},
}

# A task beside the seven, which one campaign has and whose matrix others can begin with.
WINDOW = ("window", "Dress the shop window")
WITH_WINDOW = "CJ17"
TEMPLATE = "Campaign with a shop window"

# (code, name, owner, who profits, how they are told) and (name, department, purpose).
TACTICS = (
    (
        "newsletter",
        "Weekly newsletter",
        "CRM",
        ("MKT", "TRADE"),
        "Its plan is in the Monday meeting; opens are mailed on Fridays.",
    ),
    ("coupon-mailing", "Coupon mailing", "MKT", ("TRADE",), "Redemptions per category, once a month."),
    ("shelf-display", "Display at the shelf", "TRADE", (), ""),
)
TOOLS = (
    ("Loyalty database", "CRM", ToolPurpose.LOYALTY),
    ("Coupon printer", "MKT", ToolPurpose.LOYALTY),
    ("Mail platform", "CRM", ToolPurpose.MAIL),
    ("Shop planner", "TRADE", ToolPurpose.TILL),
)

# What is said of that campaign: who, and what, in the language in which they write.
TALK = (
    ("nuria", "El escaparate de la tienda de la esquina queda libre esa semana. @carla, ¿los carteles son de MKT?"),
    ("carla", "Sí, nuestros: llegan el jueves. @oliver, nos faltan las medidas antes del lunes."),
    ("oliver", "Measured: 120 by 180. @lucia, the audience still has people without a shop nearby. Is that meant?"),
    ("lucia", "No. Daniel lo corrige hoy."),
)

# Who approves besides those whom a plan concerns, where what is above how much.
APPROVALS = (
    (HEAD, Measure.ALWAYS, 0),
    (CONTROLLER, Measure.BUDGET, 50_000),
    (CONTROLLER, Measure.AUDIENCE, 2_000),
)

# What departments want (code, name, department, note), and what their offers keep to.
GOALS = (
    ("CRM-REPEAT", "Customers come back within 60 days", "CRM", "Two of three by the end of the year."),
    ("CRM-QUIET", "Fewer customers who no longer want our messages", "CRM", ""),
    ("MKT-NEW", "New customers from the neighbourhood", "MKT", "500 a quarter."),
    ("TRADE-SUPPLIERS", "Suppliers pay half of every promotion", "TRADE", ""),
)
BRAND_RULES = (
    BrandRulesOf("CRM", 25, never=("cheap*", "barat*", "last chance")),
    BrandRulesOf("TRADE", 30, protected=(BRAND,)),
)

# On whose days off these people do not work.
DAYS_OFF_OF = "ES-MD"

# The pair of campaigns whose parties have given up already, so that the mediator finds work.
ESCALATED = ("CJ11", "CJ13")
WHY_ESCALATED = (
    "Our mailing is printed and the coupons cannot change any more. CRM keeps its start: somebody has to decide."
)

# News that nobody in the demo has read yet, for each person.
UNREAD = 4


class NotEmpty(Exception):
    """There is data already; the demo is only for an empty database."""


@dataclass(frozen=True)
class Demo:
    """What a visitor needs to know."""

    report: ImportReport
    shift_weeks: int
    cases: list[Case]


@transaction.atomic
def load_demo(*, now: datetime, progress: Progress) -> Demo:
    """Fill an empty database: all of it or, when interrupted, nothing.

    Raises:
        NotEmpty: there is a department, a campaign, a customer or one of the demo's people already.
        NotInstalled: the package with the public data is missing.
    """
    _check_empty()
    users = _make_people(now)
    admin = users[ADMINISTRATOR.username]
    report = load_completejourney(
        by=admin,
        now=now,
        today=TODAY,
        leads={person.department: person.username for person in PEOPLE if person.is_lead},
        contacts={person.department: person.username for person in PEOPLE if person.is_contact},
        progress=progress,
    )
    assert not report.error_count, report.errors
    _make_departments_work(users, now)
    _discuss(users, now)
    progress("people", len(users), len(users))
    _detect(now, progress)
    leads = {person.department: users[person.username] for person in PEOPLE if person.is_lead}
    contacts = {person.department: users[person.username] for person in PEOPLE if person.is_contact}
    plan_next_month(admin=admin, leads=leads, contacts=contacts, now=now)
    # After the others, so that a story told of these cases stays true.
    _detect(now, progress)
    _give_up(users, now)
    first_day = next_month(next_month(local_day(now)))
    pairs = plan_gardens(leads=leads, contacts=contacts, first_day=first_day, now=now)
    _detect(now, progress)
    decide_gardens(pairs, lead=leads["TRADE"], now=now)
    _detect(now, progress)
    ask_the_house(users, now=now)
    converse(users, now=now)
    _read_news(users, now)
    shift = (Campaign.objects.get(code="CJ13").starts_on - date(2017, 8, 8)).days // 7
    return Demo(
        report, shift, list(Case.objects.select_related("campaign_a", "campaign_b", "mediator").order_by("pk"))
    )


def _detect(now: datetime, progress: Progress) -> None:
    """What the worker would do, done here: the first look at the demo must not be at an empty page."""
    collisions.refresh_due(now=now)
    while events.drain(case_reactions.TOPICS, case_reactions.react, now=now):
        progress("cases", Case.objects.count(), Case.objects.count())
    for reaction in (reviews, briefings, discussion, working_time):
        while events.drain(reaction.TOPICS, reaction.react, now=now):
            pass


def _read_news(users: dict[str, User], now: datetime) -> None:
    """Everybody has read their news up to the newest few, and one lead hears of comments at once."""
    for user in users.values():
        newest = list(Mail.objects.inbox(user).order_by("-id").values_list("pk", flat=True)[: UNREAD + 1])
        if len(newest) > UNREAD:
            inbox.mark_all_read(up_to=newest[-1], by=user, now=now)
    preferences.choose(chosen={NewsKind.COMMENT: Delivery.AT_ONCE}, by=users["lucia"], now=now)


def _check_empty() -> None:
    for model, plural in ((Department, _("departments")), (Campaign, _("campaigns")), (Customer, _("customers"))):
        if model.objects.exists():
            raise NotEmpty(
                _("The database already has %(things)s: the demo is only loaded into an empty one.")
                % {"things": plural}
            )
    taken = User.objects.filter(username__in=[person.username for person in PEOPLE]).values_list("username", flat=True)
    if names := ", ".join(sorted(taken)):
        raise NotEmpty(_("The demo needs the user names %(names)s, which are taken.") % {"names": names})


def _make_people(now: datetime) -> dict[str, User]:
    password = make_password(PASSWORD)  # one for all: hashing slowly is the point of it
    User.objects.bulk_create(
        [
            User(
                username=person.username,
                first_name=person.first_name,
                last_name=person.last_name,
                email=f"{person.username}@concordia.example",
                password=password,
                is_staff=True,
                is_superuser=person is ADMINISTRATOR,
            )
            for person in PEOPLE
        ]
    )
    users = {user.username: user for user in User.objects.all()}
    users[ANALYST.username].groups.add(Group.objects.get(name=ANALYSTS))
    for person in PEOPLE:
        profiles.choose_language(language=person.language, by=users[person.username], now=now)
    return users


def _make_departments_work(users: dict[str, User], now: datetime) -> None:
    """Members, mediators, policy, and who else has a part in some campaigns."""
    admin = users[ADMINISTRATOR.username]
    departments = {department.code: department for department in Department.objects.order_by("code")}
    for person in PEOPLE:
        if person.department and not person.is_lead:
            department = departments[person.department]
            access.join(department=department, user=users[person.username], is_lead=False, by=admin, now=now)
    for department in departments.values():
        policy.name_mediator(
            user=users[MEDIATOR.username],
            department=department,
            stand_in=users[STAND_IN.username],
            by=admin,
            now=now,
        )
    policy.name_mediator(
        user=users[STAND_IN.username],
        department=departments["CRM"],
        other_department=departments["TRADE"],
        from_level=Level.HIGH,
        most_cases=3,
        stand_in=users[MEDIATOR.username],
        by=admin,
        now=now,
    )
    this_year = local_day(now).year
    import_days_off(region=DAYS_OFF_OF, years=[this_year, this_year + 1], write=True, by=admin, now=now)
    policy.change_policy(opens_at_level=Level.LOW, hours_to_agree=18, hours_before_start=24, by=admin, now=now)
    _make_approval_rules(users, admin, now)
    _fill_register(departments, admin, now)
    _state_strategy(departments, admin, now)
    code, name = WINDOW
    ground_rules.put(row=AddedActivity(code=code, name=name), by=admin, now=now)
    for campaign in Campaign.objects.filter(code__in=RACI).select_related("accountable"):
        _share(campaign, departments, users, now)


def _make_approval_rules(users: dict[str, User], admin: User, now: datetime) -> None:
    """The head of retail approves every plan, the controller what is dear or reaches many."""
    for person, measure, above in APPROVALS:
        approval_rules.put(
            rule=None,
            department=None,
            measure=measure,
            above=Decimal(above),
            approver=users[person.username],
            by=admin,
            now=now,
        )


def _fill_register(departments: dict[str, Department], admin: User, now: datetime) -> None:
    for code, name, owner, profits, how_told in TACTICS:
        tactic = Tactic(code=code, name=name, department=departments[owner], how_told=how_told)
        ground_rules.put(row=tactic, many={"profits": [departments[one] for one in profits]}, by=admin, now=now)
    for name, department, purpose in TOOLS:
        ground_rules.put(row=Tool(name=name, department=departments[department], purpose=purpose), by=admin, now=now)


def _state_strategy(departments: dict[str, Department], admin: User, now: datetime) -> None:
    for code, name, department, note in GOALS:
        goal = DepartmentGoal(code=code, name=name, department=departments[department], note=note)
        ground_rules.put(row=goal, by=admin, now=now)
    for one in BRAND_RULES:
        rules = BrandRules(
            department=departments[one.department],
            deepest_discount=one.deepest,
            protected_brands="\n".join(one.protected),
            never_words="\n".join(one.never),
        )
        ground_rules.put(row=rules, by=admin, now=now)


def _share(campaign: Campaign, departments: dict[str, Department], users: dict[str, User], now: datetime) -> None:
    lead = campaign.accountable
    assert lead is not None, "the department's lead came with the import"
    roles = {
        (kind, departments[code].pk): letter
        for kind, letters in RACI[campaign.code].items()
        for code, letter in letters.items()
    }
    raci.set_matrix(campaign=campaign, by=lead, now=now, roles=roles)
    if campaign.code == WITH_WINDOW:
        window, trade = WINDOW[0], departments["TRADE"].pk
        cells = {(window, trade): "R", (window, campaign.department_id): "I"}
        nuria = {("messages", users["nuria"].pk, trade): "C"}
        raci.set_matrix(campaign=campaign, by=lead, now=now, added=[window], roles=cells, people=nuria)
        raci_templates.keep(campaign=campaign, name=TEMPLATE, by=lead, now=now)


def _discuss(users: dict[str, User], now: datetime) -> None:
    campaign = Campaign.objects.get(code=WITH_WINDOW)
    for username, text in TALK:
        discussion.write(campaign=campaign, text=text, by=users[username], now=now)


def _give_up(users: dict[str, User], now: datetime) -> None:
    case = Case.objects.filter(campaign_a__code=ESCALATED[0], campaign_b__code=ESCALATED[1]).first()
    if case is not None:
        cases.escalate(case=case, by=users["james"], now=now, key="demo", reason=WHY_ESCALATED)
