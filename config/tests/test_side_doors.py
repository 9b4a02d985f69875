"""Every address of the house, asked by everybody: no page, list, filter or select shows what the reader may not read.

The tables below name every route of the resolver. A new route without an entry fails: say who may open it, and with
which addresses it is tried.
"""

import logging
import re
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from approvals.models import Case, Comment, EscalationPolicy, Mail, Proposal, Terms
from campaigns.actions import access, raci
from campaigns.models import Collision, Department, Offer
from config.tests.world import DAY, NOW, World, word
from customers.models import Channel, Customer, HistoryEntry, Segment
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

ANYBODY, STAFF = frozenset({"anonymous"}), frozenset()
PLANNERS = frozenset({"third_lead", "member", "lead", "mediator", "stand_in", "administrator"})
WORKERS = PLANNERS | {"analyst"}
PARTIES = frozenset({"member", "lead", "mediator", "administrator"})
OWN = PLANNERS - {"stand_in"}
LEAD = frozenset({"lead"})
LEADS = frozenset({"lead", "third_lead"})
WRITERS = LEADS | {"member"}
DATA = frozenset({"analyst", "administrator"})
ADMINISTRATOR = frozenset({"administrator"})
NOBODY: frozenset[str] = frozenset()

LIST = ["?q=CANARY&o=-2.3&all=", "?_popup=1&_to_field=id"]
PLAN_LOOKUPS = [
    "?_to_field=name",
    "?name__startswith=CANARY",
    "?status=draft",
    "?mine=a",
    "?department={department}",
    "?department=²",
]
PAIR_LOOKUPS = ["?state=all", "?state=open", "?campaign={campaign}", "?offer={offer}", "?offer_b__name__contains=C"]
CASE_LOOKUPS = ["?turn=all", "?turn=closed", "?department={department}", "?department=²", "?campaign_a__budget__gt=1"]
AUTOCOMPLETE = [
    f"?app_label={app}&model_name={model}&field_name={name}&term="
    for app, model, name in (
        ("campaigns", "offer", "campaign"),
        ("campaigns", "offer", "department"),
        ("campaigns", "offer", "gift_product"),
        ("campaigns", "offeraudience", "segment"),
        ("campaigns", "offeraudience", "offer"),
        ("campaigns", "collision", "offer_a"),
        ("campaigns", "campaign", "joint_group"),
        ("campaigns", "substitution", "product"),
        ("campaigns", "protectedscope", "category"),
        ("campaigns", "protectedscope", "department"),
        ("campaigns", "announcedprice", "department"),
        ("campaigns", "accessreason", "campaign"),
        ("campaigns", "accessreason", "user"),
        ("campaigns", "activity", "campaign"),
        ("approvals", "case", "campaign_a"),
        ("approvals", "case", "mediator"),
        ("approvals", "ruling", "case"),
        ("approvals", "mail", "case"),
        ("approvals", "casecollision", "collision"),
    )
]


@dataclass(frozen=True)
class Door:
    """`opens`: who gets a page (200) from at least one of the addresses; nobody else may. `tries`: queries added."""

    opens: frozenset[str]
    tries: list[str] = field(default_factory=list)


