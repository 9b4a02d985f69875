from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("Agreement")

    def ready(self) -> None:
        from approvals.actions import (  # models can be imported from here on
            briefings,
            cases,
            discussion,
            reviews,
            working_time,
        )
        from customers.actions import events

        for topic in (*cases.TOPICS, *discussion.TOPICS, *reviews.TOPICS, *briefings.TOPICS, *working_time.TOPICS):
            events.listen(topic, "approvals.tasks.task_react")
