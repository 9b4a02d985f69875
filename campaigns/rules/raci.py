"""What a RACI matrix must have before a campaign can be submitted, and what makes it costly."""

from collections.abc import Collection, Iterable, Sequence

NO_A, NO_R, MANY_C = "no_a", "no_r", "many_c"

# More opinions than these before a task is done take longer than the task.
MOST_CONSULTED = 5


def flaws(*, has_accountable: bool, letters: Iterable[str]) -> list[str]:
    """Of NO_A, NO_R and MANY_C those that one activity has; `letters` are its "R", "C" and "I", one per cell."""
    held: Sequence[str] = list(letters)
    found = [] if has_accountable else [NO_A]
    if "R" not in held:
        found.append(NO_R)
    if held.count("C") > MOST_CONSULTED:
        found.append(MANY_C)
    return found


def against_average(number: int, numbers: Collection[int]) -> int | None:
    """How much more (or, below zero, less) than the average of `numbers` this is, in whole percent; None if that is 0."""
    total = sum(numbers)
    return round(100 * (number * len(numbers) - total) / total) if total else None