# folder -> (who finds rows to open, who reads the list, who may open the form of a new row, queries on the list)
MODELS: dict[str, tuple[frozenset[str], frozenset[str], frozenset[str], list[str]]] = {
    "approvals/case": (PARTIES, WORKERS, NOBODY, CASE_LOOKUPS),
    "approvals/approvalrule": (WORKERS, WORKERS, ADMINISTRATOR, []),
    "approvals/customerrequest": (
        WRITERS - {"third_lead"} | ADMINISTRATOR,
        WORKERS,
        WRITERS,
        ["?turn=all", "?turn=overdue", "?channel__exact=phone", "?customer__email__contains=C"],
    ),
    "approvals/escalationpolicy": (WORKERS, NOBODY, NOBODY, []),
    "approvals/review": (NOBODY, PLANNERS, NOBODY, ["?waits=me", "?campaign__budget__gt=1"]),
    "approvals/reviewpolicy": (WORKERS, NOBODY, NOBODY, []),
    "approvals/specialday": (WORKERS, WORKERS, ADMINISTRATOR, ["?name__contains=H", "?year=CANARY"]),
    "approvals/workinghours": (WORKERS, NOBODY, NOBODY, []),
    "approvals/mail": (frozenset({"mediator", "administrator"}), WORKERS, NOBODY, ["?text__contains=C"]),
    "approvals/mediator": (WORKERS, WORKERS, ADMINISTRATOR, []),
    "approvals/standingrule": (PARTIES, WORKERS, NOBODY, ["?state__exact=approved", "?reason__contains=C"]),
    "auth/user": (ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, ["?password__startswith=p"]),
    "campaigns/addedactivity": (WORKERS, WORKERS, ADMINISTRATOR, ["?is_retired__exact=1"]),
    "campaigns/announcedprice": (WORKERS, WORKERS, DATA, ["?department={department}", "?price__gt=1"]),
    "campaigns/brandrules": (
        WORKERS,
        WORKERS,
        LEADS | ADMINISTRATOR,
        ["?never_words__contains=C", "?department={department}"],
    ),
    "campaigns/calendarfeed": (LEAD | ADMINISTRATOR, PLANNERS, PLANNERS, ["?digest__startswith=a"]),
    "campaigns/campaign": (OWN, PLANNERS, LEADS, PLAN_LOOKUPS),
    "campaigns/category": (WORKERS, WORKERS, NOBODY, []),
    "campaigns/collision": (PARTIES, PLANNERS, NOBODY, PAIR_LOOKUPS),
    "campaigns/combinationclass": (WORKERS, WORKERS, ADMINISTRATOR, []),
    "campaigns/combinationpolicy": (WORKERS, WORKERS, ADMINISTRATOR, ["?decision__exact=allow"]),
    "campaigns/department": (ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, []),
    "campaigns/departmentgoal": (WORKERS, WORKERS, LEADS | ADMINISTRATOR, ["?campaign__name__startswith=C"]),
    "campaigns/detectionrun": (NOBODY, LEADS | DATA, NOBODY, []),
    "campaigns/fund": (WORKERS, WORKERS, ADMINISTRATOR, []),
    "campaigns/importrun": (DATA, DATA, NOBODY, ["?problems__contains=C"]),
    "campaigns/jointgroup": (WORKERS, WORKERS, ADMINISTRATOR, ["?campaign__name__startswith=C"]),
    "campaigns/offer": (OWN, PLANNERS, NOBODY, ["?state=held", "?campaign={campaign}", "?margin_floor_pct__gt=1"]),
    "campaigns/placement": (WORKERS, WORKERS, ADMINISTRATOR, []),
    "campaigns/product": (WORKERS, WORKERS, NOBODY, ["?department__campaigns__name__startswith=C"]),
    "campaigns/protectedscope": (WORKERS, WORKERS, ADMINISTRATOR, ["?kind__exact=legal", "?department={department}"]),
    "campaigns/racitemplate": (WORKERS, WORKERS, NOBODY, ["?roles__department__name=C"]),
    "campaigns/rulesetting": (WORKERS, WORKERS, NOBODY, []),
    "campaigns/substitution": (WORKERS, WORKERS, DATA, []),
    "campaigns/tactic": (WORKERS, WORKERS, LEADS | ADMINISTRATOR, ["?profits__name=C"]),
    "campaigns/tool": (WORKERS, WORKERS, LEADS | ADMINISTRATOR, ["?purpose__exact=mail", "?department={department}"]),
    "campaigns/wordtoavoid": (WORKERS, WORKERS, ADMINISTRATOR, ["?language__exact=es", "?kind__exact=jargon"]),
    "customers/apitoken": (LEAD | ADMINISTRATOR, WORKERS, WORKERS, ["?digest__startswith=a"]),
    "customers/channel": (WORKERS, WORKERS, ADMINISTRATOR, []),
    "customers/customer": (DATA, DATA, NOBODY, []),
    "customers/event": (NOBODY, ADMINISTRATOR, NOBODY, ["?payload__contains=C"]),
    "customers/historyentry": (NOBODY, ADMINISTRATOR, NOBODY, ["?reason__contains=C"]),
    "customers/segment": (WORKERS, WORKERS, NOBODY, ["?kind=combined", "?expression__contains=1"]),
}
DELETABLE = {
    "approvals/approvalrule": ADMINISTRATOR,
    "approvals/mediator": ADMINISTRATOR,
    "approvals/specialday": ADMINISTRATOR,
    "campaigns/addedactivity": ADMINISTRATOR,
    "campaigns/announcedprice": DATA,
    "campaigns/brandrules": LEAD | ADMINISTRATOR,
    "campaigns/combinationclass": ADMINISTRATOR,
    "campaigns/combinationpolicy": ADMINISTRATOR,
    "campaigns/departmentgoal": LEAD | ADMINISTRATOR,
    "campaigns/fund": ADMINISTRATOR,
    "campaigns/jointgroup": ADMINISTRATOR,
    "campaigns/placement": ADMINISTRATOR,
    "campaigns/protectedscope": ADMINISTRATOR,
    "campaigns/racitemplate": ADMINISTRATOR,
    "campaigns/substitution": DATA,
    "campaigns/tactic": LEAD | ADMINISTRATOR,
    "campaigns/tool": LEAD | ADMINISTRATOR,
    "campaigns/wordtoavoid": ADMINISTRATOR,
}

