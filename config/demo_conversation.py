"""What the sides of one case of the demo say to each other, in the languages in which its people write, and when they meet."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from approvals.actions import meetings, statements
from approvals.choices import CaseState
from approvals.models import Case
from customers.clock import local_day

_STOCK = "producto;tienda;unidades\nhogar-17;centro;140\nhogar-17;norte;35\n"


def converse(users: Mapping[str, User], *, now: datetime) -> None:
    """Facts and claims of both sides, a question, and a meeting, in the first case of CRM and Marketing that negotiates."""
    departments = ["CRM", "MKT"]
    pairs = {"campaign_a__department__code__in": departments, "campaign_b__department__code__in": departments}
    case = Case.objects.filter(state=CaseState.NEGOTIATION, **pairs).order_by("pk").first()
    if case is None:
        return

    def say(by: str, kind: str, text: str, source: str = "", **more: object) -> None:
        statements.state(case=case, kind=kind, text=text, source=source, by=users[by], now=now, **more)

    say(
        "lucia",
        "fact",
        "Los cupones de esta campaña ya están impresos: 12.000 unidades con la fecha puesta.",
        "Pedido 4471 a la imprenta, página 1",
        files=[("existencias.csv", _STOCK.encode())],
    )
    say("lucia", "claim", "Si movemos las fechas perdemos la semana de más ventas del trimestre.")
    say(
        "james",
        "fact",
        "The leaflet goes to the printer on Thursday; after that no date in it can change.",
        "https://intranet.example/print/calendar",
    )
    say("james", "claim", "Two coupons in one week teach customers to wait for the deeper one.")
    say("daniel", "comment", "¿Podría salir vuestro folleto sin los productos de nuestros cupones, @carla?")
    day = local_day(now) + timedelta(days=2)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    meetings.propose(
        case=case,
        starts_at=timezone.make_aware(datetime.combine(day, time(10))),
        minutes=45,
        place="Sala 3 / https://meet.example/concordia",
        agenda="1. Qué fechas no se pueden mover\n2. Productos que se solapan",
        by=users["daniel"],
        now=now,
    )
