import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.actions import postings
from campaigns.choices import Mode, ScopeRole
from campaigns.models import Campaign, Department, Offer, OfferItem
from campaigns.tests.factories import DAY, NOW, make_category, make_products, make_segment
from campaigns.tests.random_plan import RandomPlan
from customers.models import Segment

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

KIND = OfferItem.Kind


@pytest.fixture
def department():
    return Department.objects.create(code="CRM", name="CRM")


@pytest.fixture
def make_offer(department):
    """Writes an offer directly: what is tested here is what the actions call."""
    ends = DAY.replace(day=9)
    campaign = Campaign.objects.create(code="K", name="K", department=department, starts_on=DAY, ends_before=ends)

    def make(products=(), categories=(), without_products=(), without_categories=(), role=ScopeRole.TARGET):
        offer = Offer.objects.create(
            code=f"K-{Offer.objects.count()}",
            name="offer",
            campaign=campaign,
            department=department,
            starts_on=DAY,
            ends_before=ends,
        )
        for mode, some in ((Mode.INCLUDE, products), (Mode.EXCLUDE, without_products)):
            for product in some:
                offer.product_rows.create(product=product, mode=mode, role=role)
        for mode, some in ((Mode.INCLUDE, categories), (Mode.EXCLUDE, without_categories)):
            for category in some:
                offer.category_rows.create(category=category, mode=mode, role=role)
        return offer

    return make


def items(offer):
    rows = OfferItem.objects.filter(offer=offer).values_list("kind", "key", "weight")
    return {(KIND(kind), key): weight for kind, key, weight in rows}


def test_products_outside_of_categories_count_one_each(make_offer):
    tea, milk = make_category("tea"), make_category("milk")
    products = [*make_products(2, tea), *make_products(1, milk)]
    offer = make_offer(products)

    postings.rewrite([offer.pk])

    assert items(offer) == {
        **{(KIND.PRODUCT, product.pk): 1 for product in products},
        (KIND.CATCOUNT, tea.pk): 2,
        (KIND.CATCOUNT, milk.pk): 1,
    }


def test_a_whole_category_is_one_row_and_covers_its_products(make_offer):
    tea = make_category("tea")
    products = make_products(5, tea)
    offer = make_offer(products[:2], [tea])

    postings.rewrite([offer.pk])

    assert items(offer) == {(KIND.CATEGORY, tea.pk): 5}


def test_products_taken_out_of_a_whole_category_count_minus_one(make_offer):
    tea, milk = make_category("tea"), make_category("milk")
    teas, milks = make_products(5, tea), make_products(2, milk)
    offer = make_offer(categories=[tea], without_products=[*teas[:2], *milks])

    postings.rewrite([offer.pk])

    assert items(offer) == {
        (KIND.CATEGORY, tea.pk): 5,
        (KIND.PRODUCT, teas[0].pk): -1,
        (KIND.PRODUCT, teas[1].pk): -1,
        (KIND.CATCOUNT, tea.pk): -2,
    }


def test_an_excluded_category_takes_out_the_products_named_in_it(make_offer):
    tea, milk = make_category("tea"), make_category("milk")
    teas, milks = make_products(2, tea), make_products(2, milk)
    offer = make_offer([*teas, *milks], without_categories=[tea])

    postings.rewrite([offer.pk])

    assert items(offer) == {
        (KIND.PRODUCT, milks[0].pk): 1,
        (KIND.PRODUCT, milks[1].pk): 1,
        (KIND.CATCOUNT, milk.pk): 2,
    }


@pytest.mark.parametrize("role", [ScopeRole.TRIGGER, ScopeRole.RECOMMENDED])
def test_only_the_target_scope_is_posted(make_offer, role):
    tea = make_category("tea")
    offer = make_offer(make_products(2, tea), [make_category("milk")], role=role)

    postings.rewrite([offer.pk])

    assert items(offer) == {}


def test_postings_carry_dates_and_department(make_offer, department):
    offer = make_offer(make_products(1))

    postings.rewrite([offer.pk])

    rows = OfferItem.objects.values_list("starts_on", "ends_before", "department", "offer")
    assert set(rows) == {(offer.starts_on, offer.ends_before, department.pk, offer.pk)}


def test_a_withdrawn_offer_has_no_postings(make_offer):
    offer = make_offer(make_products(2), [make_category()])
    postings.rewrite([offer.pk])
    assert items(offer)

    Offer.objects.filter(pk=offer.pk).update(withdrawn_at=NOW)
    postings.rewrite([offer.pk])

    assert items(offer) == {}


def test_a_rewrite_replaces_only_the_postings_of_the_offers_named(make_offer):
    products = make_products(2)
    offer, other = make_offer(products), make_offer(products)
    postings.rewrite([offer.pk, other.pk])
    offer.product_rows.filter(product=products[0]).delete()
    other.product_rows.all().delete()

    postings.rewrite([offer.pk])

    assert (KIND.PRODUCT, products[0].pk) not in items(offer)
    assert (KIND.PRODUCT, products[0].pk) in items(other)
    assert list(Offer.objects.order_by("pk").values_list("posted", flat=True)) == [2, 1]


def test_the_audience_follows_the_segments_named(make_offer):
    everybody, one, many = make_offer(), make_offer(), make_offer()
    a, b = make_segment("A", [1, 2]), make_segment("B", [2, 3])
    one.audience_rows.create(segment=a)
    many.audience_rows.create(segment=a)
    many.audience_rows.create(segment=b, mode=Mode.EXCLUDE)

    postings.rewrite([everybody.pk, one.pk, many.pk])

    combined = Segment.objects.get(kind=Segment.Kind.COMBINED)
    assert combined.size == 1
    assert list(Offer.objects.order_by("pk").values_list("audience", flat=True)) == [None, a.pk, combined.pk]

    one.audience_rows.all().delete()
    postings.rewrite([one.pk])

    one.refresh_from_db()
    assert one.audience is None


def test_products_that_move_rewrite_the_offers_of_both_categories(make_offer):
    tea, milk = make_category("tea"), make_category("milk")
    teas = make_products(2, tea)
    whole, named, other = make_offer(categories=[tea]), make_offer(teas), make_offer(make_products(1))
    postings.rewrite([whole.pk, named.pk, other.pk])
    teas[0].category = milk
    teas[0].save()
    type(tea).objects.filter(pk=tea.pk).update(size=1)

    assert postings.rewrite_categories([tea.pk, milk.pk]) == [whole.pk, named.pk]

    assert items(whole) == {(KIND.CATEGORY, tea.pk): 1}
    assert items(named) == {
        (KIND.PRODUCT, teas[0].pk): 1,
        (KIND.PRODUCT, teas[1].pk): 1,
        (KIND.CATCOUNT, tea.pk): 1,
        (KIND.CATCOUNT, milk.pk): 1,
    }
    assert list(Offer.objects.order_by("pk").values_list("posted", flat=True)) == [2, 2, 1]


def test_forty_offers_take_as_many_queries_as_one():
    RandomPlan(3, offers=40)
    ids = list(Offer.objects.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as for_one:
        postings.rewrite(ids[:1])
    with CaptureQueriesContext(connection) as for_all:
        postings.rewrite(ids)

    # One more, because the first offer may not combine segments.
    assert len(for_all) <= len(for_one) + 1
