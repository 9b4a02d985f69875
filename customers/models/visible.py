"""Which rows a person may see. Every page, list, filter and feed reads through `Model.objects.visible(user)`."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models

from customers.permissions import is_administrator, works_with_data

User = AbstractBaseUser | AnonymousUser


class ReferenceQuerySet(models.QuerySet):
    """Reference data: everybody who works here sees it."""

    def visible(self, user: User) -> Self:
        return self if user.is_active and getattr(user, "is_staff", False) else self.none()


class DataQuerySet(models.QuerySet):
    """Personal and raw data: analysts and administrators."""

    def visible(self, user: User) -> Self:
        return self if works_with_data(user) else self.none()


class AdministratorQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        return self if is_administrator(user) else self.none()
