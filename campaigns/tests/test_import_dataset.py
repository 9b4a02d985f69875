"""The second pass of an import: what is written, what stays, and that an interrupted import comes to the same end."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, transaction
from pyroaring import BitMap

from campaigns.actions import access, lifecycle, offers
from campaigns.actions.dataset import audiences as dataset_audiences
from campaigns.actions.dataset import tables as dataset_tables
from campaigns.actions.import_dataset import import_dataset
from campaigns.choices import CampaignStatus, Mode
from campaigns.models import (
    Campaign,
    CampaignUserObjectPermission,
    Category,
    Department,
    ImportRun,
    Offer,
    OfferAudience,
    OfferItem,
    Product,
)
from campaigns.queries.content import content_hashes
from campaigns.tests.dataset_folders import whole, write_csv, write_parquet
from campaigns.tests.factories import agreed, make_user
from customers.actions.segments import members, replace_members
from customers.models import Customer, Event, HistoryEntry, Segment

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
RUNNING = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)


def bring(folder, now=NOW, **options):
    report = import_dataset(folder, by=None, now=now, **options)
    assert report.errors == []
    return report


def rows(*, without=("ImportRun", "Heartbeat")):
    """Every row of every table of the house, keys included."""
    models = [m for app in ("customers", "campaigns", "approvals") for m in apps.get_app_config(app).get_models()]
    models.append(Offer.channels.through)
    return {
        model.__name__: [
            {key: bytes(value) if isinstance(value, memoryview) else value for key, value in row.items()}
            for row in model.objects.order_by("pk").values()
        ]
        for model in models
        if model.__name__ not in without
    }


def facts():
    """What an import is about, without the keys that the database gives."""
    offers_by_code = {}
    for offer in Offer.objects.select_related("campaign", "department", "audience", "gift_product"):
        offers_by_code[offer.code] = {
            "campaign": offer.campaign.code,
            "department": offer.department.code,
            "dates": (offer.starts_on, offer.ends_on),
            "terms": (
                offer.mechanic,
                offer.percent_off,
                offer.buy_quantity,
                offer.get_quantity,
                str(offer.gift_product),
            ),
            "rest": (offer.stackable, offer.margin_floor_pct, offer.priority, offer.version, offer.live_since),
            "audience": sorted(offer.audience_rows.values_list("segment__code", "mode")),
            "channels": sorted(offer.channels.values_list("code", flat=True)),
            "products": sorted(offer.product_rows.values_list("product__code", "role", "mode")),
            "categories": sorted(offer.category_rows.values_list("category__code", "role", "mode")),
            "items": sorted(offer.items.values_list("kind", "weight")),
        }
    return {
        "offers": offers_by_code,
        "campaigns": {
            c.code: (
                c.name,
                c.department.code,
                c.status,
                str(c.accountable),
                bool(c.approved_hash),
                c.activities.count(),
            )
            for c in Campaign.objects.select_related("department", "accountable")
        },
        "customers": list(Customer.objects.order_by("number").values_list("number", "code", "household", "email")),
        "segments": {s.code: list(members(s)) for s in Segment.objects.filter(code__isnull=False)},
        "products": sorted(Product.objects.values_list("code", "name", "category__code", "price", "department__code")),
        "categories": sorted(Category.objects.values_list("code", "size")),
        "grants": sorted(
            CampaignUserObjectPermission.objects.values_list(
                "content_object__code", "user__username", "permission__codename"
            )
        ),
        "events": sorted(Event.objects.values_list("topic", flat=True)),
        "history": sorted(HistoryEntry.objects.exclude(subject__startswith="dataset:").values_list("subject", "verb")),
    }


def test_whole_folder_arrives(tmp_path):
    report = bring(write_csv(tmp_path / "data", whole()))
    assert report.tables == {
        "departments": {"created": 2, "updated": 0, "unchanged": 0},
        "channels": {"created": 2, "updated": 0, "unchanged": 0},
        "products": {"created": 6, "updated": 0, "unchanged": 0},
        "customers": {"created": 8, "updated": 0, "unchanged": 0},
        "segments": {"created": 3, "updated": 0, "unchanged": 0},
        "segment_members": {"created": 10, "updated": 0, "unchanged": 0, "removed": 0},
        "campaigns": {"created": 3, "updated": 0, "unchanged": 0},
        "offers": {"created": 3, "updated": 0, "unchanged": 0},
        "offer_products": {"created": 4, "updated": 0, "unchanged": 0, "removed": 0},
        "offer_categories": {"created": 2, "updated": 0, "unchanged": 0, "removed": 0},
    }
    found = facts()
    assert found["offers"]["SPRING-1"] == {
        "campaign": "SPRING",
        "department": "CRM",
        "dates": (date(2027, 3, 1), date(2027, 3, 20)),
        "terms": ("percent", Decimal(20), None, None, "None"),
        "rest": (False, Decimal(15), 3, 1, None),
        "audience": [("loyal", "include")],
        "channels": ["mail", "shop"],
        "products": [("P1", "target", "include"), ("P4", "target", "include"), ("P5", "trigger", "include")],
        "categories": [],
        "items": [(0, 1), (0, 1), (2, 1), (2, 1)],
    }
    assert found["offers"]["EASTER-1"]["categories"] == [
        ("bread", "target", "exclude"),
        ("fruit", "target", "include"),
    ]
    assert found["offers"]["EASTER-1"]["terms"] == ("bxgy", None, 2, 1, "None")
    assert found["offers"]["EASTER-1"]["dates"] == (date(2027, 3, 20), date(2027, 4, 5))
    assert found["offers"]["IDEA-1"]["terms"][-1] == "Product 6 (P6)"
    assert found["offers"]["IDEA-1"]["department"] == "CRM"
    assert found["segments"] == {"loyal": [0, 1, 2, 3, 4], "new": [3, 4, 5, 6, 7], "nobody": []}
    assert found["categories"] == [("bread", 3), ("fruit", 3)]
    assert found["customers"][0] == (0, "C1", "H0", "c1@example.com")
    assert {code: status for code, (_n, _d, status, *_rest) in found["campaigns"].items()} == {
        "SPRING": "approved",
        "EASTER": "submitted",
        "IDEA": "draft",
    }
    assert Product.objects.get(code="P1").attributes == {"size": "M", "colours": ["red"]}
    assert Department.objects.get(code="CRM").value_proposition == "Knows\nits customers"
    assert Offer.objects.get(code="EASTER-1").audience.size == 8


def test_approval_by_import_is_bound_to_the_content_with_its_offers(tmp_path):
    bring(write_csv(tmp_path / "data", whole()))
    spring = Campaign.objects.get(code="SPRING")
    assert spring.approved_hash == content_hashes([spring.pk])[spring.pk]


@pytest.mark.parametrize(
    ("now", "status", "is_live"),
    [(NOW, "approved", False), (RUNNING, "live", True), (RUNNING + timedelta(days=60), "ended", False)],
)
def test_approved_campaign_is_to_come_live_or_ended_by_its_dates(tmp_path, now, status, is_live):
    bring(write_csv(tmp_path / "data", whole()), now=now)
    assert Campaign.objects.get(code="SPRING").status == status
    assert (Offer.objects.get(code="SPRING-1").live_since is not None) == is_live


def test_same_folder_twice_changes_nothing(tmp_path):
    folder = write_csv(tmp_path / "data", whole())
    bring(folder)
    before = rows()
    report = bring(folder, now=NOW + timedelta(days=1))
    assert rows() == before
    assert {what for counts in report.tables.values() for what, count in counts.items() if count} == {"unchanged"}
    assert ImportRun.objects.filter(finished_at__isnull=False).count() == 2


def test_parquet_says_the_same_as_csv(tmp_path):
    bring(write_csv(tmp_path / "csv", whole()))
    before = rows()
    types = {
        "starts_on": "DATE",
        "ends_on": "TIMESTAMP",
        "price": "DOUBLE",
        "budget": "DECIMAL(12, 2)",
        "stock": "BIGINT",
        "priority": "INTEGER",
        "stackable": "BOOLEAN",
        "quiet_from": "TIME",
        "margin_floor_pct": "DOUBLE",
    }
    bring(write_parquet(tmp_path / "parquet", whole(), types), now=NOW + timedelta(days=1))
    assert rows() == before


def test_import_is_told_once(tmp_path):
    folder = write_csv(tmp_path / "data", whole())
    bring(folder)
    assert Event.objects.filter(topic="plan.imported").count() == 1
    assert HistoryEntry.objects.filter(subject__startswith="dataset:").count() == 1


class Interrupted(Exception):
    pass


def test_interrupted_import_comes_to_the_same_end(tmp_path, monkeypatch):
    """Stopped after every single piece, and gone on with, until it is through."""
    monkeypatch.setattr(dataset_tables, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(dataset_audiences, "MEMBERS_AT_ONCE", 5)
    folder = write_csv(tmp_path / "data", whole())
    with transaction.atomic():
        bring(folder)
        expected, expected_counts = facts(), ImportRun.objects.get().rows
        transaction.set_rollback(True)

    def stop(step, done, of):
        if not step.startswith(("read", "check")):
            raise Interrupted

    stops = 0
    while True:
        try:
            report = bring(folder, progress=stop)
        except Interrupted:
            stops += 1
            assert ImportRun.objects.get().finished_at is None
        else:
            break
    assert stops > 10
    assert facts() == expected
    assert report.tables == expected_counts
    assert ImportRun.objects.get().finished_at == NOW


def test_piece_that_fails_leaves_nothing_behind(tmp_path):
    """The offers of a piece, their lists and how far the run got are one transaction."""
    folder = write_csv(tmp_path / "data", whole())

    def database_goes_away(execute, sql, params, many, context):
        if sql.lstrip().startswith("INSERT INTO campaigns_offeritem"):
            raise Interrupted
        return execute(sql, params, many, context)

    with pytest.raises(Interrupted), connection.execute_wrapper(database_goes_away):
        bring(folder)
    assert not Offer.objects.exists()
    assert ImportRun.objects.get().tables_done[-1] == "campaigns"
    assert Campaign.objects.filter(status=CampaignStatus.DRAFT).count() == 3
    bring(folder)
    assert Campaign.objects.get(code="SPRING").status == "approved"


def test_campaign_of_an_interrupted_import_is_still_new_to_a_corrected_folder(tmp_path):
    def stop_after_campaigns(step, done, of):
        if step == "campaigns":
            raise Interrupted

    with pytest.raises(Interrupted):
        bring(write_csv(tmp_path / "first", whole()), progress=stop_after_campaigns)
    corrected = whole()
    corrected["offers"][0]["name"] = "Fresh fruit"
    bring(write_csv(tmp_path / "second", corrected))
    assert Campaign.objects.get(code="SPRING").status == "approved"
    assert Campaign.objects.get(code="EASTER").status == "submitted"


def test_interrupted_import_begins_anew_when_another_came_between(tmp_path):
    first = write_csv(tmp_path / "first", whole())

    def stop_after_products(step, done, of):
        if step == "products":
            raise Interrupted

    with pytest.raises(Interrupted):
        bring(first, progress=stop_after_products)
    other = whole()
    other["products"][0]["name"] = "Renamed"
    bring(write_csv(tmp_path / "second", {table: other[table] for table in ("departments", "products")}))
    bring(first)
    assert Product.objects.get(code="P1").name == "Product 1"


def test_columns_that_a_file_does_not_have_stay(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    before = facts()
    bring(
        write_csv(
            tmp_path / "second",
            {
                "departments": [{"code": "CRM", "name": "CRM"}],
                "products": [{"code": "P1", "name": "Product 1", "category": "fruit"}],
                "customers": [{"code": "C1"}],
                "campaigns": [
                    {
                        "code": "SPRING",
                        "name": "Spring",
                        "department": "CRM",
                        "starts_on": "2027-03-01",
                        "ends_on": "2027-03-31",
                    }
                ],
                "offers": [{"code": "SPRING-1", "campaign": "SPRING", "name": "Fruit"}],
            },
        )
    )
    assert facts() == before
    assert Product.objects.get(code="P1").price == Decimal("12.50")
    assert Customer.objects.get(code="C1").attributes == {"age": 40}
    assert Campaign.objects.get(code="SPRING").budget == 10000


def test_empty_cells_empty_what_is_stored(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    changed = whole()
    changed["products"][0] |= {"price": "", "brand": "", "attributes": "", "stock": "", "department": ""}
    changed["offers"][0] |= {
        "mechanic": "",
        "value": "",
        "segments": "",
        "channels": "",
        "ends_on": "",
        "stackable": "",
    }
    bring(write_csv(tmp_path / "second", changed))
    product = Product.objects.get(code="P1")
    assert (product.price, product.brand, product.attributes, product.stock, product.department) == (
        None,
        "",
        {},
        None,
        None,
    )
    offer = Offer.objects.get(code="SPRING-1")
    assert (offer.mechanic, offer.percent_off, offer.stackable, offer.audience) == ("", None, None, None)
    assert not offer.channels.exists()
    assert offer.ends_on == date(2027, 3, 31)


def test_changed_offer_gets_a_version_a_history_row_and_new_postings(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    changed = whole()
    changed["offers"][0] |= {"value": "25", "segments": "loyal|new"}
    changed["offer_products"][1] |= {"product": "P6"}
    report = bring(write_csv(tmp_path / "second", changed))
    offer = Offer.objects.get(code="SPRING-1")
    assert (offer.version, offer.percent_off, offer.audience.size) == (2, 25, 8)
    assert report.tables["offers"] == {"created": 0, "updated": 1, "unchanged": 2}
    assert report.tables["offer_products"] == {"created": 1, "updated": 0, "unchanged": 3, "removed": 1}
    keys = set(OfferItem.objects.filter(offer=offer, kind=0).values_list("key", flat=True))
    assert keys == set(Product.objects.filter(code__in=["P1", "P6"]).values_list("pk", flat=True))
    entry = HistoryEntry.objects.get(subject="offer:SPRING-1")
    assert entry.scope == "campaign:SPRING"
    assert entry.changes == {
        "percent_off": ["20.00", "25.00"],
        "audience include": [["loyal"], ["loyal", "new"]],
        "products added": [None, 1],
        "products taken out": [None, 1],
    }
    assert Offer.objects.get(code="EASTER-1").version == 1


def test_list_of_a_named_offer_is_replaced_and_no_other(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    # SPRING-1 is named without products, EASTER-1 not at all, IDEA-1 by its new product.
    tables = {
        "offers": [{"code": "SPRING-1", "campaign": "SPRING", "name": "Fruit"}],
        "offer_products": [{"offer": "IDEA-1", "product": "P3"}],
    }
    bring(write_csv(tmp_path / "second", tables))
    found = facts()["offers"]
    assert found["SPRING-1"]["products"] == []
    assert found["SPRING-1"]["audience"] == [("loyal", "include")]
    assert found["IDEA-1"]["products"] == [("P3", "target", "include")]
    assert found["EASTER-1"]["categories"] == [("bread", "target", "exclude"), ("fruit", "target", "include")]
    assert [
        found[code]["version"] if "version" in found[code] else found[code]["rest"][3] for code in sorted(found)
    ] == [1, 2, 2]


def test_list_stays_when_the_folder_does_not_have_its_table(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    before = facts()["offers"]
    without_lists = [{k: v for k, v in row.items() if k not in ("segments", "channels")} for row in whole()["offers"]]
    bring(write_csv(tmp_path / "second", {"offers": without_lists}))
    assert facts()["offers"] == before


def test_members_of_a_named_segment_are_replaced_and_no_other(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    tables = {
        "segments": [{"code": "loyal", "name": "Loyal"}],
        "segment_members": [{"segment": "nobody", "customer": "C8"}, {"segment": "nobody", "customer": "C1"}],
    }
    report = bring(write_csv(tmp_path / "second", tables))
    assert facts()["segments"] == {"loyal": [], "new": [3, 4, 5, 6, 7], "nobody": [0, 7]}
    assert report.tables["segment_members"] == {"created": 2, "updated": 0, "unchanged": 0, "removed": 5}


def test_what_was_excluded_in_concordia_stays_excluded(tmp_path):
    """A ruling that took a product out of a category must survive the nightly import of the same plan."""
    folder = write_csv(tmp_path / "data", whole())
    bring(folder)
    offer = Offer.objects.get(code="EASTER-1")
    offers.exclude_products(
        offer=offer,
        products=[Product.objects.get(code="P2")],
        by=make_user(),
        now=NOW,
        reason="ruling",
        authority="K-1",
    )
    OfferAudience.objects.create(offer=offer, segment=Segment.objects.get(code="nobody"), mode=Mode.EXCLUDE)
    before = facts()["offers"]["EASTER-1"]
    bring(folder)
    assert facts()["offers"]["EASTER-1"] == before
    assert ("P2", "target", "exclude") in before["products"]


def test_withdrawn_offer_stays_as_it_is(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    offer = Offer.objects.get(code="SPRING-1")
    offers.withdraw_offers(offers=[offer], by=make_user(), now=NOW, reason="ruling", authority="K-1")
    before = rows()["Offer"]
    changed = whole()
    changed["offers"][0]["value"] = "50"
    changed["offer_products"][0]["product"] = "P6"
    report = bring(write_csv(tmp_path / "second", changed))
    assert rows()["Offer"] == before
    assert report.tables["offers"] == {"created": 0, "updated": 0, "unchanged": 3}


def test_status_of_a_campaign_that_exists_never_changes(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    changed = whole()
    changed["campaigns"][0]["status"] = "draft"
    changed["campaigns"][1]["status"] = "approved"
    changed["campaigns"][2]["status"] = "approved"
    bring(write_csv(tmp_path / "second", changed))
    assert dict(Campaign.objects.values_list("code", "status")) == {
        "SPRING": "approved",
        "EASTER": "submitted",
        "IDEA": "draft",
    }


def test_approval_does_not_follow_content_that_an_import_changed(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    changed = whole()
    changed["offers"][0]["value"] = "50"
    bring(write_csv(tmp_path / "second", changed))
    spring = Campaign.objects.get(code="SPRING")
    assert spring.status == "approved"
    assert spring.approved_hash != content_hashes([spring.pk])[spring.pk]
    lifecycle.keep_dates(now=RUNNING, agreed=agreed)
    spring.refresh_from_db()
    assert spring.status == "submitted"


def test_live_offer_that_moves_into_the_future_is_not_live_any_more(tmp_path):
    bring(write_csv(tmp_path / "first", whole()), now=RUNNING)
    changed = whole()
    changed["offers"][0]["starts_on"] = "2027-03-15"
    bring(write_csv(tmp_path / "second", changed), now=RUNNING)
    assert Offer.objects.get(code="SPRING-1").live_since is None


def test_lead_of_the_department_is_accountable_and_may_write(tmp_path):
    lucia = make_user("lucia")
    tables = whole()
    tables["departments"][0]["lead"] = "lucia"
    tables["campaigns"][0]["contact_person"] = "lucia"
    bring(write_csv(tmp_path / "data", tables))
    spring = Campaign.objects.get(code="SPRING")
    assert (spring.accountable, spring.contact_person) == (lucia, lucia)
    assert access.stored_grants([spring.pk]).keys() == access.wanted_grants([spring.pk])
    assert (spring.pk, lucia.pk, "change_campaign") in access.stored_grants([spring.pk])
    unled = Event.objects.filter(topic="campaign.unled").values_list("payload__campaign", flat=True)
    assert set(unled) == set(Campaign.objects.filter(department__code="MKT").values_list("pk", flat=True))


def test_lead_who_comes_later_answers_for_what_nobody_did(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    assert Campaign.objects.get(code="SPRING").accountable is None
    lucia = make_user("lucia")
    tables = whole()
    tables["departments"][0]["lead"] = "lucia"
    bring(write_csv(tmp_path / "second", tables))
    assert Campaign.objects.get(code="SPRING").accountable == lucia
    assert Campaign.objects.get(code="EASTER").accountable is None
    assert Event.objects.filter(topic="campaign.unled").count() == 3


def test_campaign_that_changes_departments_is_handed_over(tmp_path):
    lucia, james = make_user("lucia"), make_user("james")
    tables = whole()
    tables["departments"][0]["lead"], tables["departments"][1]["lead"] = "lucia", "james"
    bring(write_csv(tmp_path / "first", tables))
    tables["campaigns"][0]["department"] = "MKT"
    bring(write_csv(tmp_path / "second", tables))
    spring = Campaign.objects.get(code="SPRING")
    assert (spring.accountable, spring.department.code) == (james, "MKT")
    assert {role.department.code for activity in spring.activities.all() for role in activity.roles.all()} == {"MKT"}
    assert Offer.objects.get(code="SPRING-1").department.code == "MKT"
    assert lucia.pk not in {person for _campaign, person, _permission in access.stored_grants([spring.pk])}
    entry = HistoryEntry.objects.filter(subject="campaign:SPRING").latest("pk")
    assert entry.changes == {"department": ["CRM", "MKT"], "accountable": ["lucia", "james"]}


def test_products_that_move_resize_categories_and_rewrite_postings(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    easter = Offer.objects.get(code="EASTER-1")
    assert OfferItem.objects.get(offer=easter, kind=1).weight == 3
    bring(write_csv(tmp_path / "second", {"products": [{"code": "P5", "name": "Product 5", "category": "fruit"}]}))
    assert dict(Category.objects.values_list("code", "size")) == {"fruit": 4, "bread": 2}
    assert OfferItem.objects.get(offer=easter, kind=1).weight == 4


def test_numbers_of_customers_go_on_and_are_kept(tmp_path):
    bring(write_csv(tmp_path / "first", whole()))
    more = [{"code": "C0"}, {"code": "C3"}, {"code": "C9"}]
    bring(write_csv(tmp_path / "second", {"customers": more}))
    assert dict(Customer.objects.values_list("code", "number")) == {f"C{n}": n - 1 for n in range(1, 9)} | {
        "C0": 8,
        "C9": 9,
    }


def test_progress_is_told_for_every_piece(tmp_path):
    told = []
    bring(write_csv(tmp_path / "data", whole()), progress=lambda *said: told.append(said))
    assert ("products", 6, 6) in told
    assert ("offers", 3, 3) in told


@pytest.mark.parametrize(
    ("limit", "value", "expected"), [("MEMBERS_AT_ONCE", 5, [1, 3]), ("PAIRS_AT_ONCE", 3, [1, 2, 3])]
)
def test_members_are_written_in_pieces(tmp_path, monkeypatch, limit, value, expected):
    monkeypatch.setattr(dataset_audiences, limit, value)
    told = []
    bring(write_csv(tmp_path / "data", whole()), progress=lambda *said: told.append(said))
    assert [done for step, done, of in told if step == "segment_members"] == expected
    assert facts()["segments"] == {"loyal": [0, 1, 2, 3, 4], "new": [3, 4, 5, 6, 7], "nobody": []}


def test_segments_are_weighed_with_what_is_combined_from_them(tmp_path, monkeypatch):
    bring(write_csv(tmp_path / "first", whole()))
    monkeypatch.setattr(dataset_audiences, "PAIRS_AT_ONCE", 12)  # three of the four segments at once
    told = []
    bring(write_csv(tmp_path / "second", whole()), progress=lambda *said: told.append(said))
    assert [done for step, done, of in told if step == "segment_members"] == [1, 3]


def test_members_that_somebody_changes_meanwhile_are_counted_as_they_are_found(tmp_path):
    """The import has compared its members; before it writes, a person saves others."""
    folder = write_csv(tmp_path / "data", whole())
    bring(folder)
    loyal, steps = Segment.objects.get(code="loyal"), []

    def somebody_saves(execute, sql, params, many, context):
        if steps and steps[-1] == "segments" and params and "import" in params:
            steps.append("saved")
            replace_members(segment=loyal, numbers=BitMap([0]), by=None, now=NOW)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(somebody_saves):
        report = bring(folder, progress=lambda step, done, of: steps.append(step))
    assert "saved" in steps
    assert report.tables["segment_members"] == {"created": 4, "updated": 0, "unchanged": 6, "removed": 0}
    assert list(members(Segment.objects.get(code="loyal"))) == [0, 1, 2, 3, 4]


def test_audiences_are_made_before_the_offers(tmp_path):
    def stop_before_offers(execute, sql, params, many, context):
        if sql.replace(chr(34), "").lstrip().startswith("INSERT INTO campaigns_offer "):
            raise Interrupted
        return execute(sql, params, many, context)

    folder = write_csv(tmp_path / "data", whole())
    with pytest.raises(Interrupted), connection.execute_wrapper(stop_before_offers):
        bring(folder)
    assert not Offer.objects.exists()
    made = Segment.objects.get(kind=Segment.Kind.COMBINED)
    bring(folder)
    assert Offer.objects.get(code="EASTER-1").audience == made


def test_codes_that_look_like_formulas_or_sql_are_only_text(tmp_path):
    strange = ["=1+1", "'; DROP TABLE x;--", "{{ 7*7 }}", "<script>", "../../etc", "名前", "a'b\"c"]
    tables = {"departments": [{"code": code, "name": code} for code in strange]}
    bring(write_csv(tmp_path / "data", tables))
    assert set(Department.objects.values_list("code", flat=True)) == set(strange)


def test_number_of_queries_does_not_grow_with_the_campaigns(tmp_path, django_assert_max_num_queries):
    """Importing the same plan again reads it, and reads it in pieces."""
    tables = whole()
    plan = {
        "departments": tables["departments"],
        "campaigns": [tables["campaigns"][2] | {"code": f"IDEA-{n}"} for n in range(60)],
        "offers": [tables["offers"][0] | {"code": f"O-{n}", "campaign": f"IDEA-{n}"} for n in range(60)],
        "segments": tables["segments"],
        "channels": tables["channels"],
    }
    folder = write_csv(tmp_path / "data", plan)
    bring(folder)
    with django_assert_max_num_queries(85):
        bring(folder)
