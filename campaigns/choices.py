from django.db import models
from django.utils.translation import gettext_lazy as _


class CampaignStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")
    CANCELLED = "cancelled", _("Cancelled")


class JourneyStage(models.TextChoices):
    AWARENESS = "awareness", _("Awareness")
    CONSIDERATION = "consideration", _("Consideration")
    DECISION = "decision", _("Decision")
    LOYALTY = "loyalty", _("Loyalty")


class ActivityKind(models.TextChoices):
    PRODUCTS = "products", _("Identify complementary products")
    AUDIENCE = "audience", _("Segment the audience")
    MESSAGES = "messages", _("Write the messages")
    CHANNELS = "channels", _("Configure the channels")
    SALE = "sale", _("Inform and close the sale")
    SERVICE = "service", _("Serve the customer")
    RESULTS = "results", _("Track the results")


class RaciLetter(models.TextChoices):
    RESPONSIBLE = "R", _("R · does")
    CONSULTED = "C", _("C · gives opinion before")
    INFORMED = "I", _("I · is told")


class TemplateLetter(models.TextChoices):
    """In a template also the A, who there is the lead of a department."""

    ACCOUNTABLE = "A", _("A · approves, answers for it")
    RESPONSIBLE = RaciLetter.RESPONSIBLE.value, RaciLetter.RESPONSIBLE.label
    CONSULTED = RaciLetter.CONSULTED.value, RaciLetter.CONSULTED.label
    INFORMED = RaciLetter.INFORMED.value, RaciLetter.INFORMED.label


class Mechanic(models.TextChoices):
    PERCENT = "percent", _("Percent off")
    AMOUNT_OFF = "amount_off", _("Amount off")
    FIXED_PRICE = "fixed_price", _("Fixed price")
    BXGY = "bxgy", _("Buy some, get some")
    BUNDLE = "bundle", _("Bundle")
    FREE_SHIPPING = "free_shipping", _("Free shipping")
    POINTS = "points", _("Points")
    GIFT = "gift", _("Gift")
    MESSAGE = "message", _("Message without price")


class ScopeRole(models.TextChoices):
    TARGET = "target", _("on offer")
    TRIGGER = "trigger", _("trigger")
    RECOMMENDED = "recommended", _("recommended")


class Mode(models.TextChoices):
    INCLUDE = "include", _("include")
    EXCLUDE = "exclude", _("exclude")


class CollisionState(models.TextChoices):
    OPEN = "open", _("Open")
    SETTLED = "settled", _("Allowed by decision")
    CLEARED = "cleared", _("Cleared")
    PAST = "past", _("Past")


class Level(models.TextChoices):
    NOTE = "note", _("Note")
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


# From which level a case can open: what is only noted never does.
CASE_LEVELS = [(level.value, level.label) for level in Level if level != Level.NOTE]


class ImportState(models.TextChoices):
    QUEUED = "queued", _("Waits for a worker")
    CHECKING = "checking", _("Being checked")
    WRITING = "writing", _("Being written")
    FINISHED = "finished", _("Finished")
    REFUSED = "refused", _("Refused")


class AppliesTo(models.TextChoices):
    ITEM = "item", _("each product")
    ORDER = "order", _("the whole order")


class DiscountBase(models.TextChoices):
    DISCOUNTED = "discounted", _("the price after other discounts")
    INITIAL = "initial", _("the price before other discounts")


class ItemReuse(models.TextChoices):
    NONE = "none", _("for nothing else")
    AS_TRIGGER = "as_trigger", _("to trigger another offer")
    AS_TARGET = "as_target", _("for another discount")
    BOTH = "both", _("for both")


class ReferencePricePolicy(models.TextChoices):
    NONE = "none", _("no earlier price is shown")
    CURRENT = "current", _("the present price")
    LOWEST_30D = "lowest_30d", _("the lowest price of the last 30 days")
    LIST = "list", _("the list price")
    MSRP = "msrp", _("the price the maker recommends")


class ClaimKind(models.TextChoices):
    LOWEST_PRICE = "lowest_price", _("Lowest price")
    EXCLUSIVE_TO = "exclusive_to", _("Only for some customers or one channel")
    ENDS = "ends", _("Last chance")
    NEVER_DISCOUNTED = "never_discounted", _("Never discounted")
    ONLY_HERE = "only_here", _("Only online or only in the shop")
    NEW_CUSTOMERS_ONLY = "new_customers_only", _("Only for new customers")
    FREE_SHIPPING_ALWAYS = "free_shipping_always", _("Shipping is always free")
    LIMITED_QUANTITY = "limited_quantity", _("Limited quantity")


class PlacementGoal(models.TextChoices):
    GROW_LIST = "grow_list", _("Grow the mailing list")
    CONVERSION = "conversion", _("Sell on this page")
    AWARENESS = "awareness", _("Be noticed")
    CLEAR_STOCK = "clear_stock", _("Clear stock")
    MARGIN = "margin", _("Protect the margin")
    LOYALTY = "loyalty", _("Reward loyal customers")


class ProtectionKind(models.TextChoices):
    EMBARGO = "embargo", _("Embargo")
    MINIMUM_PRICE = "minimum_price", _("Minimum price")
    BRAND_EXCLUSIVE = "brand_exclusive", _("Reserved brand")
    LEGAL = "legal", _("Forbidden by law")
    NEVER_PROMOTE = "never_promote", _("Never promoted")


class ToolPurpose(models.TextChoices):
    CUSTOMERS = "customers", _("Customer data (CRM)")
    MAIL = "mail", _("Sending e-mail")
    MESSAGES = "messages", _("Sending SMS and push messages")
    SOCIAL = "social", _("Social media")
    ADS = "ads", _("Advertising")
    SHOP = "shop", _("Web shop and content")
    RECOMMEND = "recommend", _("Recommendations")
    SERVICE = "service", _("Service and call centre")
    LOYALTY = "loyalty", _("Loyalty and coupons")
    TILL = "till", _("Till and shop floor")
    ANALYSIS = "analysis", _("Analysis and reports")
    SURVEYS = "surveys", _("Surveys and reviews")
    PLANNING = "planning", _("Planning and teamwork")
    OTHER = "other", _("Something else")


class Combination(models.TextChoices):
    ALLOW = "allow", _("combine")
    DENY = "deny", _("do not combine")


class Certainty(models.TextChoices):
    EXACT = "exact", _("Exact")
    ESTIMATED = "estimated", _("Estimated")
    HEURISTIC = "heuristic", _("Presumed")


class RuleMode(models.TextChoices):
    ON = "on", _("On")
    REPORT = "report", _("In observation")
    OFF = "off", _("Off")


class WordKind(models.TextChoices):
    EXAGGERATION = "exaggeration", _("Exaggeration")
    JARGON = "jargon", _("Jargon")
    UNCLEAR = "unclear", _("Unclear")
