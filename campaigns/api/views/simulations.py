from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions import offers as actions
from campaigns.actions.simulation import simulate
from campaigns.api.access import SeesPlans
from campaigns.api.serializers.offers import reach_of, terms_of
from campaigns.api.serializers.promises import promises_of
from campaigns.api.serializers.simulations import SimulationSerializer, TrySerializer
from campaigns.api.views.offers import OfferViewSet
from campaigns.models import Offer
from campaigns.queries.explanation import reader_of
from campaigns.queries.what_if import Told, tell
from customers.rest.idempotency import idempotent
from customers.rest.problems import from_domain
from customers.rest.viewsets import StrictViewSet

MOST = 100


class SimulationViewSet(StrictViewSet):
    """What an offer would collide with, without saving it."""

    permission_classes = (SeesPlans,)
    serializer_class = TrySerializer

    @extend_schema(request=TrySerializer, responses={200: SimulationSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Try an offer, or changes of one, on a campaign that one may change: nothing is written."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        part, change = _change(asked.validated_data, request.user)
        now, reader = timezone.now(), reader_of(request.user)
        try:
            tried = simulate(partial(change, by=request.user, now=now, confirmed=None), now=now, reader=reader)
        except ValidationError as error:
            refusal = from_domain(error, OfferViewSet.renamed)
            if isinstance(refusal, exceptions.ValidationError):
                raise exceptions.ValidationError({part: refusal.detail}) from error
            raise refusal from error
        told = tell(tried, request.user, reader, most=MOST)
        return Response(SimulationSerializer(_answer(told), context=self.get_serializer_context()).data)


def _change(values: dict[str, Any], user: Any) -> tuple[str, Callable[..., Offer]]:
    """The part of the body that says what to try, and the action that does it."""
    part = "change" if "offer" in values else "new_offer"
    given = dict(values.get(part, {}))
    content = {"fields": terms_of(given), "reach": reach_of(given), "promises": promises_of(given)}
    if part == "change":
        return part, partial(actions.change_offer, offer=values["offer"], **content)
    return part, partial(actions.plan_offer, campaign=given["campaign"], code=given["code"], **content)


def _answer(told: Told) -> dict[str, Any]:
    hits = [*told.hits, *told.within]
    return {
        "collisions": hits,
        "collision_count": told.hit_count + told.within_count,
        "gone": told.gone,
        "gone_count": told.gone_count + told.unseen,
        "self_checks": told.self_checks,
    }
