"""What is said in a case, its files, and the meeting of its parties."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.choices import StatementKind
from approvals.models import Attachment, Meeting, Statement
from approvals.models.comments import LONGEST_COMMENT
from approvals.models.meetings import LONGEST_AGENDA, LONGEST_PLACE
from approvals.models.statements import LONGEST_SOURCE
from approvals.rules.attachments import LARGEST, MOST, FileKind
from approvals.rules.meetings import LONGEST, SHORTEST
from customers.rest.fields import PersonField, ProseField, StrictCharField, StrictIntegerField
from customers.rest.serializers import RowSerializer, StrictSerializer


class AttachmentSerializer(RowSerializer):
    url = serializers.SerializerMethodField(help_text="Where its content is.")

    class Meta:
        model = Attachment
        fields = ["id", "name", "kind", "size", "sha256", "url"]
        read_only_fields = fields

    def get_url(self, file: Attachment) -> str:
        address = reverse("api:attachment-detail", args=[file.pk])
        request = self.context.get("request")
        return request.build_absolute_uri(address) if request else address


class StatementSerializer(RowSerializer):
    case = serializers.IntegerField(source="case_id", read_only=True, help_text="Id.")
    side = serializers.CharField(
        source="side.code",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="Code of the campaign in whose name it was said; null: by the mediator.",
    )
    author = PersonField(read_only=True)
    text = serializers.CharField(source="shown", read_only=True, help_text="Empty once it is retracted.")
    source = serializers.SerializerMethodField(help_text="Where a fact can be checked.")
    mentions = serializers.SerializerMethodField(help_text="User names, alphabetically; none once it is retracted.")
    attachments = serializers.SerializerMethodField(help_text="None once it is retracted.")
    retracted_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="By its author; null as long as it stands."
    )

    class Meta:
        model = Statement
        fields = [
            "id",
            "case",
            "kind",
            "side",
            "author",
            "written_at",
            "text",
            "source",
            "mentions",
            "attachments",
            "retracted_at",
        ]
        read_only_fields = fields

    def get_source(self, statement: Statement) -> str:
        return "" if statement.retracted_at else statement.source

    def get_mentions(self, statement: Statement) -> list[str]:
        return [] if statement.retracted_at else sorted(person.username for person in statement.mentions.all())

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, statement: Statement) -> object:
        files = [] if statement.retracted_at else statement.attachments.all()
        return AttachmentSerializer(files, many=True, context=self.context).data


class NewStatementSerializer(StrictSerializer):
    kind = serializers.ChoiceField(StatementKind.choices, help_text="The mediator only comments.")
    text = ProseField(
        max_length=LONGEST_COMMENT, help_text="`@username` tells a colleague who may read the case by name."
    )
    source = StrictCharField(
        max_length=LONGEST_SOURCE,
        required=False,
        allow_blank=True,
        default="",
        help_text="Where a fact can be checked, which it must say.",
    )
    side = StrictCharField(
        max_length=64,
        required=False,
        allow_blank=True,
        default="",
        help_text="Code of the campaign in whose name; for who speaks for both.",
    )
    files = serializers.ListField(
        child=serializers.FileField(max_length=255, allow_empty_file=True),
        required=False,
        default=list,
        max_length=MOST,
        help_text=f"As a form: at most {MOST} of {LARGEST // 2**20} MB each; {', '.join(FileKind)}.",
    )


class MeetingSerializer(RowSerializer):
    case = serializers.IntegerField(source="case_id", read_only=True, help_text="Id.")
    ends_at = serializers.DateTimeField(read_only=True)
    proposed_by = PersonField(read_only=True)

    class Meta:
        model = Meeting
        fields = [
            "id",
            "case",
            "uid",
            "sequence",
            "state",
            "starts_at",
            "ends_at",
            "minutes",
            "place",
            "agenda",
            "proposed_by",
            "proposed_at",
        ]
        read_only_fields = fields


class MeetSerializer(StrictSerializer):
    starts_at = serializers.DateTimeField(help_text="In the future, at most a year ahead.")
    minutes = StrictIntegerField(min_value=SHORTEST, max_value=LONGEST)
    place = StrictCharField(max_length=LONGEST_PLACE, help_text="A room, or the link of a call.")
    agenda = ProseField(max_length=LONGEST_AGENDA, required=False, allow_blank=True, default="")