# Every other route of the admin, below "admin/".
PAGES = {
    "": Door(WORKERS),
    "language/": Door(NOBODY),
    "search/": Door(NOBODY, ["?s=CANARY", "?s=C&extended=1"]),
    "login/": Door(ANYBODY, ["?next=//evil.example/"]),
    "password_change/": Door(WORKERS),
    "password_change/done/": Door(WORKERS),
    "autocomplete/": Door(WORKERS, AUTOCOMPLETE),
    "jsi18n/": Door(WORKERS),
    "r/<path:content_type_id>/<path:object_id>/": Door(NOBODY),
    "approvals/case/<int:pk>/products/": Door(PARTIES, ["?collision={collision}", "?collision=0"]),
    "approvals/case/<int:pk>/customers/": Door(PARTIES, ["?collision={collision}"]),
    "approvals/case/<int:pk>/days/": Door(PARTIES, ["?collision={collision}"]),
    # In mediation there is nothing to escalate: everybody who sees the case is led back to it.
    "approvals/case/<int:pk>/escalate/": Door(NOBODY),
    "approvals/case/<int:pk>/challenge/": Door(LEAD),
    # Nor is anything to open, or decided: they are led back as well.
    "approvals/case/<int:pk>/open/": Door(NOBODY),
    "approvals/case/<int:pk>/appeal/": Door(NOBODY),
    "approvals/case/<int:pk>/step_aside/": Door(NOBODY),
    "approvals/case/<int:pk>/review/": Door(NOBODY),
    "approvals/case/<int:pk>/decide/": Door(NOBODY),
    "approvals/case/<int:pk>/remedies/": Door(PARTIES, ["?collision={collision}", "?collision=²"]),
    "approvals/case/<int:pk>/propose/": Door(NOBODY),
    "approvals/case/<int:pk>/answer/": Door(NOBODY),
    "approvals/case/<int:pk>/conversation/": Door(PARTIES, ["?statement=1", "?statement=²", "?page=CANARY"]),
    "approvals/case/<int:pk>/meeting/": Door(PARTIES - ADMINISTRATOR),
    "approvals/case/<int:pk>/meeting.ics": Door(PARTIES),
    "approvals/case/<int:pk>/files/<int:file_pk>/": Door(PARTIES),
    # It leads whoever may see the case to its conversation.
    "approvals/case/<int:pk>/say/": Door(NOBODY),
    "approvals/case/<int:pk>/retract/": Door(NOBODY),
    "approvals/case/<int:pk>/cancel_meeting/": Door(NOBODY),
    "approvals/case/<int:pk>/terms/": Door(NOBODY),
    "approvals/case/<int:pk>/propose_terms/": Door(NOBODY),
    "approvals/case/<int:pk>/answer_terms/": Door(NOBODY),
    "approvals/case/<int:pk>/more_time/": Door(NOBODY),
    "approvals/case/<int:pk>/object/": Door(NOBODY),
    "approvals/standingrule/<int:pk>/take/": Door(NOBODY),
    "approvals/comment/of/<int:campaign_pk>/": Door(OWN, ["?comment=1", "?comment=²", "?page=CANARY"]),
    "approvals/comment/of/<int:campaign_pk>/write/": Door(NOBODY),
    "approvals/comment/of/<int:campaign_pk>/watch/": Door(NOBODY),
    "approvals/comment/<int:pk>/retract/": Door(NOBODY),
    "approvals/absence/": Door(WORKERS),
    "approvals/customerrequest/<int:pk>/take/": Door(NOBODY),
    "approvals/customerrequest/<int:pk>/hand-over/": Door(NOBODY),
    "approvals/customerrequest/<int:pk>/answer/": Door(NOBODY),
    "approvals/customerrequest/<int:pk>/settle/": Door(NOBODY),
    "approvals/customerrequest/<int:pk>/close/": Door(NOBODY),
    "approvals/customerrequest/<int:pk>/withdraw/": Door(NOBODY),
    "approvals/briefing/": Door(WORKERS, ["?page=CANARY"]),
    "approvals/briefing/read/": Door(NOBODY),
    # Approved terms are everybody's; before, who reads the plan sees a preview.
    "approvals/briefing/of/<int:campaign_pk>/": Door(WORKERS),
    "approvals/briefing/of/<int:campaign_pk>/version/<int:number>/": Door(WORKERS),
    "approvals/briefing/of/<int:campaign_pk>/read/": Door(NOBODY),
    "approvals/absence/<int:pk>/end/": Door(NOBODY),
    "approvals/review/campaign/<int:campaign_pk>/": Door(OWN),
    "approvals/review/campaign/<int:campaign_pk>/submit/": Door(LEADS),
    "approvals/review/campaign/<int:campaign_pk>/revoke/": Door(OWN),
    "approvals/review/campaign/<int:campaign_pk>/versions/": Door(OWN, ["?from=1&to=2", "?from=²"]),
    "approvals/mail/<int:pk>/retry/": Door(NOBODY),
    "approvals/mail/<int:pk>/letter/": Door(frozenset({"mediator", "administrator"})),
    "approvals/mail/inbox/": Door(WORKERS, ["?unread=1", "?page=CANARY"]),
    "approvals/mail/inbox/read/": Door(NOBODY),
    "approvals/staffprofile/": Door(WORKERS),
    "approvals/staffprofile/news/": Door(WORKERS),
    "approvals/staffprofile/two-factor/": Door(WORKERS, ["?next=//evil.example/"]),
    # Nobody here has a second factor to show: they are led on, and never out of the house.
    "approvals/staffprofile/code/": Door(NOBODY, ["?next=//evil.example/"]),
    "auth/user/<id>/password/": Door(ADMINISTRATOR),
    "auth/user/<int:pk>/device/": Door(NOBODY),
    "auth/user/<int:pk>/unlock/": Door(NOBODY),
    "campaigns/calendarfeed/<int:pk>/revoke/": Door(NOBODY),
    "campaigns/campaign/plan/": Door(
        PLANNERS,
        [
            "?department=Beta&department=Gamma&status=draft",
            "?from=9999-12-31&zoom=month&channel=²&page=²&selected=²&mine=2",
            "?view=table&zoom=year&page=99",
            "?collisions=1&zoom=week",
            "?mine=1&channel=radio",
            *(f"?selected={{{name}}}" for name in ("campaign", "draft")),
        ],
    ),
    "campaigns/campaign/<int:pk>/brief/": Door(WRITERS),
    "campaigns/campaign/<int:pk>/joint-group/": Door(ADMINISTRATOR),
    "campaigns/campaign/<int:pk>/raci/": Door(LEADS, ["?template=1", "?copy=Beta-Plan", "?copy=Beta-Draft"]),
    "campaigns/campaign/<int:pk>/raci.csv": Door(OWN),
    "campaigns/campaign/workload/": Door(PLANNERS, ["?department={department}", "?person=1", "?within=30"]),
    "campaigns/campaign/<int:pk>/step/<slug:step>/": Door(WRITERS),
    "campaigns/collision/<int:pk>/products/": Door(PARTIES),
    "campaigns/collision/<int:pk>/customers/": Door(PARTIES),
    "campaigns/collision/<int:pk>/remedy/": Door(NOBODY),
    "campaigns/department/<int:pk>/join/": Door(NOBODY),
    "campaigns/department/<int:pk>/leave/<int:user_pk>/": Door(NOBODY),
    "campaigns/detectionrun/detect/": Door(NOBODY),
    "campaigns/importrun/upload/": Door(DATA),
    "campaigns/importrun/<int:pk>/problems.csv": Door(DATA),
    "campaigns/offer/to/<int:campaign_pk>/": Door(WRITERS),
    "campaigns/offer/<int:pk>/edit/": Door(WRITERS),
    "campaigns/offer/<int:pk>/products/": Door(OWN),
    "campaigns/offer/<int:pk>/withdraw/": Door(WRITERS),
    "customers/apitoken/<int:pk>/revoke/": Door(NOBODY),
    "customers/event/<int:pk>/retry/": Door(NOBODY),
    "customers/segment/<int:pk>/members/": Door(DATA),
    "(?P<app_label>auth|customers|approvals|campaigns)/": Door(NOBODY),
    "(?P<url>.*)": Door(NOBODY),
}
# Signs out whoever asks, by POST alone: asked once, at the end.
LEFT_OUT = {"logout/"}


