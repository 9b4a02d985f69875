"""What of a plan everybody who works here may read once it is approved: all that customers are told, and no more."""

from collections.abc import Mapping
from typing import Any

from campaigns.rules.sections import BRIEF
from campaigns.rules.terms import TERM_COLUMNS

Sections = Mapping[str, Mapping[str, Any]]

# Named one by one, so that a column that is added later stays with who reads the plan until somebody puts it here.
OF_BRIEF = frozenset({"name", "department__code", "what", "who", "where", "how", "starts_on", "ends_before"})
OF_OFFER = frozenset(
    {
        "code",
        "name",
        "department__code",
        "starts_on",
        "ends_before",
        "mechanic",
        *TERM_COLUMNS,
        "gift_product__code",
        "stackable",
        "applies_to",
        "max_discount",
        "only_one_of_its_kind",
        "combination_class__code",
        "accepts",
        "discount_base",
        "redemption_code",
        "eligibility",
        "returns",
        "redemption_place",
        "per_customer_limit",
        "message",
        "why_suggested",
        "reference_price",
        "reference_price_policy",
        "channel",
        "audience include",
        "audience exclude",
        "product target include",
        "product target exclude",
        "product trigger include",
        "product recommended include",
        "category target include",
        "category target exclude",
        "category trigger include",
        "category recommended include",
    }
)
# Of the rows of an offer: not for which reason a channel has other terms.
OF_ROWS = {
    "channel_terms": frozenset({"channel", "percent_off", "amount_off", "fixed_price", "is_exclusive"}),
    "claims": frozenset({"kind", "text"}),
}


def told(sections: Sections) -> dict[str, dict[str, Any]]:
    """The sections of a plan (see campaigns.rules.differences) without what is for its readers alone."""
    return {section: _of_brief(said) if section == BRIEF else _of_offers(said) for section, said in sections.items()}


def _of_brief(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in OF_BRIEF}


def _of_offers(offers: Mapping[str, Any]) -> dict[str, Any]:
    return {code: _of_offer(said) for code, said in offers.items()}


def _of_offer(said: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in said.items() if name in OF_OFFER}
    for part, columns in OF_ROWS.items():
        if part in said:
            rows = said[part]
            found[part] = [{name: value for name, value in row.items() if name in columns} for row in rows]
    return found
