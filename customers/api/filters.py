import django_filters

from customers.models import Channel, Customer, HistoryEntry, Segment
from customers.rest.filters import FilterSet


class ChannelFilters(FilterSet):
    class Meta:
        model = Channel
        fields = ["code"]


class SegmentFilters(FilterSet):
    class Meta:
        model = Segment
        fields = ["code"]


class CustomerFilters(FilterSet):
    """Whole values only: no search over people."""

    class Meta:
        model = Customer
        fields = ["code", "household", "email"]


class HistoryFilters(FilterSet):
    since = django_filters.NumberFilter("id", "gt", help_text="Entries after this id, to follow what happens.")

    class Meta:
        model = HistoryEntry
        fields = ["actor", "verb", "subject", "scope"]
