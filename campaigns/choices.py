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


class ImportState(models.TextChoices):
    QUEUED = "queued", _("Waits for a worker")
    CHECKING = "checking", _("Being checked")
    WRITING = "writing", _("Being written")
    FINISHED = "finished", _("Finished")
    REFUSED = "refused", _("Refused")
