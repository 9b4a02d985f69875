from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("Agreement")

    def ready(self) -> None:
        # Models can be imported from here on.
        from approvals.actions import briefings, case_reactions, discussion, request_erasure, reviews, working_time
        from customers.actions import events

        for reaction in (case_reactions, discussion, reviews, briefings, request_erasure, working_time):
            for topic in reaction.TOPICS:
                events.listen(topic, "approvals.tasks.task_react")
