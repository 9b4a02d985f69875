"""Text that means something to a database, a template, a browser, a mail program or a spreadsheet: kept and shown as text."""

import csv

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import escape

from approvals.models import Mail
from approvals.tests.builders import make_department, make_offer, make_products, make_segment, settle_down, submit
from campaigns.actions.import_dataset import import_dataset
from campaigns.models import Campaign, Collision, Department, Offer, Product
from campaigns.tests import factories as make
from campaigns.tests.dataset_folders import whole, write_csv
from customers.models import HistoryEntry
from customers.rules.spreadsheet import literal
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

PAYLOADS = [
    "' OR 1=1--",
    '"; DROP TABLE campaigns_offer; --',
    "{{7*7}}",
    "{% debug %}",
    "${7*7}",
    "%(name)s %s %d",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)",
    "+cmd|' /C calc'!A0",
    "-1+1",
    "../../etc/passwd",
    "%00",
    "&lt;b&gt;",
]
BROWSER = [payload for payload in PAYLOADS if "<" in payload]


@pytest.fixture
def administrator():
    return make.make_user("root", is_superuser=True)


def shown_as_text(pages, payload):
    """It stands on at least one page, escaped, and on none as the browser would take it."""
    assert any(escape(payload) in page for page in pages), payload
    if payload in BROWSER:
        assert not any(payload in page for page in pages), payload


def test_imported_text_is_kept_and_shown_literally(administrator, tmp_path):
    tables = whole()
    for table in ("products", "campaigns", "offers", "segments", "channels"):
        first = tables[table][0]
        for number, payload in enumerate(PAYLOADS):
            row = dict.fromkeys(first, "") | {"code": f"X{number}", "name": payload}
            row |= {"products": {"category": "fruit", "brand": payload}}.get(table, {})
            if table == "campaigns":
                row |= {name: first[name] for name in ("department", "starts_on", "ends_on")}
                row |= {"goal": payload, "kpi": payload}
            if table == "offers":
                row |= {"campaign": f"X{number}", "segments": f"X{number}", "channels": f"X{number}"}
            tables[table].append(row)
    tables["departments"][0] |= {"business_unit": PAYLOADS[6], "value_proposition": "\n".join(PAYLOADS)}
    report = import_dataset(write_csv(tmp_path, tables), by=None, now=timezone.now())
    assert report.errors == []
    assert Department.objects.get(code="CRM").value_proposition == "\n".join(PAYLOADS)
    client = signed_in(administrator)
    for number, payload in list(enumerate(PAYLOADS))[::3]:
        campaign, offer = Campaign.objects.get(code=f"X{number}"), Offer.objects.get(code=f"X{number}")
        product = Product.objects.get(code=f"X{number}")
        assert (campaign.name, campaign.goal, campaign.kpi) == (payload,) * 3
        assert (offer.name, product.name, product.brand) == (payload,) * 3
        addresses = [
            reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
            reverse("admin:campaigns_offer_change", args=[offer.pk]),
            reverse("admin:campaigns_product_change", args=[product.pk]),
            reverse("admin:campaigns_product_changelist") + f"?q=X{number}",
            reverse("admin:campaigns_campaign_changelist") + f"?q=X{number}",
            reverse("admin:customers_segment_changelist") + f"?q=X{number}",
        ]
        pages = [client.get(address).content.decode() for address in addresses]
        for page in pages:
            shown_as_text([page], payload)
    assert Offer.objects.count() == 3 + len(PAYLOADS)


def test_typed_text_is_kept_and_shown_literally():
    lead = make.lead_of(make.make_department("CRM"))
    plan = make.make_campaign(Department.objects.get(), "CRM-1", starts_on=timezone.localdate())
    client = signed_in(lead)
    for payload in PAYLOADS[::2]:
        days = {"starts_on": plan.starts_on.isoformat(), "last_day": plan.ends_on.isoformat()}
        texts = dict.fromkeys(("name", "what", "who", "where", "how", "goal", "kpi"), payload)
        assert client.post(reverse("admin:campaigns_campaign_brief", args=[plan.pk]), days | texts).status_code == 302
        plan.refresh_from_db()
        assert {getattr(plan, field) for field in texts} == {payload}
        page = client.get(reverse("admin:campaigns_campaign_change", args=[plan.pk])).content.decode()
        shown_as_text(
            [page, client.get(reverse("admin:campaigns_campaign_brief", args=[plan.pk])).content.decode()], payload
        )
    root = signed_in(make.make_user("root", is_superuser=True))
    pages = [root.get(reverse("admin:customers_historyentry_changelist")).content.decode()]
    shown_as_text(pages, "<script>alert(1)</script>")
    assert HistoryEntry.objects.filter(verb="change").count() == len(PAYLOADS[::2])