def doors():
    """Route below "admin/" -> its door; those that Django makes for every model, and our own."""
    table = dict(PAGES)
    for folder, (rows, listed, added, queries) in MODELS.items():
        table[f"{folder}/"] = Door(listed, LIST + queries)
        table[f"{folder}/add/"] = Door(added, ["?_popup=1&_changelist_filters=q%3DC"])
        table[f"{folder}/<path:object_id>/change/"] = Door(rows, ["?_popup=1&_changelist_filters=q%3DC"])
        table[f"{folder}/<path:object_id>/delete/"] = Door(DELETABLE.get(folder, NOBODY))
        table[f"{folder}/<path:object_id>/history/"] = Door(NOBODY)
        table[f"{folder}/<path:object_id>/"] = Door(NOBODY)
    return table


def routes(resolver=None, before=""):
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        else:
            yield route


def test_every_route_has_an_entry():
    below = {route.removeprefix("admin/") for route in routes() if route.startswith("admin/")}
    assert below == doors().keys() | LEFT_OUT
    assert {route for route in routes() if not route.startswith(("admin/", "api/"))} == {
        "",
        # Whoever has the address; approvals/tests/test_calendar_feed.py tries it.
        "calendar/<str:secret>.ics",
        "healthz",
        "metrics",
        "readyz",
        # Whoever has the address; approvals/tests/test_one_click.py tries it.
        "unsubscribe/<str:token>/",
    }


