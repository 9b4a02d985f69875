import pytest

from campaigns.actions.catalogue import put_products
from campaigns.models import Category, OfferItem, Product
from campaigns.tests.factories import NOW, make_campaign, make_category, make_offer, make_product
from customers.models import Event

pytestmark = pytest.mark.django_db


def row(code, category="fruit", **fields):
    return {"code": code, "name": code, "category": category} | fields


def sizes():
    return dict(Category.objects.values_list("code", "size"))


def test_products_make_and_size_their_categories():
    put_products([row("A"), row("B"), row("C", "bread")], now=NOW)
    assert sizes() == {"fruit": 2, "bread": 1}
    assert set(Event.objects.get(topic="catalogue.changed").payload["categories"]) == set(
        Category.objects.values_list("pk", flat=True)
    )


def test_size_counts_what_was_there_before():
    make_product(category=make_category("fruit"))
    put_products([row("A")], now=NOW)
    assert sizes() == {"fruit": 2}


def test_product_that_moves_changes_both_sizes():
    put_products([row("A"), row("B")], now=NOW)
    put_products([row("A", "bread")], now=NOW)
    assert sizes() == {"fruit": 1, "bread": 1}


def test_new_name_is_no_news_for_detection():
    put_products([row("A")], now=NOW)
    Event.objects.all().delete()
    done = put_products([row("A", name="Apple")], now=NOW)
    assert done.counts == {"created": 0, "updated": 1, "unchanged": 0}
    assert Product.objects.get().name == "Apple"
    assert not Event.objects.exists()


def test_another_price_is_news_for_detection():
    put_products([row("A")], now=NOW)
    Event.objects.all().delete()
    put_products([row("A", price=7)], now=NOW)
    assert Event.objects.get().topic == "catalogue.changed"


def test_category_stays_when_a_row_does_not_name_it():
    put_products([row("A")], now=NOW)
    put_products([{"code": "A", "name": "Apple"}], now=NOW)
    assert Product.objects.get().category.code == "fruit"


def test_offers_for_the_category_are_posted_anew():
    category = make_category("fruit")
    make_product(category=category)
    offer = make_offer(make_campaign(), categories=[category])
    put_products([row("A"), row("B")], now=NOW)
    assert OfferItem.objects.get(offer=offer, kind=OfferItem.Kind.CATEGORY).weight == 3


def test_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        put_products([row(f"P{n}") for n in range(300)], now=NOW)
