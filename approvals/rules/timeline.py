"""The steps of a case as its history tells them, and why people were passed over as mediators."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

STEPS: Mapping[str, object] = {
    "detect": _("The collision was found; the case opens unless it vanishes by itself"),
    "open": _("The case was opened"),
    "reopen": _("The case was taken up again"),
    "level": _("The severity changed"),
    "deadline": _("The deadline came nearer, because a new collision begins earlier"),
    "recount": _("The deadline was counted anew, because the business calendar changed"),
    "hurry": _("The campaigns collide so soon that no working time is left to agree"),
    "escalate": _("The case went to mediation"),
    "assign": _("A mediator was found"),
    "unassign": _("The mediator can no longer decide, and nobody else is free"),
    "step_aside": _("The mediator stepped aside"),
    "challenge": _("A party challenged the mediator"),
    "time_out": _("The mediator did not decide in time"),
    "overdue": _("The time to decide is over; nobody else is free, so the mediator still decides"),
    "decide": _("The mediator decided"),
    "enforce": _("The decision took effect"),
    "appeal": _("A department appealed, and the decision was not carried out"),
    "overtake": _("The plans had changed since the decision, so it was not carried out"),
    "propose": _("A change was proposed"),
    "accept_proposal": _("A proposal was accepted, and the change is made"),
    "decline_proposal": _("A proposal was declined"),
    "take_proposal_back": _("A proposal was taken back"),
    "lapse_proposal": _("A proposal lapsed: its collision is gone, or the negotiation over"),
    "state": _("Somebody stated a fact, made a claim or commented"),
    "retract_statement": _("What was said was retracted"),
    "meet": _("A meeting was proposed"),
    "move_meeting": _("The meeting was changed"),
    "cancel_meeting": _("The meeting was cancelled"),
    "propose_terms": _("Terms for the whole case were proposed"),
    "sign_terms": _("A side accepted the terms"),
    "accept_terms": _("Both sides have accepted the terms, and they are carried out"),
    "decline_terms": _("The terms were declined"),
    "take_terms_back": _("The terms were taken back"),
    "supersede_terms": _("The terms were superseded by others, and no acceptance of them counts any more"),
    "lapse_terms": _("The terms lapsed: the case is closed"),
    "ask_for_time": _("A side asked for more time to agree"),
    "grant_time": _("More time was granted: the deadline moved"),
    "decline_time": _("More time was declined: the deadline stays"),
    "lapse_time": _("The request for more time lapsed: the negotiation is over"),
    "agree": _("The case closed: the departments agreed"),
    "waive": _("The case closed: both departments know of the overlap and allow it"),
    "announce_rule": _("A standing rule was announced"),
    "object": _("A party objected to the standing rule"),
    "apply_rule": _("The standing rule was applied, as nobody objected"),
    "rule_unfit": _("A standing rule has the same facts, but does not fit"),
    "rule_impossible": _("A standing rule has the same facts, but the offers cannot be changed so"),
    "rule_disturbs": _("A standing rule has the same facts, but it would cause collisions with other campaigns"),
    "rule_too_late": _("A standing rule has the same facts, but too little time is left to object to it"),
    "rule_changed": _("The standing rule was not applied, because the plans changed since it was announced"),
    "rule_suspended": _("The standing rule was not applied, because it is not in force any more"),
    "vanish": _("The case closed, because the campaigns no longer collide"),
}

# What stands in the conversation of the case and needs no second line.
SAID = frozenset({"state", "retract_statement"})

WHY_PASSED_OVER: Mapping[str, object] = {
    "inactive": _("is no longer active"),
    "administrator": _("administers the system"),
    "party": _("belongs to a party"),
    "involved": _("has a part in one of the campaigns"),
    "recused": _("stepped aside"),
    "challenged": _("was challenged by a party"),
    "absent": _("is away"),
    "judged": _("decided the case that was appealed"),
    "timeout": _("did not decide in time"),
    "load": _("has as many cases as the mandate allows"),
    "dismissed": _("mediates no more"),
}


def words(verb: str) -> str:
    return str(STEPS.get(verb, verb))


def why_passed_over(why: str) -> str:
    return str(WHY_PASSED_OVER.get(why, why))
