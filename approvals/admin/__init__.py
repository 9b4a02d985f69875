"""The pages of the agreement; importing the modules registers them."""

from approvals.admin import cases, mails, policy, profiles

__all__ = ["cases", "mails", "policy", "profiles"]
