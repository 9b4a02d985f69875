"""Whom we may contact, and what happened: the bottom of the house, imports no other app."""

from customers.models.channels import Channel
from customers.models.customers import Customer
from customers.models.events import Event, Heartbeat
from customers.models.history import HistoryEntry, HistoryHead
from customers.models.requests import IdempotentRequest
from customers.models.segments import Segment, SegmentOverlap
from customers.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "Channel",
    "Customer",
    "Event",
    "Heartbeat",
    "HistoryEntry",
    "HistoryHead",
    "IdempotentRequest",
    "Segment",
    "SegmentOverlap",
]