def addresses(world: World, route: str, door: Door) -> list[str]:
    folder = "/".join(route.split("/")[:2])
    model = "campaigns/campaign" if "campaign_pk" in route else folder
    found = []
    if route.startswith("r/"):
        kinds = [ContentType.objects.get_for_model(model).pk for model in (Offer, Case, Mail)]
        found = [f"/admin/r/{kind}/{pk}/" for kind in kinds for pk in (*world.ids["campaigns/offer"], "²")]
    elif route.startswith("(?P"):
        found = ["/admin/campaigns/", "/admin/auth/", "/admin/nothing/", "/admin/campaigns/offer/1/CANARY/"]
    elif "<" not in route:
        found = [f"/admin/{route}"]
    else:
        # What a foreign plan is called is tried at every page; pages that never open need one key.
        hardly = route.endswith(("/history/", "/delete/", "<path:object_id>/"))
        keys = world.ids[model][-2:] if hardly else world.ids[model]
        keys = [*keys, *(["²", "x", "9" * 30] if route.endswith("/change/") else [])]
        for pk in keys:
            place = re.sub(r"<(int:pk|int:campaign_pk|path:object_id|id)>", str(pk), route)
            place = place.replace("<int:file_pk>", str(world.ids["approvals/attachment"][0]))
            place = place.replace("<int:user_pk>", str(world.people["member"].pk)).replace("<int:number>", "1")
            steps = ["pause", "cancel"] if "<slug:step>" in place else [""]
            found += [f"/admin/{place.replace('<slug:step>', step)}" for step in steps]
    tries = [query.format(**world.query) for query in door.tries]
    return found + [found[min(1, len(found) - 1)] + query for query in tries]


