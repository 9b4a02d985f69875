"""The pages of the agreement; importing the modules registers them."""

from approvals.admin import cases, discussion, mails, policy, profiles, tokens

__all__ = ["cases", "discussion", "mails", "policy", "profiles", "tokens"]
