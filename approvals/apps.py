from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("Agreement")

    def ready(self) -> None:
        # Models can be imported from here on.
        from approvals.actions import briefings, cases, discussion, request_erasure, reviews, working_time
        from customers.actions import events

        for reaction in (cases, discussion, reviews, briefings, request_erasure, working_time):
            for topic in reaction.TOPICS:
                events.listen(topic, "approvals.tasks.task_react")