def forbidden(part: str) -> list[str]:
    """Words that this reader must never meet, whatever they ask for."""
    every = ["PlanBrief", "DraftBrief", "DraftName", "PlanShown", "PlanApart", "DraftShown", "DraftApart", "Value"]
    every += ["CaseReason", "RuleReason", "Token", "Comment", "Retracted", "Feed", "LiveBrief", "Request"]
    of = {code: {word(code, about) for about in every} for code in ("Alfa", "Beta", "Gamma")}
    # Budgets as pages write them, in either language.
    money = {"Alfa": "712", "Beta": "834", "Gamma": "956"}
    for code, thousands in money.items():
        of[code] |= {f"{thousands},3", f"{thousands}.3", f"{thousands},1", f"{thousands}.1", f"{thousands},0"}
        of[code] |= {f"{thousands}.0"}
    if part == "administrator":
        return [word("Alfa", "Retracted")]
    # What a party may know of the other's plan: the terms of what collides.
    of_the_case = {word("Beta", "PlanShown")}
    match part:
        case "third_lead":
            found = of["Alfa"] | of["Beta"]
        case "lead" | "member":
            found = of["Gamma"] | (of["Beta"] - of_the_case)
            found |= {word("Alfa", "Token"), word("Alfa", "Feed")} if part == "member" else set()
            found.add(word("Alfa", "Retracted"))
        case "mediator":
            drafts = {
                one for code in of for one in of[code] if re.search("Draft|Value|Token|Retracted|Feed|Request", one)
            }
            found = of["Gamma"] | drafts
        case "stand_in":
            # A designated mediator knows the standing rules.
            found = (of["Alfa"] | of["Beta"] | of["Gamma"]) - {word("Alfa", "RuleReason")}
        case _:
            found = of["Alfa"] | of["Beta"] | of["Gamma"]
    return sorted(found)


class Writes:
    """Statements that changed a row; the session is the reader's own."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        is_write = re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE)", sql, re.IGNORECASE)
        if is_write and "django_session" not in sql and context["cursor"].rowcount != 0:
            self.seen.append(sql)
        return result


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Thousands of refusals, each with its traceback, take longer to write than to give."""
    caplog.set_level(logging.CRITICAL, logger="django.request")
    caplog.set_level(logging.CRITICAL, logger="django.security")


def _client(world: World, part: str) -> Client:
    person = world.people[part]
    return signed_in(person) if person else Client()


@pytest.mark.parametrize(
    "part",
    ["anonymous", "third_lead", "member", "lead", "mediator", "analyst", "administrator"],
)
def test_nobody_reads_what_is_not_theirs_and_looking_changes_nothing(world, part):
    client, writes = _client(world, part), Writes()
    client.raise_request_exception = False
    canaries = re.compile("|".join(map(re.escape, forbidden(part))) or "(?!)")
    wrong, opened = [], set()
    with connection.execute_wrapper(writes):
        for route, door in doors().items():
            for address in addresses(world, route, door):
                answer = client.get(address)
                text = answer.content.decode() + answer.headers.get("Location", "")
                if found := canaries.search(text):
                    wrong.append(f"{address} shows {found[0]}")
                if writes.seen:
                    wrong.append(f"{address} writes {writes.seen.pop()[:80]}")
                    writes.seen.clear()
                if answer.status_code >= 500:
                    wrong.append(f"{address} breaks with {answer.status_code}")
                if answer.status_code == 200:
                    opened.add(route)
    expected = {route for route, door in doors().items() if part in door.opens}
    if part in ("outsider", "anonymous"):
        expected = {"login/"}
    else:
        opened.discard("login/")
    assert "\n".join(map(str, wrong)) == ""
    assert {"opened": sorted(opened - expected), "shut": sorted(expected - opened)} == {"opened": [], "shut": []}


