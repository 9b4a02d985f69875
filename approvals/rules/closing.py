"""Why a case closed without a decision, kept as facts and said in the reader's language."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.utils.translation import gettext_lazy as _

# What an edit is called by the first word of a field it changed ("audience include"); the first kind found wins.
_FIELDS: Mapping[str, frozenset[str]] = {
    "dates": frozenset({"starts_on", "ends_before"}),
    "products": frozenset({"products", "categories"}),
    "audience": frozenset({"audience"}),
    "channels": frozenset({"channels"}),
}

AGREED = "agreed"
_WORDS = {
    AGREED: _("%(department)s accepted the proposed change of %(what)s, and nothing collides any more."),
    "dates": _("%(department)s changed the dates of %(what)s."),
    "products": _("%(department)s changed the products of %(what)s."),
    "audience": _("%(department)s changed the audience of %(what)s."),
    "channels": _("%(department)s changed the channels of %(what)s."),
    "offer": _("%(department)s changed %(what)s."),
    "withdrawn": _("%(department)s withdrew %(what)s."),
    "status": _("%(department)s no longer plans %(what)s."),
    "past": _("The days that both campaigns shared are over."),
    "data": _("The customers or products behind the offers changed, and nothing is shared any more."),
}


@dataclass(frozen=True)
class Cause:
    """`kind` is a key of the words above; `department` acted on `what` (a campaign or offer code)."""

    kind: str
    department: str = ""
    what: str = ""


def kind_of(verb: str, changed: Mapping[str, object]) -> str:
    """What to call an entry of the history: its verb, or for an edit the fields it changed."""
    if verb == "withdraw":
        return "withdrawn"
    if "status" in changed:
        return "status"
    words = {field.split()[0] for field in changed}
    return next((kind for kind, fields in _FIELDS.items() if fields & words), "offer")


def store(cause: Cause) -> str:
    return json.dumps(asdict(cause), ensure_ascii=False)


def words(stored: str) -> str:
    """What `store` wrote, as a sentence in the language that is active now. Other text comes back as it is."""
    try:
        cause = Cause(**json.loads(stored))
    except (ValueError, TypeError):
        return stored
    return str(_WORDS.get(cause.kind, _WORDS["data"]) % {"department": cause.department, "what": cause.what})
