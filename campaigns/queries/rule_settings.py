"""How every collision rule is set: the defaults of its module, less what administrators changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from campaigns.choices import RuleMode
from campaigns.models import RuleSetting
from campaigns.rules.collisions import RULES
from campaigns.rules.collisions.findings import defaults


@dataclass(frozen=True)
class Setting:
    """`options` has every option of the rule and "base"; `opens_from` "" = the level of the escalation policy."""

    mode: str
    options: Mapping[str, Decimal]
    opens_from: str


def settings_of() -> dict[str, Setting]:
    """Rule code -> its setting. One query."""
    rows = {row.rule: row for row in RuleSetting.objects.all()}
    found = {}
    for rule in RULES:
        row = rows.get(rule.CODE)
        options = {"base": Decimal(rule.BASE), **defaults(rule.OPTIONS)}
        if row is not None:
            options |= {name: Decimal(value) for name, value in row.options.items() if name in options}
            options |= {"base": Decimal(row.base)} if row.base is not None else {}
        found[rule.CODE] = Setting(row.mode if row else RuleMode.ON, options, row.opens_from if row else "")
    return found
