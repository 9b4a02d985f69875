"""How the collision rules are set: as their modules say, unless an administrator said otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from campaigns.choices import RuleMode
from campaigns.models import RuleSetting
from campaigns.rules import collisions
from campaigns.rules.collisions.findings import defaults

BASE = "base"


@dataclass(frozen=True)
class Setting:
    """`options` has a number for each option of the rule, and its base points as "base".

    `opens_from` is the lowest level at which a case opens, "" = that of the escalation policy.
    """

    mode: str
    options: Mapping[str, Decimal]
    opens_from: str = ""


def settings_of() -> dict[str, Setting]:
    """The setting of every rule, by its code; one query."""
    stored = {row.rule: row for row in RuleSetting.objects.all()}
    return {rule.CODE: setting_of(rule, stored.get(rule.CODE)) for rule in collisions.RULES}


def setting_of(rule: Any, row: RuleSetting | None) -> Setting:
    """How a rule is set with this row. An option that the rule lost, or a number it allows no more, counts as unset."""
    if row is None:
        return Setting(RuleMode.ON, module_options(rule))
    kept = {
        option.name: number
        for option in rule.OPTIONS
        if option.name in row.options
        and option.lowest <= (number := Decimal(row.options[option.name])) <= option.highest
    }
    base = {} if row.base is None else {BASE: Decimal(row.base)}
    return Setting(row.mode, module_options(rule) | base | kept, row.opens_from)


def module_options(rule: Any) -> dict[str, Decimal]:
    return {BASE: Decimal(rule.BASE)} | defaults(rule.OPTIONS)


def rule_called(code: str) -> Any:
    """The module of a rule; None if there is no such rule."""
    return {rule.CODE: rule for rule in collisions.RULES}.get(code)


@dataclass(frozen=True)
class SetRule:
    """A rule with its setting, for those who show it."""

    rule: Any
    setting: Setting

    @property
    def mode(self) -> str:
        return self.setting.mode

    @property
    def base(self) -> int:
        return int(self.setting.options[BASE])

    @property
    def numbers(self) -> Mapping[str, Decimal]:
        return {option.name: self.setting.options[option.name] for option in self.rule.OPTIONS}

    @property
    def opens_from(self) -> str | None:
        return self.setting.opens_from or None


def rules_as_set() -> list[SetRule]:
    """Every rule, in the order of their list; one query."""
    settings = settings_of()
    return [SetRule(rule, settings[rule.CODE]) for rule in collisions.RULES]
