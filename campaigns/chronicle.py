"""History entries in words: what was done, and which fields changed from what to what."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.choices import ActivityKind, Level
from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    BrandRules,
    Campaign,
    CombinationPolicy,
    Department,
    DepartmentGoal,
    Fund,
    Offer,
    Placement,
    ProtectedScope,
    RuleSetting,
    Substitution,
    Tactic,
    Tool,
    WordToAvoid,
)
from campaigns.queries.promises import PARTS
from campaigns.queries.rule_settings import rule_called
from campaigns.rules.sections import BRIEF, department_of
from customers.models import ApiToken, Channel, HistoryEntry

VERBS = {
    "add": gettext_lazy("added"),
    "plan": gettext_lazy("planned"),
    "change": gettext_lazy("changed"),
    "remove": gettext_lazy("removed"),
    "raci": gettext_lazy("RACI matrix changed"),
    "submit": gettext_lazy("submitted"),
    "approve": gettext_lazy("approved"),
    "vote": gettext_lazy("voted"),
    "revoke_vote": gettext_lazy("votes taken back"),
    "put_approval_rule": gettext_lazy("approval rule changed"),
    "remove_approval_rule": gettext_lazy("approval rule removed"),
    "change_review_policy": gettext_lazy("review policy changed"),
    "change_working_hours": gettext_lazy("working hours changed"),
    "put_special_day": gettext_lazy("business calendar changed"),
    "remove_special_day": gettext_lazy("day removed from the business calendar"),
    "import_days_off": gettext_lazy("days off imported"),
    "recount": gettext_lazy("counted anew: the business calendar changed"),
    "hurry": gettext_lazy("no working time left to agree"),
    "announce_absence": gettext_lazy("absence announced"),
    "end_absence": gettext_lazy("absence ended"),
    "void": gettext_lazy("approval void: the content changed"),
    "go_live": gettext_lazy("went live"),
    "pause": gettext_lazy("paused"),
    "resume": gettext_lazy("resumed"),
    "end": gettext_lazy("ended"),
    "cancel": gettext_lazy("cancelled"),
    "comment": gettext_lazy("commented"),
    "retract_comment": gettext_lazy("comment retracted"),
    "watch": gettext_lazy("watches a campaign"),
    "unwatch": gettext_lazy("no longer watches a campaign"),
    "hold": gettext_lazy("held by a case"),
    "release": gettext_lazy("no longer held"),
    "withdraw": gettext_lazy("withdrawn"),
    "settle": gettext_lazy("collision allowed by decision"),
    "combine": gettext_lazy("decided whether it combines with another offer"),
    "import": gettext_lazy("imported"),
    "upload": gettext_lazy("uploaded"),
    "open": gettext_lazy("opened"),
    "level": gettext_lazy("severity changed"),
    "deadline": gettext_lazy("deadline moved"),
    "propose": gettext_lazy("change proposed"),
    "accept_proposal": gettext_lazy("proposal accepted"),
    "decline_proposal": gettext_lazy("proposal declined"),
    "take_proposal_back": gettext_lazy("proposal taken back"),
    "lapse_proposal": gettext_lazy("proposal lapsed"),
    "propose_terms": gettext_lazy("terms for a whole case proposed"),
    "sign_terms": gettext_lazy("terms accepted by one side"),
    "accept_terms": gettext_lazy("terms accepted by both sides"),
    "decline_terms": gettext_lazy("terms declined"),
    "take_terms_back": gettext_lazy("terms taken back"),
    "supersede_terms": gettext_lazy("terms superseded"),
    "lapse_terms": gettext_lazy("terms lapsed"),
    "ask_for_time": gettext_lazy("more time asked for"),
    "grant_time": gettext_lazy("more time granted"),
    "decline_time": gettext_lazy("more time declined"),
    "lapse_time": gettext_lazy("request for more time lapsed"),
    "agree": gettext_lazy("agreed"),
    "waive": gettext_lazy("overlap allowed by both"),
    "escalate": gettext_lazy("went to mediation"),
    "assign": gettext_lazy("mediator designated"),
    "unassign": gettext_lazy("mediator can no longer decide"),
    "decide": gettext_lazy("decided"),
    "vanish": gettext_lazy("closed, nothing collides any more"),
    "join": gettext_lazy("member joined, or leads now"),
    "leave": gettext_lazy("member left"),
    "repair": gettext_lazy("rights put right"),
    "name_mediator": gettext_lazy("mediator named"),
    "change_mediator": gettext_lazy("mediator changed"),
    "dismiss_mediator": gettext_lazy("mediator dismissed"),
    "change_policy": gettext_lazy("escalation policy changed"),
    "choose_language": gettext_lazy("language chosen"),
    "subscribe_to_briefings": gettext_lazy("briefings by mail chosen"),
    "choose_news": gettext_lazy("news by mail chosen"),
    "read_briefing": gettext_lazy("briefing read"),
    "record_request": gettext_lazy("customer request recorded"),
    "take_request": gettext_lazy("customer request taken"),
    "hand_request_over": gettext_lazy("customer request handed over"),
    "answer_request": gettext_lazy("customer request answered"),
    "forestall_request": gettext_lazy("customer request answered by another department"),
    "contradict_request": gettext_lazy("answer to a customer contradicted"),
    "settle_request": gettext_lazy("settled which answer to a customer stands"),
    "close_request": gettext_lazy("customer request closed"),
    "withdraw_request": gettext_lazy("customer request needs no answer"),
    "escalate_request": gettext_lazy("customer request overdue"),
    "erase_request": gettext_lazy("customer request erased"),
    "retry_mail": gettext_lazy("mail put back to be sent"),
    "two_factor_on": gettext_lazy("two-factor sign-in turned on"),
    "two_factor_off": gettext_lazy("two-factor sign-in turned off"),
    "renew_recovery_codes": gettext_lazy("recovery codes renewed"),
    "use_recovery_code": gettext_lazy("recovery code used"),
    "take_two_factor_away": gettext_lazy("lost device taken away"),
    "lift_lock": gettext_lazy("sign-in lock lifted"),
    "set_password": gettext_lazy("password set"),
    "suggest": gettext_lazy("standing rule suggested"),
    "approve_rule": gettext_lazy("standing rule approved"),
    "reject_rule": gettext_lazy("standing rule rejected"),
    "suspend_rule": gettext_lazy("standing rule suspended"),
    "resume_rule": gettext_lazy("standing rule in force again"),
    "withdraw_rule": gettext_lazy("standing rule no longer in force"),
    "announce_rule": gettext_lazy("standing rule announced"),
    "object": gettext_lazy("objected to the standing rule"),
    "apply_rule": gettext_lazy("decided by a standing rule"),
    **dict.fromkeys(
        ("rule_unfit", "rule_impossible", "rule_disturbs", "rule_too_late", "rule_changed", "rule_suspended"),
        gettext_lazy("standing rule not applied"),
    ),
    "create_token": gettext_lazy("API token made"),
    "revoke_token": gettext_lazy("API token revoked"),
    "create_feed": gettext_lazy("calendar feed made"),
    "revoke_feed": gettext_lazy("calendar feed revoked"),
    "hold_mail": gettext_lazy("all mail held"),
    "release_mail": gettext_lazy("mail no longer held"),
    "retry_event": gettext_lazy("news put back to be handled"),
    "segment.replaced": gettext_lazy("members replaced"),
}
KINDS = {
    "campaign": gettext_lazy("campaign"),
    "offer": gettext_lazy("offer"),
    "case": gettext_lazy("case"),
    "department": gettext_lazy("department"),
    "channel": gettext_lazy("channel"),
    "collision": gettext_lazy("collision"),
    "segment": gettext_lazy("segment"),
    "dataset": gettext_lazy("dataset"),
    "import": gettext_lazy("import"),
    "mediator": gettext_lazy("mediator"),
    "approval_rule": gettext_lazy("approval rule"),
    "review_policy": gettext_lazy("review policy"),
    "standing_rule": gettext_lazy("standing rule"),
    "request": gettext_lazy("customer request"),
    "working_hours": gettext_lazy("working hours"),
    "business_calendar": gettext_lazy("business calendar"),
    "special_day": gettext_lazy("day of the business calendar"),
    "mail": gettext_lazy("mail"),
    "policy": gettext_lazy("escalation policy"),
    "person": gettext_lazy("person"),
    "user": gettext_lazy("person"),
    "token": gettext_lazy("API token"),
    "feed": gettext_lazy("calendar feed"),
    "combination_class": gettext_lazy("combination class"),
    "combination_policy": gettext_lazy("combination policy"),
    "joint_group": gettext_lazy("joint group"),
    "placement": gettext_lazy("placement"),
    "fund": gettext_lazy("fund"),
    "substitution": gettext_lazy("substitution"),
    "protected_scope": gettext_lazy("protected scope"),
    "announced_price": gettext_lazy("announced price"),
    "rule": gettext_lazy("collision rule"),
    "added_activity": gettext_lazy("added activity"),
    "raci_template": gettext_lazy("RACI template"),
    "tactic": gettext_lazy("tactic"),
    "tool": gettext_lazy("tool"),
    "goal": gettext_lazy("goal"),
    "brand_rules": gettext_lazy("brand rules"),
    "word_to_avoid": gettext_lazy("word to avoid"),
}
# Names of changes that are no column of a model.
FIELDS = {
    "audience include": gettext_lazy("segments"),
    "audience exclude": gettext_lazy("without segments"),
    BRIEF: gettext_lazy("brief"),
    "channel": gettext_lazy("channels"),
    "product target include": gettext_lazy("products"),
    "product target exclude": gettext_lazy("without products"),
    "product trigger include": gettext_lazy("trigger products"),
    "product recommended include": gettext_lazy("recommended products"),
    "category target include": gettext_lazy("whole categories"),
    "category target exclude": gettext_lazy("without categories"),
    "category trigger include": gettext_lazy("trigger categories"),
    "category recommended include": gettext_lazy("recommended categories"),
    "categories target include": gettext_lazy("whole categories"),
    "categories target exclude": gettext_lazy("without categories"),
    "offers added": gettext_lazy("offers added"),
    "products added": gettext_lazy("products added"),
    "products taken out": gettext_lazy("products taken out"),
    "triggers": gettext_lazy("trigger products"),
    "recommended": gettext_lazy("recommended products"),
    "channel_terms": gettext_lazy("terms on channels"),
    "claims": gettext_lazy("claims"),
    "bookings": gettext_lazy("bookings of placements"),
    "draws": gettext_lazy("draws on funds"),
    "comment": gettext_lazy("comment"),
    "owner": gettext_lazy("owner"),
    "answer": gettext_lazy("answer of"),
    "hours_to_answer": gettext_lazy("working hours to answer a customer"),
    "briefing": gettext_lazy("briefing"),
    "gets_briefings": gettext_lazy("every briefing by mail"),
    "news_case": gettext_lazy("news of cases"),
    "news_review": gettext_lazy("news of approvals"),
    "news_mention": gettext_lazy("comments that mention the person"),
    "news_comment": gettext_lazy("comments on watched campaigns"),
    "news_move": gettext_lazy("status of watched campaigns"),
    "news_briefing": gettext_lazy("briefings"),
    "news_digest": gettext_lazy("daily digest"),
    "member": gettext_lazy("member"),
    "template of": gettext_lazy("from the matrix of"),
    "grants": gettext_lazy("rights"),
    "leads": gettext_lazy("leads the department"),
    "administrator": gettext_lazy("administrator"),
    "analyst": gettext_lazy("analyst"),
    "active": gettext_lazy("may sign in"),
    "recovery codes": gettext_lazy("recovery codes left"),
    "sent": gettext_lazy("mails that waited and are sent"),
    "set aside": gettext_lazy("mails that waited and are set aside"),
    "language": gettext_lazy("language"),
    "size": gettext_lazy("customers"),
    "user": gettext_lazy("mediator"),
    "stand_in": gettext_lazy("stand-in"),
    "opens_at_level": gettext_lazy("a case opens from level"),
    "hours_to_agree": gettext_lazy("working hours to agree"),
    "hours_to_decide": gettext_lazy("working hours to decide"),
    "other_department": gettext_lazy("other department"),
    "from_level": gettext_lazy("from level"),
    "most_cases": gettext_lazy("cases at once, at most"),
    "hours_before_start": gettext_lazy("at least so many hours before it begins"),
    "minutes_before_opening": gettext_lazy("minutes before a case opens"),
    "hours_to_appeal": gettext_lazy("working hours to appeal a decision"),
    "hours_to_extend": gettext_lazy("more working hours, once"),
    # Of what was written before time was counted in working hours.
    "remind_hours_before": gettext_lazy("reminder, hours before the deadline"),
    "hours_to_review": gettext_lazy("working hours to review"),
    "opens_at": gettext_lazy("working day begins"),
    "closes_at": gettext_lazy("working day ends"),
    "day": gettext_lazy("day"),
    "is_worked": gettext_lazy("somebody works"),
    "agree_by": gettext_lazy("agree by"),
    "decide_by": gettext_lazy("decide by"),
    "answer_by": gettext_lazy("answer by"),
    "due_at": gettext_lazy("due"),
    "scope": gettext_lazy("may do"),
    "expires_at": gettext_lazy("ends"),
    "files": gettext_lazy("files"),
    "check only": gettext_lazy("check only"),
}
# Of longer lists in what is signed.
MOST_LISTED = 12
# Choices of what is no column of a model below: {name: {value: words}}.
VOTES = {
    "approve": gettext_lazy("approved"),
    "changes": gettext_lazy("changes asked for"),
    "comment": gettext_lazy("comment"),
}
CHOICES: dict[str, dict[str, Any]] = {
    BRIEF: VOTES,
    "section": VOTES,
    "language": dict(settings.LANGUAGES),
    "opens_at_level": dict(Level.choices),
    "scope": dict(ApiToken.Scope.choices),
}
NEWS = {
    "at_once": gettext_lazy("by mail, at once"),
    "digest": gettext_lazy("in the daily digest"),
    "none": gettext_lazy("only in the inbox"),
}
CHOICES |= {name: NEWS for name in FIELDS if name.startswith("news_")}
MODELS = (
    Campaign,
    Offer,
    Department,
    Channel,
    RuleSetting,
    Placement,
    Fund,
    CombinationPolicy,
    Substitution,
    AnnouncedPrice,
    ProtectedScope,
    AddedActivity,
    Tactic,
    Tool,
    DepartmentGoal,
    BrandRules,
    WordToAvoid,
)


def what(entry: HistoryEntry) -> str:
    return str(VERBS.get(entry.verb, entry.verb.replace("_", " ")))


def subject(entry: HistoryEntry) -> str:
    """`offer:CJ-1` as "offer CJ-1"."""
    kind, _colon, code = entry.subject.partition(":")
    return _("%(kind)s %(code)s") % {"kind": KINDS.get(kind, kind), "code": code}


def changes(entry: HistoryEntry) -> Iterator[dict[str, str]]:
    """Each changed field in words, as {"field", "before", "after"}; a case tells its own changes on its page."""
    if entry.subject.startswith("case:"):
        return
    for name, pair in entry.changes.items():
        before, after = map(_day_before, pair) if name == "ends_before" else pair
        yield {"field": label(name), "before": text(name, before), "after": text(name, after)}


def signed(name: str, value: Any) -> str:
    """A value of what is signed (campaigns.queries.content) in words; of long lists the first."""
    name = name.removesuffix("__code")
    if isinstance(value, list) and name not in PARTS and len(value) > MOST_LISTED:
        more = _("and %(n)s more") % {"n": number_format(len(value) - MOST_LISTED)}
        return f"{text(name, value[:MOST_LISTED])} {more}"
    return text(name, _day_before(value) if name == "ends_before" else value)


def label(name: str) -> str:
    """The name of a field as forms have it."""
    name = name.removesuffix("__code")
    if name in FIELDS:
        return str(FIELDS[name])
    if name == "ends_before":
        return _("last day")
    if department := department_of(name):
        return _("offers of %(department)s") % {"department": department}
    about, _colon, column = name.partition(": ")
    if column in wording.COUNTS and about in wording.TABLES:
        return f"{wording.TABLES[about]}, {wording.COUNTS[column]}"
    if column and about in ActivityKind.values:
        return f"{ActivityKind(about).label}, {column}"
    if column == "activity":
        return _("activity %(code)s") % {"code": about}
    if column and (rule := rule_called(about)):
        return next((str(option.label) for option in rule.OPTIONS if option.name == column), column)
    field = _field(name)
    return str(field.verbose_name) if field else _day(name) or name


def _field(name: str) -> Any:
    for model in MODELS:
        try:
            return model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
    return None


def text(name: str, value: Any) -> str:
    """A value of a field in words."""
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(_row(PARTS[name], one) for one in value) if name in PARTS else ", ".join(map(str, value))
    choices = CHOICES.get("section" if department_of(name) else name, {})
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    field = _field(name)
    if chosen := _chosen(field, value):
        return chosen
    if isinstance(value, int):
        return number_format(value)
    return _number(field, value) or _day(value) or str(value)


def _number(field: Any, value: Any) -> str:
    """A decimal, kept as text with a point, as the reader's language writes it; "" when the column holds none."""
    if not isinstance(field, models.DecimalField | models.FloatField):
        return ""
    try:
        return number_format(Decimal(str(value)))
    except InvalidOperation:
        return ""


