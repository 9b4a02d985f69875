"""What stands between a password and the house, and how codes are written."""

from enum import StrEnum

RECOVERY_CODES = 10
# Without letters that are taken for digits: people copy these codes from paper.
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_LENGTH = 10


class Step(StrEnum):
    OPEN = "open"
    ASK = "ask"
    SET_UP = "set_up"


def step(*, device: int | None, passed: int | None, required: bool) -> Step:
    """What a signed-in person must do first. `device` is theirs now, `passed` the one that this session has shown."""
    if device is None:
        return Step.SET_UP if required else Step.OPEN
    return Step.OPEN if device == passed else Step.ASK


def plain(code: str) -> str:
    """A code as typed, without the spaces and dashes that make it readable."""
    return "".join(code.split()).replace("-", "").lower()


def is_of_app(code: str) -> bool:
    """Six digits of an app, rather than a recovery code."""
    return len(code) == 6 and code.isascii() and code.isdigit()


def readable(code: str) -> str:
    half = RECOVERY_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"
