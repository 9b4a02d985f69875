"""Whether a finding is still there."""

from collections.abc import Collection, Iterable

from campaigns.rules.collisions.findings import Finding

Identity = tuple[str, tuple[int, ...], str]


def identity(finding: Finding) -> Identity:
    return finding.rule, finding.offers, finding.key


def is_left(finding: Finding, after: Iterable[Finding], before: Collection[Identity]) -> bool:
    """Whether the finding is among those `after`, as it was or in another form.

    Another form has two of its offers at least and was not there `before`: of three offers that are too many, two may
    still be, and of two products the second takes the place of the first.
    """
    mine = set(finding.offers)
    return any(
        identity(one) == identity(finding) or (identity(one) not in before and len(mine.intersection(one.offers)) > 1)
        for one in after
        if one.rule == finding.rule
    )
