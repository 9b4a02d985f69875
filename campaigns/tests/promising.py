"""Changes of what an offer says, and how they are stored and told."""

import pytest
from django.core.exceptions import ValidationError

from campaigns import chronicle
from campaigns.actions import offers
from campaigns.models import Offer
from campaigns.queries.promises import promises_of
from campaigns.tests import factories as make
from customers.models import HistoryEntry


def said(offer):
    return promises_of([offer.campaign_id]).get(offer.pk, {})


def state_of(offer):
    row = Offer.objects.filter(pk=offer.pk).values().get()
    return row, said(offer), sorted(offer.product_rows.values_list("product__code", "role"))


def change(offer, by, *, promises=None, now=make.NOW, **fields):
    return offers.change_offer(offer=offer, by=by, now=now, fields=fields, promises=promises)


def told():
    """The last change as the chronicle tells it: {field: (before, after)}."""
    entry = HistoryEntry.objects.filter(verb="change").order_by("-id")[0]
    return {one["field"]: (one["before"], one["after"]) for one in chronicle.changes(entry)}


def refused(offer, by, promises=None, **fields):
    """What a change is refused with, by field; and nothing is written."""
    before = state_of(offer)
    with pytest.raises(ValidationError) as error:
        change(offer, by, promises=promises, **fields)
    assert state_of(offer) == before
    return error.value.message_dict