@pytest.mark.parametrize("part", ["anonymous", "third_lead", "analyst"])
def test_whoever_has_no_part_in_a_plan_changes_none_of_it(world, part):
    """Every address that takes a POST, with what its forms are called."""
    client, writes = _client(world, part), Writes()
    client.raise_request_exception = False
    own = {f"Gamma-{kind}" for kind in ("Plan", "Draft", "Live")} if part == "third_lead" else set()
    mine = {pk for pk in world.ids["campaigns/campaign"] if _code(pk) in own}
    said = set(Comment.objects.filter(campaign__in=mine).values_list("pk", flat=True))
    kept = set(Offer.objects.filter(campaign__in=mine).values_list("pk", flat=True))
    data = {
        "reason": "A reason that is long enough", "posted_hash": "0" * 64, "facts": "", "key": Proposal.objects.get().key, "allow_both": "on",
        "what_0": "keep", "what_1": "keep", "person": world.people["outsider"].pk, "is_lead": "on", "is_superuser": "on",
        "is_administrator": "on", "is_staff": "on", "username": "evil", "post": "yes", "name": "evil", "status": "live",
        "accountable": world.people["third_lead"].pk, "user": world.people["third_lead"].pk, "hours_to_agree": "1",
        "opens_at_level": "low", "hours_before_start": "0", "day": DAY.isoformat(), "opens_at": "08:00", "closes_at": "09:00", "password1": "Kx93-wq!", "password2": "Kx93-wq!",
        "text": "evil", "do": "watch", "collision": Collision.objects.get().pk, "proposal": Proposal.objects.get().pk, "step": "accept",
        "terms": Terms.objects.get().pk, "terms_hash": Terms.objects.get().terms_hash, "hours": "1", "hours_to_extend": "1",
        "code": "evil", "starts_on": DAY.isoformat(), "last_day": DAY.isoformat(), "department": world.query["department"],
    }  # fmt: skip
    own_things = {
        "language/",
        "password_change/",
        "approvals/briefing/read/",
        "approvals/briefing/of/<int:campaign_pk>/read/",
        "approvals/mail/inbox/read/",
        "approvals/staffprofile/",
        "approvals/staffprofile/news/",
        "login/",
        "campaigns/detectionrun/detect/",
    }
    wrong = []
    with connection.execute_wrapper(writes):
        for route, door in doors().items():
            # What is measured is the analyst's own work.
            is_measured = route.startswith(("campaigns/announcedprice/", "campaigns/substitution/"))
            if route in own_things or (part == "analyst" and is_measured):
                continue
            ids = mine if "campaigns/campaign" in route or "campaign_pk" in route else kept
            if route.startswith("approvals/comment/<"):
                ids = said
            for address in addresses(world, route, Door(door.opens)):
                is_of_plan = "campaigns/" in route or route.startswith("approvals/comment/")
                if ids and any(f"/{pk}/" in address for pk in ids) and is_of_plan:
                    continue
                answer = client.post(address, data)
                if writes.seen or answer.status_code >= 500:
                    wrong.append((address, answer.status_code, [sql[:80] for sql in writes.seen]))
                    writes.seen.clear()
    assert "\n".join(map(str, wrong)) == ""


def _code(pk: int) -> str:
    return apps.get_model("campaigns", "Campaign").objects.filter(pk=pk).values_list("code", flat=True).first() or ""


@pytest.mark.parametrize("part", ["third_lead", "member", "stand_in"])
def test_what_is_hidden_looks_like_what_does_not_exist(world, part):
    client = _client(world, part)
    folders = {"campaigns/campaign", "campaigns/offer", "campaigns/collision", "approvals/case", "approvals/mail"}
    folders |= {"approvals/comment", "approvals/customerrequest", "customers/apitoken", "campaigns/calendarfeed"}
    for route in doors():
        folder = "/".join(route.split("/")[:2])
        if "<" not in route or folder not in folders or "<slug" in route:
            continue
        model = (
            apps.get_model("campaigns", "Campaign") if "campaign_pk" in route else apps.get_model(*folder.split("/"))
        )
        hidden = model.objects.exclude(pk__in=model.objects.visible(world.people[part])).first()
        if hidden is None:
            continue
        asked = [re.sub(r"<[^>]+>", str(pk), f"/admin/{route}") for pk in (hidden.pk, 987654)]
        for method in (client.get, client.post):
            foreign, missing = (method(address) for address in asked)
            assert foreign.status_code == missing.status_code, route
            if foreign.status_code != 302:
                assert foreign.content == missing.content, route
            else:
                assert foreign["Location"].replace(str(hidden.pk), "987654") == missing["Location"], route


