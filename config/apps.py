from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Has no models: it is installed for the commands that need the whole house."""

    name = "config"
