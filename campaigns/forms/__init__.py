"""What people fill in about plans."""

from campaigns.forms.briefs import BriefForm, NewCampaignForm
from campaigns.forms.offers import NewOfferForm, OfferForm
from campaigns.forms.reasons import ReasonForm, add_errors, stamp

__all__ = ["BriefForm", "NewCampaignForm", "NewOfferForm", "OfferForm", "ReasonForm", "add_errors", "stamp"]
