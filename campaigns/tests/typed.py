"""What a browser sends of a form as it is on the page, so that tests type into that."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self):
        super().__init__()
        self.values, self._select, self._area, self._in_template, self._in_form = {}, None, None, 0, False

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = attrs.get("name")
        if tag == "template":
            self._in_template += 1
        if tag == "form":
            self._in_form = "c-stack" in attrs.get("class", "")
        if self._in_template or not self._in_form:
            return
        is_ticked = attrs.get("type") in ("checkbox", "radio")
        if tag == "input" and name and (not is_ticked or "checked" in attrs):
            self.values.setdefault(name, []).append(attrs.get("value", "on" if is_ticked else ""))
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in attrs:
            self.values.setdefault(self._select, []).append(attrs.get("value", ""))
        elif tag == "textarea" and name:
            self._area, self.values[name] = name, [""]

    def handle_endtag(self, tag):
        if tag == "template":
            self._in_template -= 1
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data):
        if self._area:
            self.values[self._area][0] += data


def typed(page):
    """{name: values} of every field of the form of a page that a browser would send."""
    form = _Form()
    form.feed(page)
    # The line break after <textarea> belongs to the tag.
    return {name: [value.removeprefix("\n") for value in values] for name, values in form.values.items()}
