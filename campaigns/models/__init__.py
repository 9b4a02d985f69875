"""What we plan to offer, and whether plans collide: imports customers, is imported by approvals."""

from campaigns.models.access import AccessReason, CampaignGroupObjectPermission, CampaignUserObjectPermission
from campaigns.models.campaigns import Campaign
from campaigns.models.catalogue import Category, Product
from campaigns.models.collisions import Collision, DetectionRun, OfferItem
from campaigns.models.departments import Department, Membership
from campaigns.models.imports import ImportRun
from campaigns.models.offers import Offer, OfferAudience, OfferCategory, OfferProduct
from campaigns.models.raci import Activity, RaciRole

__all__ = [
    "AccessReason",
    "Activity",
    "Campaign",
    "CampaignGroupObjectPermission",
    "CampaignUserObjectPermission",
    "Category",
    "Collision",
    "Department",
    "DetectionRun",
    "ImportRun",
    "Membership",
    "Offer",
    "OfferAudience",
    "OfferCategory",
    "OfferItem",
    "OfferProduct",
    "Product",
    "RaciRole",
]