@pytest.mark.parametrize("payload", [*BROWSER, *PAYLOADS[2:6], "a@b Bcc: c"])
def test_mails_say_it_literally(payload):
    segment, products = make_segment(numbers=range(50)), make_products(3)
    for code in ("MKT", "SAL"):
        campaign = make.make_campaign(make_department(code), f"{code}-1", name=f"{payload} {code}")
        make_offer(campaign, f"{code}-1-A", segments=[segment], products=products)
        submit(campaign)
    settle_down()
    mails = list(Mail.objects.filter(event="case_opened") or Mail.objects.all())
    assert mails
    for mail in mails:
        assert "\n" not in mail.subject
        assert "\r" not in mail.subject
        assert payload in mail.text
        assert escape(payload) in mail.html
        if payload in BROWSER:
            assert payload not in mail.html


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("CJ08-1001", "CJ08-1001"),
        ("overlap", "overlap"),
        ("", ""),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("a=1", "a=1"),
    ],
)
def test_cells_of_text_are_no_formulas(text, cell):
    assert literal(text) == cell


def test_the_export_keeps_numbers_numbers_and_codes_text(tmp_path):
    segment, products = make_segment(numbers=range(50)), make_products(3)
    for code in ("MKT", "-SAL"):
        campaign = make.make_campaign(make_department(code), f"{code}-1")
        make_offer(campaign, f"{code}-1-A", segments=[segment], products=products)
        submit(campaign)
    settle_down()
    call_command("export_collisions", "-o", str(tmp_path / "out.csv"))
    (row,) = csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines())
    codes = [row[f"{what}_{side}"] for what in ("offer", "campaign", "department") for side in "ab"]
    assert codes == ["'-SAL-1-A", "MKT-1-A", "'-SAL-1", "MKT-1", "'-SAL", "MKT"]
    assert (row["overlap_days"], row["shared_products"], row["shared_customers"]) == ("10", "3", "50")


HOSTILE = [
    "?p=-1",
    "?p=0",
    "?p=999999999999999999999",
    "?p=abc",
    "?p=1&p=2",
    "?page=-1&page_size=1000000000",
    "?o=password",
    "?o=-99.999",
    "?o=99999999999999999999999",
    "?o=1.1.1.-1",
    "?q=%00",
    "?q=" + "x" * 5000,
    "?q=%27%20OR%201=1--",
    "?q=%F0%9F%98%80%ED%A0%80",
    "?all=&_popup=1",
    "?_to_field=password",
    "?pk=abc&id=1e9",
    "?id__in=1,2,x",
    "?department=99999999999999999999999999",
    "?campaign=%00&offer=-1",
    "?from=0000-00-00",
    "?from=9999-12-31",
    "?e=1",
    "?turn=x&state=x&mine=x",
]
KEYS = ["0", "-1", "999999999999999999999999999999", "abc", "1%00", "' OR 1=1--", "1;2", "٣", "..%2F..%2Fetc"]


def test_no_address_and_no_query_breaks_a_page(administrator):
    plan = make.make_campaign(make.make_department("CRM"), "CRM-1")
    make.make_offer(plan)
    client = signed_in(administrator)
    client.raise_request_exception = False
    broken = []
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        try:
            listed = reverse(f"{name}_changelist")
        except NoReverseMatch:
            continue  # its pages are those of campaigns
        # Lists are made alike: three with many filters are asked everything.
        asked = HOSTILE if model in {Campaign, Collision, Product} else HOSTILE[::5]
        tried = [listed + query for query in asked] + [f"{listed}{key}/change/" for key in KEYS[::3]]
        broken += [address for address in tried if client.get(address).status_code not in {200, 302, 400, 403, 404}]
    for page in ("campaigns/campaign/{}/brief/", "campaigns/offer/{}/products/", "campaigns/collision/{}/customers/",
                 "customers/segment/{}/members/", "approvals/case/{}/days/", "campaigns/importrun/{}/problems.csv"):  # fmt: skip
        tried = [f"/admin/{page.format(key)}" for key in KEYS]
        # Django leads what is no address of ours to a change page, and from there home.
        broken += [address for address in tried if client.get(address, follow=True).status_code not in {200, 400, 404}]
    plans = "/admin/campaigns/campaign/plan/"
    broken += [query for query in HOSTILE if client.get(plans + query).status_code not in {200, 302, 400, 404}]
    assert broken == []


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options", "head"])
def test_no_method_breaks_a_page(administrator, method):
    client = signed_in(administrator)
    client.raise_request_exception = False
    for address in ("/admin/", "/admin/campaigns/campaign/", "/admin/campaigns/importrun/upload/", "/admin/language/"):
        assert getattr(client, method)(address).status_code in {200, 302, 400, 403, 404, 405}


def test_a_method_cannot_be_changed_by_a_header(administrator):
    department = make.make_department("CRM")
    client = signed_in(administrator)
    for header in ("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE"):
        address = reverse("admin:campaigns_detectionrun_detect")
        assert client.get(address, **{header: "POST"}).status_code == 405
    assert Department.objects.get() == department


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:80", ""]
)
def test_another_host_is_refused(host):
    client = Client(raise_request_exception=False)
    assert client.get("/admin/login/", headers={"host": host}).status_code == 400