def _chosen(field: Any, value: Any) -> str:
    """The words of a choice; "" where there is nothing to choose."""
    return next((str(label) for choice, label in getattr(field, "flatchoices", None) or () if choice == value), "")


def _row(model: Any, values: dict[str, Any]) -> str:
    """A row of an offer, column by column; what is merely ticked says its name."""
    told = []
    # In the order of the columns: not every database keeps the one in which a document was written.
    for column in model._meta.get_fields():
        if (name := column.name) not in values:
            continue
        value = values[name]
        called = label(name) if name == "ends_before" else str(column.verbose_name)
        shown = _day_before(value) if name == "ends_before" else value
        told.append(
            called
            if value is True
            else f"{called}: {_chosen(column, value) or _number(column, value) or _day(shown) or shown}"
        )
    return ", ".join(told)


def _day(value: Any) -> str:
    """A day, or a moment; "" for anything else."""
    try:
        if len(value) > len("2026-12-31"):
            return wording.moment(datetime.fromisoformat(value))
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    except (TypeError, ValueError):
        return ""


def _day_before(value: Any) -> Any:
    """Plans store the day after the last; people read the last."""
    try:
        return (date.fromisoformat(value) - timedelta(days=1)).isoformat()
    except (TypeError, ValueError):
        return value