@pytest.mark.parametrize(
    "address",
    [
        "campaigns/collision/?offer_b__margin_floor_pct__gt=1",
        "campaigns/collision/?offer_b__campaign__budget__gt=1",
        "campaigns/collision/?offer_b__campaign__what__contains=C",
        "approvals/case/?campaign_b__budget__gt=1",
        "approvals/case/?campaign_b__what__startswith=C",
        "approvals/case/?collision_rows__collision__offer_b__margin_floor_pct__gt=1",
        "approvals/mail/?recipient__password__startswith=p",
        "approvals/customerrequest/?customer__email__startswith=p",
        "campaigns/product/?department__campaigns__name__startswith=C",
        "campaigns/product/?department__value_proposition__startswith=C",
        "customers/channel/?offer__name__startswith=C",
    ],
)
def test_a_list_cannot_be_asked_about_what_its_rows_do_not_show(world, address):
    """Otherwise the number of rows would spell out a secret, letter by letter."""
    client = _client(world, "lead")
    client.raise_request_exception = False
    answer = client.get(f"/admin/{address}")
    assert answer.status_code == 400 or (answer.status_code == 302 and answer["Location"].endswith("?e=1"))


def test_the_case_shows_each_party_the_terms_and_no_more(world):
    """The words are really there: a crawl that finds nothing because nothing is shown would prove nothing."""
    page = f"/admin/approvals/case/{Case.objects.get().pk}/change/"
    assert word("Beta", "PlanShown") in _client(world, "lead").get(page).content.decode()
    assert word("Alfa", "CaseReason") in _client(world, "mediator").get(page).content.decode()
    own = f"/admin/campaigns/campaign/{world.query['campaign']}/change/"
    text = _client(world, "mediator").get(own).content.decode()
    assert word("Beta", "PlanBrief") in text
    assert "834" in text
    assert Client().get(own).status_code == 302


def test_who_is_told_of_a_campaign_does_not_read_what_its_case_says(world):
    """Gamma gets the I on Alfa's campaign: the plan is theirs to read, the dispute about it is not."""
    campaign = Case.objects.get().campaign_a
    activity = campaign.activities.first()
    gamma = Department.objects.get(code="Gamma")
    raci.set_matrix(campaign=campaign, by=world.people["lead"], now=NOW, roles={(activity.code, gamma.pk): "I"})
    client = _client(world, "third_lead")
    text = client.get(f"/admin/campaigns/campaign/{campaign.pk}/change/").content.decode()
    assert word("Alfa", "PlanBrief") in text
    assert word("Alfa", "CaseReason") not in text
    offer = campaign.offers.first().pk
    for page in (
        f"campaign/{campaign.pk}/brief",
        f"campaign/{campaign.pk}/raci",
        f"campaign/{campaign.pk}/step/cancel",
        f"offer/to/{campaign.pk}",
        f"offer/{offer}/edit",
        f"offer/{offer}/withdraw",
    ):
        for ask in (client.get, client.post):
            assert ask(f"/admin/campaigns/{page}/").status_code == 403, page


def test_a_mandate_ends_with_the_department_and_the_account(world):
    """Rights follow at once, in sessions that are open."""
    member, lead = world.people["member"], world.people["lead"]
    client, other = signed_in(member), signed_in(lead)
    own = f"/admin/campaigns/campaign/{Case.objects.get().campaign_a_id}/change/"
    assert (client.get(own).status_code, other.get(own).status_code) == (200, 200)
    access.leave(department=Department.objects.get(code="Alfa"), user=member, by=None, now=NOW)
    User.objects.filter(pk=lead.pk).update(is_active=False)
    assert client.get(own).status_code == 404
    assert other.get(own).status_code == 302
    User.objects.filter(pk=lead.pk).update(is_active=True, is_staff=False)
    assert other.get(own).status_code == 302


def test_the_world_has_something_to_find(world):
    """Each kind of row exists, so that no door was tried on an empty table."""
    assert all(len(keys) > 1 for keys in world.ids.values()), world.ids
    for model in (Mail, HistoryEntry, Segment, Channel, Customer, EscalationPolicy):
        assert model.objects.exists()
