"""A person at the pages: what they get, how long it takes, and edits as a browser sends them."""

import http.client
import time
import uuid
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """`status` 0: no answer at all."""

    status: int
    seconds: float
    text: str = ""
    retry_after: str | None = None
    location: str = ""


class Visitor:
    """Signed in as the owner of `session`. Each request is a connection of its own."""

    def __init__(self, port: int, session: str) -> None:
        self._port, self._session = port, session

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def edit(self, offer: int, token: str, product: str) -> Answer:
        """Open the form of an offer and send it back with another name and one more product; the answer to the POST."""
        path = f"/admin/campaigns/offer/{offer}/edit/"
        page = self.get(path)
        if page.status != 200:
            return page
        form = _Form()
        form.feed(page.text)
        new = {"name": token, "reason": token, "add_products": product}
        typed = [(name, new.get(name, value)) for name, value in form.values]
        return self._ask("POST", path, urlencode(typed), form.token)

    def _ask(self, method: str, path: str, body: str | None = None, token: str = "") -> Answer:
        begun = time.monotonic()
        client = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Cookie": f"sessionid={self._session}; csrftoken={token}", "Host": "localhost"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            client.request(method, path, body=body, headers=headers)
            answer = client.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, time.monotonic() - begun, repr(error))
        finally:
            client.close()
        seconds = time.monotonic() - begun
        return Answer(
            answer.status, seconds, text, answer.headers.get("Retry-After"), answer.headers.get("Location") or ""
        )


class _Form(HTMLParser):
    """The fields of the page's longest form, as a browser would send them untouched."""

    def __init__(self) -> None:
        super().__init__()
        self._forms: list[list[tuple[str, str]]] = []
        self._select: tuple[str, bool] | None = None
        self._text: str | None = None

    @property
    def values(self) -> list[tuple[str, str]]:
        return max(self._forms, key=len)

    @property
    def token(self) -> str:
        # Django compares cookie and field without their masks, so that the field's value serves as both.
        return dict(self.values)["csrfmiddlewaretoken"]

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self._forms.append([])
        if not self._forms:
            return
        name = given.get("name")
        if tag == "input" and name and given.get("type") not in {"submit", "button"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._forms[-1].append((name, given.get("value") or ""))
        elif tag == "select" and name:
            self._select = (name, "multiple" in given)
        elif tag == "option" and self._select and "selected" in given:
            self._forms[-1].append((self._select[0], given.get("value") or ""))
        elif tag == "textarea" and name:
            self._forms[-1].append((name, ""))
            self._text = name

    def handle_data(self, data):
        if self._text:
            self._forms[-1][-1] = (self._text, data.removeprefix("\n"))
            self._text = None

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._text = None


def new_token() -> str:
    return f"edit-{uuid.uuid4()}"


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[max(0, int(len(seconds) * 0.95 + 0.5) - 1)]
