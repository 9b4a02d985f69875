from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    """Has no models: it is installed for the commands that need the whole house."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401 - registered by being imported, once settings are there


class ConcordiaAdminConfig(admin_apps.AdminConfig):
    """The admin, on our own site."""

    default_site = "config.site.ConcordiaAdminSite"
    default = False
