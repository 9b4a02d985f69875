"""The pages of customers, segments and channels. Importing a module registers its models."""

from customers.admin import channels, customers, events, segments

__all__ = ["channels", "customers", "events", "segments"]
