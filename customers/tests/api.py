"""A program that uses the API as a person, for tests of all apps."""

import time
from datetime import timedelta
from io import BytesIO

from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from customers.actions.tokens import create_token

PROBLEM = "application/problem+json"


def client_of(user=None):
    """Signed in as in the browser; nobody without `user`. Errors of ours are raised."""
    client = APIClient()
    if user is not None:
        client.force_login(user)
        # Seen just now, so that no request writes it and is counted for one that costs more.
        session = client.session
        session.update({"signed_in_at": int(time.time()), "seen_at": int(time.time())})
        session.save()
    return client


def token_client(user, scope="write", *, days=1, made=timedelta(0)):
    """With a token, made `made` ago."""
    secret = create_token(user=user, name="test", scope=scope, days=days, by=user, now=timezone.now() - made)[1]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


class Slow(BytesIO):
    """A body that comes over the network, and notes in which transactions it is read."""

    def __init__(self, body):
        super().__init__(body)
        self.within = []

    def read(self, size=-1):
        self.within.append(list(connection.savepoint_ids))
        return super().read(size)


def refused(response, status, **errors):
    """The answer is a problem with this status and exactly these {pointer or parameter: code}; returns its detail."""
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM), response.content
    document = response.json()
    assert document["status"] == status
    found = {one.get("pointer", one.get("parameter")): one["code"] for one in document.get("errors", ())}
    assert found == errors, document
    return document["detail"]
