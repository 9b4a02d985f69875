from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("Agreement")

    def ready(self) -> None:
        from approvals.actions import briefings, cases, discussion, reviews  # models can be imported from here on
        from customers.actions import events

        for topic in (*cases.TOPICS, *discussion.TOPICS, *reviews.TOPICS, *briefings.TOPICS):
            events.listen(topic, "approvals.tasks.task_react")
