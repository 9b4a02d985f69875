"""Plans in a line or two for the tests of the collision rules, without a database.

Offers differ in code and department and share all the rest: the same ten days, product 1, and the customers 0 to 99.
Money and percentages may be written as 20 or "7.06". Facts that are terms are written next to those of the offer, and
the mechanic follows from them: `offer(1, percent_off=20)`.
"""

import json
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils import translation
from pyroaring import BitMap

from campaigns.rules.collisions.facts import ChannelTerms, Offer, Plan, Product, Terms
from campaigns.rules.collisions.findings import Finding, Gap, defaults, disclosed

DAY = date(2026, 5, 1)
PEOPLE = frozenset(range(100))
DECIMALS = {
    name
    for kind in (Offer, Terms, Product)
    for name, type_ in ((field.name, field.type) for field in fields(kind))
    if type_ == Decimal | None
}
NUMBERS = ("products", "customers", "triggers", "recommended", "control_group")
TERMS = {field.name for field in fields(Terms)}
MECHANICS = {
    "percent_off": "percent",
    "amount_off": "amount_off",
    "fixed_price": "fixed_price",
    "buy_quantity": "bxgy",
    "points_multiplier": "points",
    "gift_product": "gift",
    "gift_cost": "gift",
}


def terms(**facts):
    """Terms with the mechanic that goes with them, unless it is given."""
    mechanic = next((MECHANICS[name] for name in MECHANICS if facts.get(name) is not None), "")
    return Terms(**{"mechanic": mechanic, **_decimals(facts)})


def offer(number, /, **facts):
    """An offer of department `number`; `days` is how long it runs, `terms` its Terms if they are not written out."""
    written = {name: facts.pop(name) for name in list(facts) if name in TERMS}
    if written:
        facts["terms"] = terms(**written)
    facts.setdefault("department", number)
    facts.setdefault("starts_on", DAY)
    facts.setdefault("ends_before", facts["starts_on"] + timedelta(days=facts.pop("days", 10)))
    for name in NUMBERS:
        if name in facts and not isinstance(facts[name], BitMap):
            facts[name] = frozenset(facts[name])
    for name in ("channels", "accepts"):
        facts[name] = frozenset(facts.get(name, ()))
    offered = {
        "code": f"O{number:02}",
        "name": f"Offer {number}",
        "department_name": f"Department {facts['department']}",
        "campaign": number,
        "campaign_code": f"C{number:02}",
        "products": frozenset({1}),
        "customers": PEOPLE,
    }
    return Offer(id=number, **offered | _decimals(facts))


def on_channel(channel, *, is_exclusive=False, **facts):
    """Other terms on one channel."""
    return ChannelTerms(channel, terms(**facts), is_exclusive)


def product(number, /, **facts):
    return Product(**{"id": number, "code": f"P{number}", "name": f"Product {number}", **_decimals(facts)})


def plan(*offers, products=(), pairs=None, **facts):
    """A plan of these offers, all pairs of them unless `pairs` says which; `combinations` and `policy` by (one, two).

    The categories of offers are those of their products, as far as `products` has them.
    """
    category_of = {one.id: one.category for one in products if one.category}
    offers = [
        replace(one, categories=frozenset(category_of[number] for number in one.products if number in category_of))
        for one in offers
    ]
    for name in ("combinations", "policy"):
        facts[name] = {frozenset(pair): decision for pair, decision in facts.get(name, {}).items()}
    for name in ("placements", "funds"):
        facts[name] = {thing.id: thing for thing in facts.get(name, ())}
    ids = [one.id for one in offers]
    return Plan(
        today=facts.pop("today", DAY),
        offers={one.id: one for one in offers},
        pairs=pairs if pairs is not None else [(a, b) for place, a in enumerate(ids) for b in ids[place + 1 :]],
        products={one.id: one for one in products},
        **facts,
    )


def found(rule, plan, **options):
    """What the rule finds, in its order; options not given are the rule's own."""
    return [one for one in _all(rule, plan, options) if isinstance(one, Finding)]


def gaps(rule, plan, **options):
    """What the rule would have to know first: (offer, missing) in its order."""
    return [(one.offer, one.missing) for one in _all(rule, plan, options) if isinstance(one, Gap)]


def only(rule, plan, **options):
    """The one finding of the rule."""
    (one,) = found(rule, plan, **options)
    return one


def check_symmetric(rule, plan, **options):
    """See that the rule says the same of the plan whichever side and whichever offer comes first, and of bitmaps."""
    expected = _all(rule, _fresh(plan), options)
    assert any(isinstance(one, Finding) for one in expected)
    backwards = _fresh(
        plan,
        offers=dict(reversed(plan.offers.items())),
        pairs=[(b, a) for a, b in reversed(plan.pairs)],
        products=dict(reversed(plan.products.items())),
    )
    assert _all(rule, backwards, options) == expected
    assert _all(rule, with_bitmaps(plan), options) == expected


def with_bitmaps(plan):
    """The plan with Roaring bitmaps, as it comes from the database, in place of frozensets."""
    offers = {
        one.id: replace(
            one,
            claims=[replace(claim, segment=claim.segment and BitMap(claim.segment)) for claim in one.claims],
            **{name: BitMap(getattr(one, name)) for name in NUMBERS},
        )
        for one in plan.offers.values()
    }
    protected = [replace(one, products=BitMap(one.products)) for one in plan.protected]
    return _fresh(plan, offers=offers, protected=protected)


def check_told(rule, finding):
    """The sentence in English, after seeing that it is complete in every language and made from JSON alone.

    It is so, too, for readers to whom what offers earn is not disclosed.
    """
    numbers = json.loads(json.dumps(finding.numbers))
    assert numbers == finding.numbers
    told = {}
    for language in ("es", "en"):
        with translation.override(language):
            told[language] = rule.tell(numbers)
            disclosed_to_all = rule.tell(disclosed(numbers))
        for sentence in (told[language], disclosed_to_all):
            assert "%(" not in sentence
            assert "None" not in sentence
    return told["en"]


def _all(rule, plan, options):
    assert options.keys() <= {option.name for option in rule.OPTIONS} | {"base"}
    given = {name: Decimal(value) for name, value in options.items()}
    return list(rule.find(plan, defaults(rule.OPTIONS) | {"base": Decimal(rule.BASE)} | given))


def _fresh(plan, **facts):
    return replace(plan, kept={}, **facts)


def _decimals(facts):
    return {name: Decimal(value) if name in DECIMALS and value is not None else value for name, value in facts.items()}
