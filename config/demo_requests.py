"""Customers' requests of the demo: one that waits, one that wanders and is late, one answered twice, and what is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from approvals.actions import request_answers, requests
from approvals.models import Briefing, CustomerRequest
from campaigns.choices import CampaignStatus
from campaigns.models import Department
from customers.models import Customer


def ask_the_house(users: Mapping[str, User], *, now: datetime) -> None:
    """Five requests in different states, in the languages in which people of the demo write."""
    departments = {one.code: one for one in Department.objects.all()}
    running = Briefing.objects.filter(campaign__status=CampaignStatus.LIVE).order_by("campaign__code").first()
    campaign = running.campaign.code if running else ""
    customers = list(Customer.objects.order_by("number").values_list("code", flat=True)[:3])

    def ask(by: str, channel: str, asked: str, hours: int, **more: str) -> CustomerRequest:
        received = now - timedelta(hours=hours)
        return requests.record(channel=channel, asked=asked, by=users[by], now=now, received_at=received, **more)

    def hand(request: CustomerRequest, by: str, to: str, reason: str) -> None:
        requests.hand_over(request=request, department=departments[to], reason=reason, by=users[by], now=now)

    def answer(request: CustomerRequest, by: str, text: str) -> None:
        request_answers.answer(request=request, text=text, by=users[by], now=now)

    ask(
        "daniel",
        "social",
        "¿El cupón que me habéis enviado vale también en la tienda de mi barrio?",
        1,
        campaign=campaign,
    )
    late = ask("emma", "phone", "Is the sofa on page 3 in stock before the weekend?", 120, customer=customers[0])
    hand(late, "emma", "TRADE", "Stock is yours: we only know whom we wrote to.")
    hand(late, "oliver", "MKT", "The leaflet is yours, and so is what it promises.")
    twice = ask(
        "lucia",
        "mail",
        "En la app pone un 20 % y en el folleto un 15 %. ¿Qué descuento tengo?",
        3,
        customer=customers[1],
        campaign=campaign,
    )
    hand(twice, "lucia", "MKT", "El folleto es vuestro: ¿qué porcentaje es el bueno?")
    answer(twice, "carla", "Vale el 15 % del folleto; el 20 % de la app es de otra campaña.")
    answer(twice, "daniel", "Le aplicamos el 20 % de la app, también en la tienda.")
    done = ask("nuria", "shop", "¿Hasta qué día puedo devolver lo que compré con el cupón?", 6, customer=customers[2])
    answer(done, "nuria", "Hasta treinta días después de la compra, con el tique, en cualquier tienda.")
    requests.close(request=done, by=users["marta"], now=now)
    again = ask("james", "social", "Where is my coupon?", 2)
    requests.withdraw(request=again, reason="Asked twice: the telephone has answered it.", by=users["james"], now=now)
