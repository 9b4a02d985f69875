"""The sections of a plan, each of which is approved by itself: the brief, and the offers of each department."""

BRIEF = "brief"
# All of a plan, where a signature is not given section by section.
WHOLE = "*"
_OFFERS = "offers:"


def offers_section(department: str) -> str:
    """The section with the offers of the department of this code."""
    return f"{_OFFERS}{department}"


def department_of(section: str) -> str:
    """The code of the department whose offers the section holds; empty for any other section."""
    return section.removeprefix(_OFFERS) if section.startswith(_OFFERS) else ""
