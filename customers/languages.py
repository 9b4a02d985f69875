"""Texts that are said now and read later, by people of several languages."""

from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeAlias

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise, lazy

Said = ParamSpec("Said")

# A text of one language, or one that is said when it is read.
Text: TypeAlias = str | Promise


def later(say: Callable[Said, str]) -> Callable[Said, str]:
    """What `say` gives is a lazy text: said anew, in the language of that moment, whenever it is read."""
    return lazy(say, str)


@later
def filled(message: Text, **values: object) -> str:
    """A lazy translation with its %(values)s, which are put in when it is read."""
    return str(message) % values


def in_every_language(text: Text) -> dict[str, str]:
    """A lazy text in each language of the product, by code, to be stored."""
    texts = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts[code] = str(text)
    return texts


def in_this_language(texts: Mapping[str, str]) -> str:
    """Which of them the present reader understands; the first if none is in their language."""
    language = (translation.get_language() or "").split("-")[0]
    return texts.get(language) or next(iter(texts.values()), "")
