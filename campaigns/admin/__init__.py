"""The pages of plans. Importing a module registers its models."""

from campaigns.admin import campaigns, catalogue, collisions, departments, imports, offers, runs

__all__ = ["campaigns", "catalogue", "collisions", "departments", "imports", "offers", "runs"]
