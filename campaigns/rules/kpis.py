"""The KPIs that are known here, by which words they are recognised, and those that only flatter.

A campaign names its KPI in words of its own, which imports and other systems write too; it is recognised in English and
Spanish. A vanity metric counts what was sent or looked at: it grows by sending more, whatever that did for the company.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.rules.phrases import Phrases


@dataclass(frozen=True)
class Kpi:
    """`words`: phrases of both languages, any of which tells that this is meant."""

    code: str
    name: Any
    words: tuple[str, ...]
    is_vanity: bool = False


KPIS = (
    Kpi(
        "conversion_rate",
        _("Conversion rate"),
        ("conversion*", "converted", "convert", "convertid*", "convierten", "purchase rate", "tasa de compra"),
    ),
    Kpi(
        "average_order_value",
        _("Average order value"),
        (
            *("average order*", "order value", "aov", "average basket", "basket value", "average ticket"),
            *("valor medio", "pedido medio", "ticket medio", "ticket promedio", "cesta media", "valor del pedido"),
        ),
    ),
    Kpi(
        "revenue",
        _("Revenue"),
        (
            *("revenue*", "turnover", "sales", "sold", "units sold"),
            *("ingreso*", "venta*", "vendid*", "facturacion", "facturado"),
        ),
    ),
    Kpi(
        "roi",
        _("Return on investment (ROI)"),
        ("roi", "romi", "roas", "return on investment", "return on ad spend", "retorno", "rentabilidad"),
    ),
    Kpi(
        "clv",
        _("Customer lifetime value (CLV)"),
        (
            *("clv", "cltv", "ltv", "lifetime value", "customer value"),
            *("valor de vida", "valor del cliente", "valor de por vida"),
        ),
    ),
    Kpi("margin", _("Margin"), ("margin*", "profit*", "margen*", "beneficio*")),
    Kpi(
        "repeat_purchases",
        _("Repeat purchases"),
        (
            *(
                "repeat*",
                "repurchase*",
                "returning customer*",
                "second purchase*",
                "retention",
                "purchases per customer",
            ),
            *("recompra*", "compras repetidas", "repiten", "segunda compra", "clientes recurrentes", "retencion"),
        ),
    ),
    Kpi(
        "redemption_rate",
        _("Redemption rate"),
        ("redemption*", "redeem*", "canje*", "coupons used", "used coupons", "cupones usados"),
    ),
    Kpi(
        "new_customers",
        _("New customers"),
        (
            *("new customer*", "acquisition", "account opening*", "accounts opened"),
            *("clientes nuevos", "nuevos clientes", "captacion", "captados", "apertura de cuenta*"),
            *("aperturas de cuenta*", "cuentas abiertas"),
        ),
    ),
    Kpi("cross_sales", _("Products per order"), ("per order", "attach rate", "por pedido", "por cesta", "per basket")),
    Kpi("opt_outs", _("Opt-outs"), ("opt-out*", "unsubscri*", "baja", "bajas", "cancelaciones de suscripcion")),
    Kpi("complaints", _("Complaints"), ("complaint*", "queja*", "reclamacion*")),
    Kpi("nps", _("Recommendation (NPS)"), ("nps", "net promoter*", "recommend us", "nos recomiendan")),
    Kpi(
        "csat", _("Customer satisfaction (CSAT)"), ("csat", "satisfaction", "satisfied", "satisfaccion", "satisfech*")
    ),
    Kpi(
        "sends",
        _("Sends"),
        ("sends", "sent", "messages delivered", "envios", "enviad*", "mensajes entregados"),
        is_vanity=True,
    ),
    Kpi(
        "visits",
        _("Visits"),
        (
            *("visit", "visits", "visitor*", "page view*", "pageview*", "traffic", "web sessions"),
            *("visita*", "paginas vistas", "trafico", "sesiones web"),
        ),
        is_vanity=True,
    ),
    Kpi(
        "opens",
        _("Opens"),
        (
            *("opens", "open rate", "open rates", "opening rate", "opened", "email opens", "mail opens"),
            *("apertura", "aperturas", "tasa de apertura", "correos abiertos", "mensajes abiertos"),
        ),
        is_vanity=True,
    ),
    Kpi(
        "likes",
        _("Likes and followers"),
        ("likes", "followers", "me gusta", "seguidor*", "reactions", "reacciones"),
        is_vanity=True,
    ),
    Kpi(
        "impressions",
        _("Impressions and reach"),
        (
            *("impression*", "views", "reach", "people reached", "eyeballs"),
            *("impresion*", "visualizacion*", "alcance", "personas alcanzadas", "reproducciones"),
        ),
        is_vanity=True,
    ),
)
# Named where a vanity metric is refused: what the same campaign could be measured by.
BETTER = ("conversion_rate", "average_order_value", "repeat_purchases")
BY_CODE = {one.code: one for one in KPIS}


def recognised(text: str) -> Kpi | None:
    """The KPI that a text means; `None` = none that is known here.

    Of several the one that says more counts: “conversion of visits” is a conversion rate.
    """
    found = list(_all_in(text))
    return next((one for one in found if not one.is_vanity), found[0] if found else None)


def _all_in(text: str) -> Iterator[Kpi]:
    return (one.means for one in _phrases().find(text))


@cache
def _phrases() -> Phrases[Kpi]:
    return Phrases((words, one) for one in KPIS for words in one.words)
