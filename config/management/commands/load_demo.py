"""manage.py load_demo: fill an empty database with the demo and print who can sign in."""

import json

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.actions.dataset.completejourney import NotInstalled
from campaigns.management.commands.import_dataset import SlowProgress
from config.demo import ESCALATED, PASSWORD, PEOPLE, TODAY, Demo, NotEmpty, load_demo


class Command(BaseCommand):
    help = "Loads the demo into an empty database: public campaign data, made-up people, collisions and cases."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print users, passwords and codes as JSON")

    def handle(self, *, json: bool, **options: object) -> None:
        try:
            demo = load_demo(now=timezone.now(), progress=SlowProgress(self.stderr.write))
        except (NotEmpty, NotInstalled) as error:
            raise CommandError(str(error)) from error
        self._print_json(demo) if json else self._print(demo)

    def _print_json(self, demo: Demo) -> None:
        self.stdout.write(
            json.dumps(
                {
                    "password": PASSWORD,
                    "users": [
                        {
                            "username": person.username,
                            "password": PASSWORD,
                            "name": f"{person.first_name} {person.last_name}",
                            "role": str(person.role),
                            "department": person.department,
                            "language": person.language,
                        }
                        for person in PEOPLE
                    ],
                    "shift_weeks": demo.shift_weeks,
                    "cases": [
                        {
                            "case": case.label,
                            "campaigns": [case.campaign_a.code, case.campaign_b.code],
                            "level": case.level,
                            "state": case.state,
                            "mediator": case.mediator.get_username() if case.mediator else None,
                        }
                        for case in demo.cases
                    ],
                    "tables": demo.report.tables,
                },
                ensure_ascii=False,
                indent=2,
            )
        )

    def _print(self, demo: Demo) -> None:
        self.stdout.write(
            _("The Complete Journey, moved by %(weeks)d weeks so that %(day)s is this week.")
            % {"weeks": demo.shift_weeks, "day": TODAY.isoformat()}
        )
        self.stdout.write(_("Everybody's password is %(password)s.") % {"password": PASSWORD})
        for person in PEOPLE:
            who = f"{person.first_name} {person.last_name}"
            what = f"{person.role}, {person.department}" if person.department else str(person.role)
            self.stdout.write(f"  {person.username:8} {who:16} {person.language}  {what}")
        self.stdout.write(_("Cases:"))
        for case in demo.cases:
            line = f"  {case.label:5} {case.campaign_a.code} - {case.campaign_b.code}  {case.get_level_display()}"
            self.stdout.write(f"{line}, {case.get_state_display()}")
        first, second = ESCALATED
        text = _("%(mediator)s decides the case of %(first)s and %(second)s.")
        self.stdout.write(text % {"mediator": "isabel", "first": first, "second": second})
