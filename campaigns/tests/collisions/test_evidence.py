from pyroaring import BitMap

from campaigns.rules.collisions import evidence
from campaigns.tests.collisions.plans import offer, plan, product


def test_products_are_counted_by_list_price():
    priced = plan(products=[product(1), *(product(n, price=5 if n % 2 else 7) for n in range(2, 8))])

    for kind in (frozenset, BitMap, set):
        groups, missing = evidence.alike(priced, kind({1, 2, 3, 4, 5, 7, 99}))
        assert [(one.product.id, one.product.price, one.count) for one in groups] == [(2, 7, 2), (3, 5, 3)]
        assert missing == 2


def test_few_products_are_named_for_many():
    named = plan(products=[product(number) for number in range(1, 6)] + [product(6, name="")])

    assert evidence.examples(named, BitMap({5, 4, 3, 2})) == ["Product 2", "Product 3", "Product 4"]
    assert evidence.examples(named, frozenset({6, 7})) == ["P6"]
    assert evidence.with_examples(4, ["Tea", "Milk", "Bread"]) == "4 products (Tea, Milk, Bread, …)"
    assert evidence.with_examples(1, ["Tea"]) == "1 product (Tea)"
    assert evidence.with_examples(2, []) == "2 products"


def test_common_channels_have_names():
    names = plan(channel_names={1: "web", 2: "app", 3: "shop"})

    assert evidence.channel_names(names, (offer(1, channels=[1, 2, 3]), offer(2, channels=[1, 2]))) == ["app", "web"]
    assert evidence.channel_names(names, (offer(1, channels=[1]), offer(2))) == ["web"]
    assert evidence.channel_names(names, (offer(1, channels=[9]), offer(2))) == ["9"]
    assert evidence.channel_names(names, (offer(1), offer(2))) == []


def test_names_are_listed():
    assert [evidence.listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
