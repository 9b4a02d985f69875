from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from campaigns.choices import Certainty, CollisionState, Level
from campaigns.models.visible import CollisionQuerySet
from customers.models.visible import ReferenceQuerySet


class OfferItem(models.Model):
    """A posting of the target scope of an offer, rewritten in the transaction that changes the scope.

    An offer targets whole categories and, outside of them, explicit products; a product taken out of a whole
    category counts -1. kind 'product': key = product id, weight +1 or -1. kind 'category': key = category id,
    weight = its size. kind 'catcount': key = category id, weight = sum of the product weights in that category.
    Dates, department and offer stand in the row so that one covering index answers "who else has this, when".
    """

    class Kind(models.IntegerChoices):
        PRODUCT = 0
        CATEGORY = 1
        CATCOUNT = 2

    kind = models.PositiveSmallIntegerField(choices=Kind)
    key = models.BigIntegerField()
    starts_on = models.DateField()
    ends_before = models.DateField()
    department = models.ForeignKey("campaigns.Department", on_delete=models.CASCADE, related_name="+", db_index=False)
    offer = models.ForeignKey("campaigns.Offer", on_delete=models.CASCADE, related_name="items")
    weight = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                name="offer_item_posting",
                fields=["kind", "key", "starts_on", "ends_before", "department", "offer", "weight"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="offer_has_an_item_once", fields=["offer", "kind", "key"]),
        ]


class Collision(models.Model):
    """A rule fired on offers of different departments. One row per rule, key and pair, updated by detection.

    `offer_a.code < offer_b.code` as text; a collision of more offers stands at its first pair and has CollisionMember
    rows, one for each of its offers. `key` tells apart what one rule says several times of a pair ("" = nothing to).
    Counts are exact. `score` and `level` follow campaigns.rules.severity; `level` is "note" for a rule in observation.
    `evidence` has the numbers that its sentence quotes, null where they follow from the columns. A settled row stays
    settled while versions and level stay as decided.
    Written by campaigns.actions.collisions alone.
    """

    rule = models.CharField(_("rule"), max_length=32)
    key = models.CharField(max_length=64, default="", blank=True)
    offer_a = models.ForeignKey("campaigns.Offer", on_delete=models.PROTECT, related_name="+", verbose_name=_("offer"))
    offer_b = models.ForeignKey("campaigns.Offer", on_delete=models.PROTECT, related_name="+", verbose_name=_("offer"))
    version_a = models.PositiveIntegerField()
    version_b = models.PositiveIntegerField()
    starts_on = models.DateField(_("first shared day"))
    ends_before = models.DateField(_("ends before"))
    shared_products = models.PositiveIntegerField(_("shared products"))
    shared_customers = models.PositiveBigIntegerField(_("shared customers"))
    certainty = models.CharField(_("certainty"), max_length=12, choices=Certainty, default=Certainty.EXACT)
    evidence: Any = models.JSONField(null=True)
    score = models.PositiveSmallIntegerField(_("severity"))
    level = models.CharField(_("level"), max_length=8, choices=Level)
    state = models.CharField(_("state"), max_length=8, choices=CollisionState, default=CollisionState.OPEN)
    settled_level = models.CharField(max_length=8, choices=Level, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"))
    changed_at = models.DateTimeField(_("last changed"))

    objects = CollisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("collision")
        verbose_name_plural = _("collisions")
        ordering = ["-score", "starts_on", "id"]
        indexes = [models.Index(name="collision_by_state", fields=["state", "-score"])]
        constraints = [
            models.UniqueConstraint(name="collision_is_found_once", fields=["rule", "key", "offer_a", "offer_b"]),
            models.UniqueConstraint(
                # The columns above serve the upsert; this one knows that two orders of one pair are one pair.
                "rule",
                "key",
                Least("offer_a", "offer_b"),
                Greatest("offer_a", "offer_b"),
                name="collision_is_found_once_in_either_order",
            ),
            models.CheckConstraint(
                name="collision_shares_products_and_customers",
                condition=~Q(rule="overlap") | Q(shared_products__gt=0, shared_customers__gt=0),
            ),
            models.CheckConstraint(name="collision_state_is_known", condition=Q(state__in=CollisionState.values)),
            models.CheckConstraint(name="collision_level_is_known", condition=Q(level__in=Level.values)),
            models.CheckConstraint(name="collision_is_between_two_offers", condition=~Q(offer_a=F("offer_b"))),
            models.CheckConstraint(name="collision_certainty_is_known", condition=Q(certainty__in=Certainty.values)),
            models.CheckConstraint(name="collision_has_a_day", condition=Q(ends_before__gt=F("starts_on"))),
            models.CheckConstraint(name="collision_score_is_at_most_100", condition=Q(score__lte=100)),
            models.CheckConstraint(
                name="collision_settled_at_a_level", condition=~Q(state="settled") | ~Q(settled_level="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.pk}"

    @property
    def ends_on(self) -> date:
        """The last shared day."""
        return self.ends_before - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.ends_before - self.starts_on).days


class CollisionMember(models.Model):
    """One of more than two offers of a collision, as it was when the collision was found."""

    collision = models.ForeignKey(Collision, on_delete=models.CASCADE, related_name="members")
    offer = models.ForeignKey("campaigns.Offer", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("offer of a collision")
        verbose_name_plural = _("offers of a collision")
        constraints = [
            models.UniqueConstraint(name="collision_names_an_offer_once", fields=["collision", "offer"]),
        ]


class DetectionRun(models.Model):
    """A detection of everything: asked for (the row is the queue), started, finished.

    One that started in one piece has `shards` 1 and no DetectionShard rows; it has done that piece once it is finished.
    """

    requested_at = models.DateTimeField(_("asked for"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    with_past = models.BooleanField(_("with offers that have ended"), default=False)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    offers = models.PositiveIntegerField(_("offers"), default=0)
    pairs = models.PositiveIntegerField(_("collisions"), default=0)
    shards = models.PositiveSmallIntegerField(_("parts"), default=1)
    shards_done = models.PositiveSmallIntegerField(_("parts done"), default=0)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("detection")
        verbose_name_plural = _("detections")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_detection_waits_at_a_time",
                fields=["with_past"],
                condition=Q(started_at__isnull=True),
            ),
            models.CheckConstraint(
                name="detection_does_no_more_than_its_parts", condition=Q(shards_done__lte=F("shards"))
            ),
        ]


class DetectionShard(models.Model):
    """A slice of time of a detection that several workers share: the offers that start in it.

    Whoever takes it counts `tries` up and holds it until `lease_until`: nobody with a lower count writes any more.
    `result` has what was found and of what, until the run is stored; see campaigns.actions.collisions.parts.
    `offers` is how many started in it when the plan was cut. Written by campaigns.actions.collisions alone.
    """

    run = models.ForeignKey(DetectionRun, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    starts_from = models.DateField()
    starts_before = models.DateField()
    tries = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    offers = models.PositiveIntegerField(default=0)
    pairs = models.PositiveIntegerField(default=0)
    result = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("part of a detection")
        verbose_name_plural = _("parts of a detection")
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(name="shard_is_cut_once", fields=["run", "number"]),
            models.CheckConstraint(name="shard_has_a_day", condition=Q(starts_before__gt=F("starts_from"))),
            models.CheckConstraint(
                name="shard_is_claimed_before_it_is_done",
                condition=Q(finished_at__isnull=True) | Q(tries__gt=0, claimed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"
