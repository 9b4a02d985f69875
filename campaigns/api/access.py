"""Which parts of the house a reader finds here at all; the same as on the pages."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from campaigns.permissions import can_detect, sees_plans, staff_role
from customers.permissions import works_with_data
from customers.rest.access import Staff


class SeesPlans(Staff):
    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and sees_plans(staff_role(request.user))


class AsksForDetections(Staff):
    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and can_detect(staff_role(request.user))


class WorksWithDataToWrite(Staff):
    """Asked before files are looked at; the action asks again."""

    def has_permission(self, request: Request, view: Any) -> bool:
        is_reading = request.method in SAFE_METHODS
        return super().has_permission(request, view) and (is_reading or works_with_data(request.user))
