"""The smallest changes that clear a collision, each tried on the plan before anybody is told of it.

`candidates` lists what could be done about a finding by each offer in it, `apply` gives the plan as it would be, `check`
runs the rules on that plan, and `clearing` keeps what really clears the finding.
"""

from campaigns.rules.remedies.candidates import candidates
from campaigns.rules.remedies.changes import Remedy, apply
from campaigns.rules.remedies.dry_run import Checked, check, clearing

__all__ = ["Checked", "Remedy", "apply", "candidates", "check", "clearing"]
