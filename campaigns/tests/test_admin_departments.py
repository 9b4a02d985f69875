import pytest
from django.urls import reverse

from campaigns.models import Campaign, Category, Department, Membership, Product
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

DEPARTMENTS = "admin:campaigns_department_changelist"


@pytest.fixture
def admin():
    return make.make_user("root", is_superuser=True)


@pytest.fixture
def department():
    return make.make_department("CRM")


def change(department):
    return reverse("admin:campaigns_department_change", args=[department.pk])


def test_an_administrator_adds_a_department_and_history_tells(admin):
    client = signed_in(admin)
    values = {"code": "MKT", "name": "Marketing", "business_unit": "", "value_proposition": ""}
    assert client.post(reverse("admin:campaigns_department_add"), values).status_code == 302
    assert Department.objects.get().name == "Marketing"
    assert HistoryEntry.objects.get(verb="add").subject == "department:MKT"


def test_a_changed_name_is_told_with_before_and_after(admin, department):
    values = {"name": "Customers", "business_unit": "", "value_proposition": ""}
    assert signed_in(admin).post(change(department), values).status_code == 302
    entry = HistoryEntry.objects.get(verb="change", subject="department:CRM")
    assert entry.changes == {"name": ["Crm", "Customers"]}


def test_members_join_and_leave_and_their_rights_with_them(admin, department):
    campaign = make.make_campaign(department)
    person = make.make_user("person")
    client = signed_in(admin)
    join = reverse("admin:campaigns_department_join", args=[department.pk])
    assert client.get(join).status_code == 405
    client.post(join, {"person": person.pk, "is_lead": "on"})
    assert Membership.objects.get(user=person).is_lead
    assert Campaign.objects.visible(person).get() == campaign
    client.post(reverse("admin:campaigns_department_leave", args=[department.pk, person.pk]))
    assert not Membership.objects.filter(user=person).exists()
    assert not Campaign.objects.visible(person).exists()


def test_nobody_who_cannot_sign_in_joins(admin, department):
    gone = make.make_user("gone", is_active=False)
    answer = signed_in(admin).post(
        reverse("admin:campaigns_department_join", args=[department.pk]), {"person": gone.pk}, follow=True
    )
    assert "Choose a person from the list." in answer.content.decode()
    assert not Membership.objects.filter(user=gone).exists()


def test_a_lead_writes_no_departments(department):
    lead, person = make.lead_of(department), make.make_user("person")
    client = signed_in(lead)
    assert client.get(reverse(DEPARTMENTS)).status_code == 403
    assert client.post(change(department), {"name": "Mine"}).status_code in {302, 403}
    assert (
        client.post(
            reverse("admin:campaigns_department_join", args=[department.pk]), {"person": person.pk}
        ).status_code
        == 403
    )
    assert client.post(reverse("admin:campaigns_department_leave", args=[department.pk, lead.pk])).status_code == 403
    department.refresh_from_db()
    assert (department.name, Membership.objects.count()) == ("Crm", 1)


def test_departments_are_never_deleted_here(admin, department):
    address = reverse("admin:campaigns_department_delete", args=[department.pk])
    assert signed_in(admin).post(address, {"post": "yes"}).status_code == 403
    assert Department.objects.exists()


def test_lists_ask_as_many_questions_for_one_row_as_for_many(admin, department):
    client = signed_in(admin)
    make.make_product(department=department)
    lists = [DEPARTMENTS, "admin:campaigns_product_changelist", "admin:campaigns_category_changelist"]
    with_one = [queries_of(client, reverse(name)) for name in lists]
    for _ in range(6):
        make.make_product(department=make.make_department())
    assert [queries_of(client, reverse(name)) for name in lists] == with_one


def test_the_catalogue_is_read_by_all_and_written_by_imports(department):
    product = make.make_product("P-1", name="Coffee", price="3.50")
    client = signed_in(make.lead_of(department))
    text = client.get(
        reverse("admin:campaigns_product_changelist") + f"?category={product.category_id}"
    ).content.decode()
    assert "Coffee" in text
    assert "3.50 USD" in text
    assert client.get(reverse("admin:campaigns_product_add")).status_code == 403
    client.post(reverse("admin:campaigns_product_change", args=[product.pk]), {"name": "Tea"})
    client.post(reverse("admin:campaigns_category_change", args=[product.category_id]), {"code": "x"})
    assert (Product.objects.get().name, Category.objects.get().code) == ("Coffee", product.category.code)
