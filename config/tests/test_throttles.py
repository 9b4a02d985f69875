"""How often one may ask the API is counted for all processes together, and nobody waits for the counting."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache

from config.settings import _cache
from customers.rest.access import ReadThrottle
from customers.tests.api import client_of

CHANNELS = "/api/v1/channels/"


@pytest.mark.live
def test_requests_are_counted_in_the_broker_and_answered_without_it(transactional_db, valkey, settings, monkeypatch):
    client = client_of(User.objects.create_user("eva", is_staff=True))
    settings.CACHES = {"default": _cache(valkey.url)}
    monkeypatch.setattr(ReadThrottle, "THROTTLE_RATES", {"read": "2/min"})
    monkeypatch.setattr(ReadThrottle, "cache", cache)
    assert [client.get(CHANNELS).status_code for _ in range(3)] == [200, 200, 429]
    valkey.kill()
    assert client.get(CHANNELS).status_code == 200
