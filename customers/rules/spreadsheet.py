"""Text that a spreadsheet opens as text, whatever somebody typed into it."""

# A cell that begins so is a formula to some program; a space in front does not keep it from being one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def literal(text: str) -> str:
    """The text as a cell of a CSV file; an apostrophe stands before what would be a formula. Numbers are not text."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
