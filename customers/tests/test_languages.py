from django.utils import translation
from django.utils.translation import gettext_lazy as _

from customers.languages import filled, in_every_language, in_this_language, later


def test_a_text_is_said_anew_for_every_reader():
    text = filled(_("“%(value)s” is no day of any calendar"), value="2026-02-30")
    with translation.override("en"):
        assert str(text) == "“2026-02-30” is no day of any calendar"
    with translation.override("es"):
        assert str(text) == translation.gettext("“%(value)s” is no day of any calendar") % {"value": "2026-02-30"}


def test_what_is_kept_is_what_each_reader_would_have_been_told():
    languages = later(lambda: translation.get_language() or "")
    assert in_every_language(languages()) == {"es": "es", "en": "en"}


def test_a_reader_of_another_language_reads_the_first():
    texts = {"es": "sí", "en": "yes"}
    for language, read in (("es", "sí"), ("en", "yes"), ("en-gb", "yes"), ("de", "sí")):
        with translation.override(language):
            assert in_this_language(texts) == read
    with translation.override(None):
        assert in_this_language(texts) == "sí"
    assert in_this_language({}) == ""
