"""Where the tools of departments overlap."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.choices import ToolPurpose
from campaigns.models import Tool


def overlapping(tool: Tool) -> QuerySet[Tool]:
    """Tools of other departments for the same purpose; "something else" is no purpose in common."""
    tools = Tool.objects.exclude(purpose=ToolPurpose.OTHER).exclude(department=tool.department_id)
    return tools.filter(purpose=tool.purpose).select_related("department").order_by("department__name", "name")


def with_overlaps(tools: QuerySet[Tool]) -> QuerySet[Tool]:
    """Annotates how many tools of other departments each overlaps with, as `overlaps`."""
    others = Tool.objects.exclude(purpose=ToolPurpose.OTHER).filter(purpose=OuterRef("purpose"))
    others = others.exclude(department=OuterRef("department")).order_by().values("purpose")
    count = Subquery(others.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return tools.annotate(overlaps=Coalesce(count, 0))
