"""Every page in one language: no English in Spanish, no Spanish in English."""

import re
from html.parser import HTMLParser

import pytest
from django.utils import translation
from django.utils.translation import trans_real

from approvals.models import StaffProfile
from config.tests.test_side_doors import Door, addresses, doors
from config.tests.world import word
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

SPOKEN_ATTRIBUTES = {"title", "aria-label", "aria-description", "placeholder", "alt", "data-confirm"}
# Names of parts, and texts that say the same in both.
SILENT = {"script", "style", "template"}
LITTLE_WORDS = {
    "es": r"the|of|and|with|your|is|are|was|has|this|that|for|from|you|not|their|who|which|its",
    "en": r"el|la|los|las|del|una|que|con|para|por|está|están|tu|su|sus|quien|se",
}


class Texts(HTMLParser):
    """What a page says: its texts, and the attributes that are read out or shown."""

    def __init__(self):
        super().__init__()
        self.found, self._silent = set(), []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        # The names of icons stand in the page as text and are shown as pictures.
        if tag in SILENT or "material-symbols" in (attrs.get("class") or ""):
            self._silent.append(tag)
        spoken = {attrs.get(name) for name in SPOKEN_ATTRIBUTES}
        if tag == "input" and attrs.get("type") in ("submit", "button"):
            spoken.add(attrs.get("value"))
        self._add(*filter(None, spoken))

    def handle_endtag(self, tag):
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data):
        if not self._silent:
            self._add(data)

    def _add(self, *texts):
        self.found |= {" ".join(text.split()) for text in texts if text.strip()}


def said(html):
    parser = Texts()
    parser.feed(html)
    return parser.found


def _plain(text):
    return " ".join(re.sub(r"<[^>]+>", "", text).split())


@pytest.fixture(scope="module")
def translations():
    """(English, Spanish) of every text of ours and of packages that differs, those with placeholders left out."""
    found = set()
    for catalogue in trans_real.translation("es")._catalog._catalogs:
        for key, spanish in catalogue.items():
            english = (key[0] if isinstance(key, tuple) else key).split("\x04")[-1]
            if english and spanish and english != spanish and not re.search(r"[%{]", english):
                found.add((_plain(english), _plain(spanish)))
    assert len(found) > 800
    return found


def foreign(texts, language, translations):
    english = {one for one, _other in translations}
    spanish = {other for _one, other in translations}
    wrong = english - spanish if language == "es" else spanish - english
    little = re.compile(rf"\b({LITTLE_WORDS[language]})\b", re.IGNORECASE)
    mine = {one for one in texts if one in wrong or (len(one.split()) > 2 and little.search(one))}
    # What people wrote is in the language they wrote it in, and so are their names.
    return sorted(one for one in mine if one.lower() not in NAMES and not any(name in one for name in DATA))


NAMES = {"lead", "mediator", "analyst", "administrator", "folder"}
# Also languages, which are called by their own names.
DATA = (word("", ""), "in spring", "English", "Español")


def test_a_page_in_the_wrong_language_is_noticed(translations):
    assert foreign({"Customers", "Campañas", "This is the end of it"}, "es", translations) == [
        "Customers",
        "This is the end of it",
    ]
    assert foreign({"Clientes", "Campaigns", "lo que pasa con la oferta"}, "en", translations) == [
        "Clientes",
        "lo que pasa con la oferta",
    ]


@pytest.fixture(autouse=True)
def _language_before():
    """A page leaves its language behind in this thread."""
    with translation.override("en"):
        yield


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("part", ["lead", "mediator", "analyst", "administrator"])
def test_pages_speak_one_language(world, part, language, translations):
    person = world.people[part]
    StaffProfile.objects.update_or_create(user=person, defaults={"language": language})
    client, wrong, pages = signed_in(person), {}, 0
    for route, door in doors().items():
        # A mail is in the language of whom it was written to, words to avoid are of every language.
        if part not in door.opens or "/mail/" in route or "/wordtoavoid/" in route:
            continue
        for address in addresses(world, route, Door(door.opens)):
            answer = client.get(address)
            if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
                continue
            pages += 1
            assert f'<html lang="{language}"' in answer.content.decode()
            for text in foreign(said(answer.content.decode()), language, translations):
                wrong.setdefault(text, address)
            break  # the others of a route differ by what people wrote
    assert pages > 10
    assert wrong == {}


@pytest.mark.parametrize("language", ["es", "en"])
def test_pages_without_a_reader_speak_the_language_of_the_browser(client, language, translations):
    client.raise_request_exception = False
    for address in ("/admin/login/", "/nothing/"):
        answer = client.get(address, headers={"accept-language": language})
        text = answer.content.decode()
        assert f'<html lang="{language}"' in text
        assert foreign(said(text), language, translations) == []


def test_cookie_wins_over_browser(client):
    client.cookies["django_language"] = "es"
    assert '<html lang="es"' in client.get("/admin/login/", headers={"accept-language": "en"}).content.decode()
