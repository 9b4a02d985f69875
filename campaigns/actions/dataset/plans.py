"""Writing campaigns: as drafts first; what their file says of their status comes when their offers are there."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User

from campaigns.actions import access, lifecycle, planning
from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.runs import Run
from campaigns.actions.dataset.typed import arrange, take
from campaigns.choices import CampaignStatus, RaciLetter
from campaigns.models import Campaign, Department, RaciRole
from customers.actions import events, history
from customers.actions.history import Entry
from customers.actions.upsert import upsert

ONE_DAY = timedelta(days=1)

Changes = Mapping[str, tuple[Any, Any]]


def write_campaigns(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    total = arrange(folder, "campaigns", "line")
    people = _People()
    for start, end in run.pieces("campaigns", total, 250):
        with run.piece("campaigns", end, total) as count:
            rows = take(folder, "campaigns", start, end)
            statuses = {row["code"]: row.pop("status", "") for row in rows}
            stored = people.stored(rows)
            access.lock_departments(row["department_id"] for row in stored)
            done = upsert(Campaign, stored, before_insert=people.make_leads_accountable, keys_wanted=True)
            count("campaigns", done.counts)
            new = {campaign.code for campaign in done.created} | run.adopt(statuses)
            run.new_campaigns |= {code: statuses[code] for code in new}
            planning.add_activities(done.created)
            made = [Entry("import", f"campaign:{campaign.code}") for campaign in done.created]
            history.write_many(made, by=by, now=run.now)
            _tell_of_unled(done.created, run)
            changed = dict(done.changed) | {campaign: {} for campaign in done.unchanged}
            followed = [
                campaign for campaign, changes in changed.items() if _follow(campaign, changes, people, run, by)
            ]
            access.reconcile([campaign.pk for campaign in (*done.created, *followed)])
            if followed:
                lifecycle.tell_reviewers([campaign.pk for campaign in followed], now=run.now)


class _People:
    """Departments with their leads, and the names that cells give for both."""

    def __init__(self) -> None:
        self.departments = {department.code: department for department in Department.objects.all()}
        self._leads = {department.pk: planning.lead_of(department) for department in self.departments.values()}

    def stored(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Cells under the names that the model has."""
        contacts = {row["contact_person"] for row in rows if row.get("contact_person")}
        users = dict(User.objects.filter(username__in=contacts).values_list("username", "pk"))
        stored = []
        for row in rows:
            fields = dict(row)
            fields["department_id"] = self.departments[fields.pop("department")].pk
            fields["ends_before"] = fields.pop("ends_on") + ONE_DAY
            if "contact_person" in fields:
                fields["contact_person_id"] = users.get(fields.pop("contact_person"))
            stored.append(fields)
        return stored

    def make_leads_accountable(self, campaigns: Sequence[Campaign]) -> None:
        for campaign in campaigns:
            campaign.accountable = self.lead_of(campaign)

    def lead_of(self, campaign: Campaign) -> User | None:
        return self._leads[campaign.department_id]

    def names(self, changes: Changes) -> dict[str, tuple[Any, Any]]:
        """Changes as the history tells them: by code and user name."""
        codes = {department.pk: department.code for department in self.departments.values()}
        told = dict(changes)
        if "department_id" in told:
            before, after = told.pop("department_id")
            told["department"] = codes[before], codes[after]
        if "contact_person_id" in told:
            before, after = told.pop("contact_person_id")
            users = dict(User.objects.filter(pk__in=[before or 0, after or 0]).values_list("pk", "username"))
            told["contact_person"] = users.get(before), users.get(after)
        return told


def _follow(campaign: Campaign, changes: Changes, people: _People, run: Run, by: AbstractBaseUser | None) -> bool:
    """What a change of an existing campaign owes; False if there is none. Its status stays whatever its file says.

    A campaign that nobody answers for, or that came to another department, goes to that department's lead.
    """
    told = people.names(changes)
    lead = people.lead_of(campaign)
    if "department_id" in changes:
        _hand_over(campaign, *changes["department_id"])
    lead_id = lead.pk if lead else None
    if ("department_id" in changes or campaign.accountable_id is None) and campaign.accountable_id != lead_id:
        told["accountable"] = (_username(campaign.accountable), _username(lead))
        campaign.accountable = lead
        campaign.save(update_fields=["accountable"])
    if told:
        history.write(by=by, now=run.now, verb="import", subject=f"campaign:{campaign.code}", changes=told)
    return bool(told)


def _username(user: User | None) -> str | None:
    return user.get_username() if user else None


def _hand_over(campaign: Campaign, before: int, after: int) -> None:
    """What the old department does (R) in this campaign, the new one does from now on."""
    roles = RaciRole.objects.filter(activity__campaign=campaign, user__isnull=True)
    done = list(roles.filter(department=before, letter=RaciLetter.RESPONSIBLE))
    roles.filter(department=after, activity__in=[role.activity_id for role in done]).delete()
    RaciRole.objects.filter(pk__in=[role.pk for role in done]).update(department=after)


def _tell_of_unled(campaigns: Sequence[Campaign], run: Run) -> None:
    for campaign in campaigns:
        if campaign.accountable_id is None:
            events.record("campaign.unled", now=run.now, campaign=campaign.pk)


def set_statuses(run: Run) -> None:
    """Bring the campaigns that this run has made to the status their file says, now that all their content is there."""
    for status, move in (
        (CampaignStatus.SUBMITTED, lifecycle.submit_by_import),
        (CampaignStatus.APPROVED, lifecycle.approve_by_import),
    ):
        codes = sorted(code for code, wanted in run.new_campaigns.items() if wanted == status)
        for start, end in run.pieces(f"status {status}", len(codes), 100):
            with run.piece(f"status {status}", end, len(codes)):
                # Nobody else's decision is overruled: somebody may have cancelled it since an interrupted run.
                waiting = Campaign.objects.filter(code__in=codes[start:end], status=CampaignStatus.DRAFT)
                move(list(waiting.values_list("pk", flat=True)), now=run.now)
