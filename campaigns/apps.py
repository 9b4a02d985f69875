from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Planning")

    def ready(self) -> None:
        from campaigns.actions.collisions import TOPICS  # models can be imported from here on
        from customers.actions import events

        for topic in TOPICS:
            events.listen(topic, "campaigns.tasks.task_refresh")
