"""Which KPI a text means, in both languages, and that what only flatters is told apart."""

import pytest

from campaigns.rules.kpis import BETTER, BY_CODE, KPIS, recognised


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("conversion rate", "conversion_rate"),
        ("Tasa de conversión", "conversion_rate"),
        ("Average order value", "average_order_value"),
        ("Valor medio del pedido", "average_order_value"),
        ("Revenue per customer", "revenue"),
        ("Ventas netas", "revenue"),
        ("ROI", "roi"),
        ("Retorno de la inversión", "roi"),
        ("CLV", "clv"),
        ("Margen bruto", "margin"),
        ("returning customers", "repeat_purchases"),
        ("Compras repetidas", "repeat_purchases"),
        ("Redeemed coupons", "redemption_rate"),
        ("Cupones canjeados", "redemption_rate"),
        ("New customers", "new_customers"),
        ("Clientes nuevos", "new_customers"),
        ("Aperturas de cuenta", "new_customers"),
        ("Opt-outs", "opt_outs"),
        ("Bajas", "opt_outs"),
        ("NPS", "nps"),
        ("Satisfacción del cliente", "csat"),
        ("Number of sends", "sends"),
        ("Correos enviados", "sends"),
        ("Website visits", "visits"),
        ("Visitas a la web", "visits"),
        ("Open rate of the mailing", "opens"),
        ("Tasa de apertura", "opens"),
        ("LIKES", "likes"),
        ("Número de “me gusta”", "likes"),
        ("Impressions", "impressions"),
        ("impresiones", "impressions"),
    ],
)
def test_a_kpi_is_recognised_in_either_language(text, code):
    assert recognised(text).code == code


@pytest.mark.parametrize(
    "text", ["Conversion of visits", "Revenue per send", "Visitas que acaban en compra repetida y ventas"]
)
def test_what_says_more_than_that_it_was_looked_at_is_no_vanity(text):
    assert not recognised(text).is_vanity


@pytest.mark.parametrize(
    "text", ["", "  ", "Smiles at the till", "Likelihood", "Reopening", "Opening hours", "visado"]
)
def test_what_is_not_known_is_not_guessed(text):
    assert recognised(text) is None


def test_everything_that_people_choose_means_itself():
    assert {one.code for one in KPIS if one.is_vanity} == {"sends", "visits", "opens", "likes", "impressions"}
    assert not any(BY_CODE[code].is_vanity for code in BETTER)
    assert [recognised(str(one.name)) for one in KPIS] == list(KPIS)
