"""Nobody fills the disk with a request: what is too long is refused before it is read."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.tests import factories as make
from customers.tests.api import Slow, refused
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

FORM = "multipart/form-data; boundary=x"
TOO_LONG = b"x" * (2621440 + 1)


def send(address, client=None, body=TOO_LONG):
    files = Slow(body)
    answer = (client or Client()).generic("POST", address, body, content_type=FORM, **{"wsgi.input": files})
    return answer, files.tell()


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/language/", "/nothing/", "/admin/campaigns/offer/"])
def test_a_page_reads_nothing_that_is_too_long(address):
    answer, read = send(address)
    assert (answer.status_code, read) == (413, 0)
    assert "Nothing was saved" in answer.content.decode()
    assert "Content-Security-Policy" in answer


def test_a_program_hears_it_as_a_problem():
    answer, read = send("/api/v1/channels/")
    refused(answer, 413)
    assert read == 0


def test_imports_weigh_what_they_take_themselves(settings):
    settings.IMPORT_UPLOAD_MB = 3
    client = signed_in(make.make_user("root", is_superuser=True))
    for address in (reverse("admin:campaigns_importrun_upload"), "/api/v1/imports/"):
        assert send(address, client)[0].status_code != 413
        assert send(address, client, b"x" * (5 << 20))[0].status_code == 413


def test_what_is_typed_is_still_read():
    answer, read = send("/admin/login/", body=b"x" * 1000)
    assert (answer.status_code, read) != (413, 0)


@pytest.mark.parametrize(
    ("address", "code"), [("/admin/approvals/case/1/say/", 302), ("/api/v1/cases/1/statements/", 401)]
)
def test_files_of_who_is_not_signed_in_are_not_read(address, code):
    answer, read = send(address)
    assert (answer.status_code, read) == (code, 0)
