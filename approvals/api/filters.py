import django_filters
from django.db.models import Q, QuerySet

from approvals.choices import ENDED_STATES, OPEN_STATES, CaseState
from approvals.models import Case, Mail, Mediator, Proposal, Terms
from customers.rest.filters import CodeFilter, FilterSet


class CaseFilters(FilterSet):
    turn = django_filters.ChoiceFilter(
        choices=[("open", "open"), ("mine", "mine"), ("closed", "closed")],
        method="of_turn",
        help_text="open: something is still to happen; mine: waits for my decision; closed: over, however it ended.",
    )
    department = CodeFilter(method="of_side", help_text="Code of a department that is a party, on whichever side.")
    campaign = CodeFilter(method="of_side", help_text="Code of a campaign, on whichever side.")
    mediator = CodeFilter("mediator__username", help_text="User name.")

    class Meta:
        model = Case
        fields = ["state", "level", "outcome"]

    def of_turn(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        if value == "mine":
            return rows.filter(state=CaseState.MEDIATION, mediator_id=self.request.user.pk)
        return rows.filter(state__in=OPEN_STATES if value == "open" else ENDED_STATES)

    def of_side(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        column = "code" if name == "campaign" else "department__code"
        return rows.filter(Q(**{f"campaign_a__{column}": value}) | Q(**{f"campaign_b__{column}": value}))


class MailFilters(FilterSet):
    recipient = CodeFilter("recipient__username", help_text="User name.")
    case = django_filters.NumberFilter("case_id", help_text="Id of a case.")

    class Meta:
        model = Mail
        fields = ["state", "event"]


class ProposalFilters(FilterSet):
    case = django_filters.NumberFilter("case_id", help_text="Id of a case.")

    class Meta:
        model = Proposal
        fields = ["state"]


class MediatorFilters(FilterSet):
    user = CodeFilter("user__username", help_text="User name.")
    department = CodeFilter("department__code", help_text="Code.")

    class Meta:
        model = Mediator
        fields: list[str] = []


class TermsFilters(FilterSet):
    case = django_filters.NumberFilter("case_id", help_text="Id of a case.")

    class Meta:
        model = Terms
        fields = ["state"]
