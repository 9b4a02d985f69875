"""What a RACI matrix must have before a campaign can be submitted."""

from collections.abc import Iterable


def missing_roles(activities: Iterable[str], letters: Iterable[tuple[str, str]]) -> list[str]:
    """Activities without an R, in the order given. `letters` are (activity, "R" | "C" | "I")."""
    done = {activity for activity, letter in letters if letter == "R"}
    return [activity for activity in activities if activity not in done]
