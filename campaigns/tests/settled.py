"""A row of each kind of ground rules, as the doors would make it; stored by the test itself."""

from datetime import timedelta
from itertools import count

from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    CombinationClass,
    CombinationPolicy,
    Fund,
    JointGroup,
    Placement,
    ProtectedScope,
    Substitution,
)
from campaigns.tests import factories as make

_numbers = count(1)
DAYS = {"starts_on": make.DAY, "ends_before": make.DAY + timedelta(days=30)}


def combination_class(code="", **fields):
    code = code or f"K{next(_numbers)}"
    return CombinationClass(code=code, name=f"Class {code}", **fields)


def stored_class(code=""):
    row = combination_class(code)
    row.save()
    return row


def policy(low=None, high=None, decision="allow"):
    return CombinationPolicy(low=low or stored_class(), high=high or stored_class(), decision=decision)


def joint_group(code=""):
    code = code or f"J{next(_numbers)}"
    return JointGroup(code=code, name=f"Group {code}")


def added_activity(code=""):
    code = code or f"T{next(_numbers)}"
    return AddedActivity(code=code, name=f"Task {code}")


def placement(code="", **fields):
    code = code or f"B{next(_numbers)}"
    return Placement(code=code, name=f"Banner {code}", **{"page": "home", "slots": 2} | fields)


def fund(code="", **fields):
    code = code or f"F{next(_numbers)}"
    return Fund(code=code, name=f"Fund {code}", **{"amount": 1000} | DAYS | fields)


def substitution(product=None, substitute=None, **fields):
    return Substitution(
        product=product or make.make_product(),
        substitute=substitute or make.make_product(),
        **{"rate": "0.3", "source": "Baskets 2026"} | fields,
    )


def protected_scope(**fields):
    return ProtectedScope(**{"name": f"Brand {next(_numbers)}", "kind": "embargo", "brand": "Acme"} | DAYS | fields)


def announced_price(product=None, **fields):
    return AnnouncedPrice(product=product or make.make_product(), **{"price": 80} | DAYS | fields)


# kind -> how its row is made
KINDS = {
    CombinationClass: combination_class,
    CombinationPolicy: policy,
    JointGroup: joint_group,
    AddedActivity: added_activity,
    Placement: placement,
    Fund: fund,
    Substitution: substitution,
    ProtectedScope: protected_scope,
    AnnouncedPrice: announced_price,
}
