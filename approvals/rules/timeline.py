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
    "vanish": _("The case closed, because the campaigns no longer collide"),
}

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
