"""Collisions of a rule made up for tests, so that they depend on none of the house's own.

A test asks for the fixture `echo` to have the rule, and calls `find` to store what it found, as a detection does.
"""

from datetime import timedelta
from fractions import Fraction
from types import SimpleNamespace

import pytest

from campaigns.actions.collisions.rows import LOCK, Found, store
from campaigns.choices import RuleMode
from campaigns.models import Collision, RuleSetting
from campaigns.rules import collisions
from campaigns.rules.collisions import overlap
from campaigns.rules.severity import weigh
from campaigns.tests import factories as make
from customers.actions import heartbeats

NUMBERS = {"times": 1234}


def tell(numbers):
    floor = f" and costs less than {numbers['floor']}" if "floor" in numbers else ""
    return f"It is said {numbers['times']:,} times{floor}."


ECHO = SimpleNamespace(
    CODE="echo", NAME="Echo", SUMMARY="Two offers say the same.", BASE=30, OPTIONS=(), tell=tell, find=lambda *_: ()
)


@pytest.fixture
def base_fact_alone(db):
    """All other rules of the house are switched off, as an administrator switches them off."""
    off = [RuleSetting(rule=rule.CODE, mode=RuleMode.OFF) for rule in collisions.RULES if rule is not overlap]
    RuleSetting.objects.bulk_create(off, ignore_conflicts=True)


@pytest.fixture
def echo(base_fact_alone, monkeypatch):
    """A rule that pages know; no detection asks it, so that what `find` stored of it stays."""
    rule = SimpleNamespace(**vars(ECHO))
    monkeypatch.setitem(collisions.BY_CODE, rule.CODE, rule)
    return rule


@pytest.fixture
def asked(echo, monkeypatch):
    """The same as a rule that is asked; what it finds in a plan is for a test to say: `asked.find`."""
    monkeypatch.setattr(collisions, "RULES", (*collisions.RULES, echo))
    return echo


def offers_of(*codes):
    """A submitted offer of each of these departments, by code: the same products, customers and days."""
    segment, products = make.make_segment(numbers=range(50)), make.make_products(3)
    offers = []
    for code in codes:
        campaign = make.make_campaign(make.make_department(code), f"{code}-1")
        offers.append(make.make_offer(campaign, f"{code}-1-O", segments=[segment], products=products))
        make.submit(campaign)
    return offers


def find(*offers, rule="echo", numbers=NUMBERS, impact="1/2", certainty="exact", level="", key="", **columns):
    """Store a collision of these offers: base 30 + 30 × impact + 20 unless a `score` is given, sharing nothing else."""
    offers = sorted(offers, key=lambda offer: offer.code)
    first = offers[0]
    second = next(offer for offer in offers if offer.department_id != first.department_id)
    severity = weigh(base=30, impact=Fraction(impact), parts=(), certainty=certainty)
    evidence = {
        "numbers": dict(numbers),
        "severity": {"base": 30, "impact": round(severity.impact, 6), "exposure": severity.exposure},
        "levers": ["rewrite_message"],
    }
    if len(offers) > 2:
        key = key or "-".join(str(offer.pk) for offer in offers)
        evidence |= {"offers": [one.pk for one in offers], "versions": [one.version for one in offers]}
    values = {
        "starts_on": first.starts_on,
        "ends_before": first.starts_on + timedelta(days=3),
        "shared_products": 0,
        "shared_customers": 0,
        "score": severity.score,
    } | columns
    one = Found(
        first.pk,
        second.pk,
        first.version,
        second.version,
        rule=rule,
        key=key,
        level=level,
        certainty=certainty,
        evidence=evidence,
        **values,
    )
    heartbeats.lock(LOCK)
    store([one], {}, now=make.NOW, today=make.DAY, with_past=False)
    return Collision.objects.get(rule=rule, key=key, offer_a=first, offer_b=second)
