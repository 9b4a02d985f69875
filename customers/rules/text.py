"""Text that people or files bring: one Unicode form, and nothing in it that nobody can see.

Two texts that look the same must be the same, or a code exists twice and a list cannot be sorted. So everything is
compared in NFC without spaces around it, and characters that show nothing are refused with their place.
"""

import re
import unicodedata

from django.utils.translation import gettext as _

# Longer texts are refused before anything else is done with them.
LONGEST_PROSE = 10_000
# Thai, Hebrew and Tibetan stack up to six; more is a tower over the lines around it.
MOST_MARKS = 8

ZWNJ, ZWJ = "\u200c", "\u200d"
# Letters and a symbol that take place but show nothing.
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
# Format characters with a shape of their own: Arabic signs that stand before numbers, and the like.
_VISIBLE_FORMAT = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
_BLACK_FLAG = "\U0001f3f4"

# Most text is letters, digits and punctuation of Europe and East Asia: none of these is ever refused.
PLAIN = (
    (0x20, 0x7E),
    (0xA1, 0xAC),
    (0xAE, 0x2FF),
    (0x370, 0x482),
    (0x48A, 0x52F),
    (0x2010, 0x2027),
    (0x20A0, 0x20BF),
    (0x3001, 0x3029),
    (0x3041, 0x3096),
    (0x30A1, 0x30FE),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xFF01, 0xFF9F),
)
_PLAIN = re.compile("[" + "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in PLAIN) + "]*")


class WrongText(ValueError):
    """`code` names the kind for programs: empty, too_long, character, marks. The message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def one_line(value: str, *, size: int) -> str:
    """The text in NFC without spaces around it; "" if nothing of it can be seen. At most `size` characters.

    Raises:
        WrongText: too long, or with a line break, a control, format or half character, or a stack of marks.
    """
    return _judged(value, size, several_lines=False)


def prose(value: str, *, size: int = LONGEST_PROSE) -> str:
    """As `one_line`, but lines (ended by a line feed in the result) and tabs are allowed."""
    return _judged(value, size, several_lines=True)


def wrong(value: str, *, several_lines: bool = False) -> str:
    """What is wrong with the characters of a text that is not empty, whatever its length; "" if nothing is."""
    try:
        _look(value, several_lines=several_lines)
    except WrongText as error:
        return error.message
    return "" if any(map(_is_seen, value)) else _("nothing of this text can be seen: empty it, or type it again")


def folded(value: str) -> str:
    """What is compared where upper and lower case make no difference."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value.strip()).casefold())


def shown(value: object) -> str:
    """A text as a message quotes it: short, and without characters that nobody sees or that turn the line around."""
    text = str(value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return "".join(character if character.isprintable() else f"\\u{ord(character):04x}" for character in text)


def _judged(value: str, size: int, *, several_lines: bool) -> str:
    # Composing can shorten a text by a factor of three; sorting millions of marks would take minutes.
    if len(value) > 4 * size:
        raise _too_long(value, size)
    text = unicodedata.normalize("NFC", value).strip()
    if several_lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    _look(text, several_lines=several_lines)
    if not any(map(_is_seen, text)):
        return ""
    if len(text) > size:
        raise _too_long(text, size)
    return text


def _too_long(text: str, size: int) -> WrongText:
    message = _("“%(value)s” has more than %(size)d characters")
    return WrongText("too_long", message % {"value": shown(text), "size": size})


def _look(text: str, *, several_lines: bool) -> None:
    if _PLAIN.fullmatch(text):
        return
    marks = 0
    for place, character in enumerate(text):
        if several_lines and character in "\n\t":
            marks = 0
            continue
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if marks > MOST_MARKS:
            message = _("%(place)s: more than %(most)d accents on one letter")
            raise WrongText("marks", message % {"place": _place(text, place), "most": MOST_MARKS})
        if _is_refused(text, place, kind):
            message = _("%(place)s: %(character)s, which is not allowed here: delete it")
            raise WrongText("character", message % {"place": _place(text, place), "character": _name(character)})


def _place(text: str, place: int) -> str:
    lines = text[:place].split("\n")
    if len(lines) == 1:
        return _("character %(number)d") % {"number": place + 1}
    return _("line %(line)d, character %(number)d") % {"line": len(lines), "number": len(lines[-1]) + 1}


def _name(character: str) -> str:
    number = f"U+{ord(character):04X}"
    if character in "\r\n\u0085\u2028\u2029":
        return _("a line break (%(number)s)") % {"number": number}
    if character == "\t":
        return _("a tab (%(number)s)") % {"number": number}
    kind = unicodedata.category(character)
    if kind == "Cs":
        return _("half of a character (%(number)s)") % {"number": number}
    if kind == "Cc":
        return _("a control character (%(number)s)") % {"number": number}
    name = unicodedata.name(character, "")
    return _("an invisible character (%(number)s)") % {"number": f"{number} {name}".strip()}


def _is_refused(text: str, place: int, kind: str) -> bool:
    character = text[place]
    if kind in {"Cc", "Cs", "Zl", "Zp"} or ord(character) & 0xFFFE == 0xFFFE:
        return True
    if kind != "Cf" or character in _VISIBLE_FORMAT:
        return False
    if "\U000e0020" <= character <= "\U000e007f":  # the flags of England, Scotland and Wales
        return not text[:place].rstrip("".join(map(chr, range(0xE0020, 0xE0080)))).endswith(_BLACK_FLAG)
    return character not in {ZWNJ, ZWJ} or not _is_joiner_needed(text, place)


def _is_joiner_needed(text: str, place: int) -> bool:
    """Within an emoji made of several, or between letters whose shapes depend on their neighbours."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not before:
        return False
    if _shapes_letters(before):
        is_virama = unicodedata.combining(before) == 9
        return is_virama or (bool(after) and _shapes_letters(after))
    if text[place] == ZWNJ or not after:
        return False
    # A skin tone (Sk) or the sign "as a picture" (FE0F) may stand between the picture and the joiner.
    return (unicodedata.category(before) in {"So", "Sk"} or before == "\ufe0f") and unicodedata.category(after) == "So"


def _shapes_letters(character: str) -> bool:
    """Arabic, Syriac, the scripts of India, Tibet, Burma, the Khmer and the Mongols."""
    if unicodedata.category(character)[0] not in "LM":
        return False
    number = ord(character)
    blocks = ((0x0600, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0xA840, 0xA8FF), (0xFB50, 0xFDFF))
    return any(first <= number <= last for first, last in (*blocks, (0xFE70, 0xFEFC), (0x11000, 0x11FFF)))


def _is_seen(character: str) -> bool:
    kind = unicodedata.category(character)
    return character not in _BLANKS and kind[0] not in "ZM" and kind not in {"Cc", "Cf", "Cs"}
