"""The pages of the agreement; importing the modules registers them."""

from approvals.admin import cases, mails, policy, profiles, tokens

__all__ = ["cases", "mails", "policy", "profiles", "tokens"]
