"""A briefing in plain words: what each offer gives to whom, where, and under which conditions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.queries.briefings import Read
from approvals.review_lines import DifferenceLine, difference_lines
from campaigns import chronicle, wording
from campaigns.choices import AppliesTo, CampaignStatus, Mechanic
from campaigns.models import Category, CombinationClass, Department, Offer, OfferChannelTerms, Product
from campaigns.rules.terms import TERM_COLUMNS
from customers.models import Channel, Segment

# status -> (kind of c-note, headline, what to do); running needs no warning.
STANDINGS = {
    CampaignStatus.DRAFT: ("warn", gettext_lazy("Not approved yet"), gettext_lazy("Do not offer it.")),
    CampaignStatus.SUBMITTED: (
        "warn",
        gettext_lazy("Being changed, not approved at the moment"),
        gettext_lazy("Do not offer or announce it before a new version is here."),
    ),
    CampaignStatus.APPROVED: (
        "",
        gettext_lazy("Approved, not running yet"),
        gettext_lazy("Do not offer it before its first day."),
    ),
    CampaignStatus.LIVE: ("good", gettext_lazy("Running"), gettext_lazy("This is what every channel says.")),
    CampaignStatus.PAUSED: (
        "danger",
        gettext_lazy("Paused"),
        gettext_lazy("Do not offer it until you hear that it goes on."),
    ),
    CampaignStatus.ENDED: ("danger", gettext_lazy("Over"), gettext_lazy("Do not offer it any more.")),
    CampaignStatus.CANCELLED: ("danger", gettext_lazy("Cancelled"), gettext_lazy("Do not offer it any more.")),
}
# field of an offer -> the model whose codes it holds.
_THINGS: dict[str, Any] = {
    "channel": Channel,
    "audience include": Segment,
    "audience exclude": Segment,
    "product target include": Product,
    "product target exclude": Product,
    "product trigger include": Product,
    "product recommended include": Product,
    "category target include": Category,
    "category target exclude": Category,
    "category trigger include": Category,
    "category recommended include": Category,
    "accepts": CombinationClass,
    "gift_product__code": Product,
}
_ON_WHAT = [name for name in _THINGS if name.startswith(("product", "category"))]
_CONDITIONS = (
    "message",
    "why_suggested",
    "applies_to",
    "discount_base",
    "eligibility",
    "per_customer_limit",
    "redemption_code",
    "redemption_place",
    "returns",
    "reference_price_policy",
)
_MONEY = ("max_discount", "reference_price")

# What the codes of each model are called.
Names = Mapping[Any, Mapping[str, str]]


@dataclass(frozen=True)
class OfferLine:
    """`facts` are (what, in words). `is_held`: nobody may promise it yet."""

    code: str
    name: str
    terms: str
    starts_on: date
    ends_before: date
    facts: list[tuple[str, str]]
    claims: list[str]
    is_held: bool

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)


def standing(one: Read) -> tuple[str, str, str]:
    kind, headline, what_to_do = STANDINGS[CampaignStatus(one.campaign.status)]
    if one.briefing is None and one.campaign.status == CampaignStatus.SUBMITTED:
        kind, headline, what_to_do = STANDINGS[CampaignStatus.DRAFT]
    return kind, str(headline), str(what_to_do)


def offer_lines(one: Read) -> list[OfferLine]:
    names = _names(one.offers)
    return [_line(said, names, is_held=said["code"] in one.held) for said in one.offers]


def channel_line(one: Read) -> str:
    """Where its offers run, in one line."""
    if any("channel" not in said for said in one.offers):
        return wording.channels(None)
    codes = sorted({code for said in one.offers for code in said["channel"]})
    names = dict(Channel.objects.filter(code__in=codes).values_list("code", "name"))
    return ", ".join(names.get(code, code) for code in codes)


def differences(one: Read) -> list[DifferenceLine]:
    """What this version says that the one released before it did not."""
    if one.before is None:
        return []
    return difference_lines(one.before, one.sections, dict(Department.objects.values_list("code", "name")))


def terms(said: Mapping[str, Any]) -> str:
    """What the offer gives, as all other pages say it."""
    columns = [column for column in TERM_COLUMNS if column != "gift_product" and column in said]
    values = {column: Offer._meta.get_field(column).to_python(said[column]) for column in columns}
    return wording.terms(Offer(mechanic=said.get("mechanic", ""), **values))


def _line(said: Mapping[str, Any], names: Names, *, is_held: bool) -> OfferLine:
    return OfferLine(
        code=said["code"],
        name=said["name"],
        terms=_terms(said, names),
        starts_on=date.fromisoformat(said["starts_on"]),
        ends_before=date.fromisoformat(said["ends_before"]),
        facts=list(_facts(said, names)),
        claims=[row["text"] for row in said.get("claims", ())],
        is_held=is_held,
    )


def _terms(said: Mapping[str, Any], names: Names) -> str:
    gift = said.get("gift_product__code")
    if said.get("mechanic") == Mechanic.GIFT and gift:
        return f"{terms(said)}: {names[Product].get(gift, gift)}"
    return terms(said)


def _facts(said: Mapping[str, Any], names: Names) -> Iterator[tuple[str, str]]:
    for field in _ON_WHAT:
        if field in said:
            yield chronicle.label(field), _listed(field, said, names)
    if not any(field in said for field in _ON_WHAT):
        yield _("products"), _("no product named")
    yield _("who gets it"), _listed("audience include", said, names) or _("every customer")
    if "audience exclude" in said:
        yield _("who does not"), _listed("audience exclude", said, names)
    yield _("channels"), _listed("channel", said, names) or wording.channels(None)
    for row in said.get("channel_terms", ()):
        yield _("on %(channel)s") % {"channel": names[Channel].get(row["channel"], row["channel"])}, _on_channel(row)
    yield _("combines"), _combines(said, names)
    for field in _CONDITIONS:
        # That a discount is on each product is what everybody takes it for.
        if field in said and said[field] != AppliesTo.ITEM:
            yield chronicle.label(field), chronicle.signed(field, said[field])
    for field in _MONEY:
        if field in said:
            yield chronicle.label(field), wording.money(Offer._meta.get_field(field).to_python(said[field]))


def _on_channel(row: Mapping[str, Any]) -> str:
    values = {
        column: OfferChannelTerms._meta.get_field(column).to_python(row[column])
        for column in ("percent_off", "amount_off", "fixed_price")
        if column in row
    }
    words = wording.price_terms(OfferChannelTerms(**values))
    return _("%(terms)s, only here") % {"terms": words} if row.get("is_exclusive") else words


def _combines(said: Mapping[str, Any], names: Names) -> str:
    """Nobody at a till guesses: what was not decided does not combine before somebody was asked."""
    if said.get("stackable") is None:
        return _("not decided: ask before you combine it with another offer")
    if not said["stackable"]:
        return _("with no other offer")
    classes = _listed("accepts", said, names)
    found = _("with offers of %(classes)s") % {"classes": classes} if classes else _("with other offers")
    if said.get("only_one_of_its_kind"):
        return _("%(what)s, never with another discount of the same kind") % {"what": found}
    return found


def _listed(field: str, said: Mapping[str, Any], names: Names) -> str:
    codes = said.get(field, [])
    known = names[_THINGS[field]]
    # Sizes and colours of one product are often called the same.
    shown = ", ".join(dict.fromkeys(known.get(code, code) for code in codes[: chronicle.MOST_LISTED]))
    if len(codes) > chronicle.MOST_LISTED:
        more = number_format(len(codes) - chronicle.MOST_LISTED)
        return f"{shown} {_('and %(n)s more') % {'n': more}}"
    return shown


def _names(offers: Iterable[Mapping[str, Any]]) -> Names:
    """What the codes that are shown are called, in one query per model."""
    wanted: dict[Any, set[str]] = {model: set() for model in _THINGS.values()}
    for said in offers:
        for field, model in _THINGS.items():
            codes = said.get(field, [])
            wanted[model] |= {codes} if isinstance(codes, str) else set(codes[: chronicle.MOST_LISTED])
        wanted[Channel] |= {row["channel"] for row in said.get("channel_terms", ())}
    return {
        model: dict(model.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
        for model, codes in wanted.items()
    }
