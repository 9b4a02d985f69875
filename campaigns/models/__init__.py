"""What we plan to offer, and whether plans collide: imports customers, is imported by approvals."""

from campaigns.models.access import AccessReason, CampaignGroupObjectPermission, CampaignUserObjectPermission
from campaigns.models.campaigns import Campaign
from campaigns.models.catalogue import Category, Product
from campaigns.models.collisions import Collision, CollisionMember, DetectionRun, DetectionShard, OfferItem
from campaigns.models.departments import Department, Membership
from campaigns.models.feeds import CalendarFeed
from campaigns.models.ground_rules import (
    AnnouncedPrice,
    CombinationClass,
    CombinationPolicy,
    Fund,
    JointGroup,
    Placement,
    ProtectedScope,
    RuleSetting,
    Substitution,
)
from campaigns.models.imports import ImportRun
from campaigns.models.offers import Offer, OfferAudience, OfferCategory, OfferProduct
from campaigns.models.promises import FundDraw, OfferChannelTerms, OfferClaim, OfferCombination, PlacementBooking
from campaigns.models.raci import Activity, AddedActivity, RaciRole, RaciTemplate, RaciTemplateRole
from campaigns.models.register import Tactic, Tool
from campaigns.models.strategy import BrandRules, DepartmentGoal
from campaigns.models.versions import CarriedSignature, SectionContent, Version
from campaigns.models.words import WordToAvoid

__all__ = [
    "AccessReason",
    "Activity",
    "AddedActivity",
    "AnnouncedPrice",
    "BrandRules",
    "CalendarFeed",
    "Campaign",
    "CampaignGroupObjectPermission",
    "CampaignUserObjectPermission",
    "CarriedSignature",
    "Category",
    "Collision",
    "CollisionMember",
    "CombinationClass",
    "CombinationPolicy",
    "Department",
    "DepartmentGoal",
    "DetectionRun",
    "DetectionShard",
    "Fund",
    "FundDraw",
    "ImportRun",
    "JointGroup",
    "Membership",
    "Offer",
    "OfferAudience",
    "OfferCategory",
    "OfferChannelTerms",
    "OfferClaim",
    "OfferCombination",
    "OfferItem",
    "OfferProduct",
    "Placement",
    "PlacementBooking",
    "Product",
    "ProtectedScope",
    "RaciRole",
    "RaciTemplate",
    "RaciTemplateRole",
    "RuleSetting",
    "SectionContent",
    "Substitution",
    "Tactic",
    "Tool",
    "Version",
    "WordToAvoid",
]
