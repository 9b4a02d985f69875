"""What tests of pages share: signing in, and counting the queries of a page."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def queries_of(client, address):
    """Number of queries of a page or list for who has been here before: caches are warm, the session has been seen."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)
