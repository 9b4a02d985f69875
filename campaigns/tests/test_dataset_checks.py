"""The first pass of an import: every problem is named with its row, and nothing is written."""

import pytest

from campaigns.actions.dataset.cells import wrong_object
from campaigns.actions.import_dataset import import_dataset
from campaigns.models import Campaign, Department, ImportRun, Offer
from campaigns.tests.dataset_folders import said, whole, write_csv
from campaigns.tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db


def problems_of(folder):
    report = import_dataset(folder, by=None, now=NOW)
    assert report.error_count == len(report.errors)
    assert not Department.objects.exists()
    assert not ImportRun.objects.exists()
    return said(report.errors)


def with_cell(table, row, column, value):
    """The right folder with one cell changed; `row` as people count, the header is row 1."""
    tables = whole()
    tables[table][row - 2][column] = value
    return tables


NUMBERS = "is not a number: digits and a decimal point, such as 12.50"
WHOLE = "is not a whole number, such as 12"
UNSEEN = "nothing of this text can be seen: empty it, or type it again"
DAY = "is not a day: write year-month-day, such as 2026-11-30"
TIME = "is not a time: write hours and minutes, such as 21:30"
HIDDEN = "which is not allowed here: delete it"

WRONG_CELLS = [
    # what must not be empty
    ("departments", 2, "name", "", ["departments:2:name: this cell must not be empty"]),
    ("departments", 2, "name", "   ", ["departments:2:name: this cell must not be empty"]),
    ("departments", 2, "name", "\u00a0", ["departments:2:name: this cell must not be empty"]),
    ("offer_products", 3, "product", "", ["offer_products:3:product: this cell must not be empty"]),
    # length and characters
    ("departments", 3, "name", "x" * 201, [f"departments:3:name: “{'x' * 57}...” has more than 200 characters"]),
    (
        "departments",
        2,
        "name",
        "\u200b",
        [f"departments:2:name: character 1: an invisible character (U+200B ZERO WIDTH SPACE), {HIDDEN}"],
    ),
    (
        "departments",
        2,
        "name",
        "C\u202eRM",
        [f"departments:2:name: character 2: an invisible character (U+202E RIGHT-TO-LEFT OVERRIDE), {HIDDEN}"],
    ),
    (
        "departments",
        2,
        "name",
        "C\x00RM",
        [f"departments:2:name: character 2: a control character (U+0000), {HIDDEN}"],
    ),
    ("departments", 2, "name", "C\nRM", [f"departments:2:name: character 2: a line break (U+000A), {HIDDEN}"]),
    (
        "departments",
        2,
        "value_proposition",
        "a\n\x07",
        [f"departments:2:value_proposition: line 2, character 1: a control character (U+0007), {HIDDEN}"],
    ),
    ("products", 2, "brand", "\x1b[31m", [f"products:2:brand: character 1: a control character (U+001B), {HIDDEN}"]),
    ("departments", 2, "name", "\u3164", [f"departments:2:name: {UNSEEN}"]),
    ("departments", 2, "business_unit", "\u2800 \u0301", [f"departments:2:business_unit: {UNSEEN}"]),
    (
        "products",
        2,
        "brand",
        "Z" + "\u0321" * 9,
        ["products:2:brand: character 10: more than 8 accents on one letter"],
    ),
    (
        "products",
        2,
        "brand",
        "CR\u200dM",
        [f"products:2:brand: character 3: an invisible character (U+200D ZERO WIDTH JOINER), {HIDDEN}"],
    ),
    ("segments", 2, "name", "\ufffe", [f"segments:2:name: character 1: an invisible character (U+FFFE), {HIDDEN}"]),
    (
        "departments",
        3,
        "code",
        "crm",
        [
            "departments:3:code: “crm” differs from department “CRM” in upper and lower case alone",
            "campaigns:3:department: unknown code “MKT”: neither in departments nor in the database",
            "campaigns:4:department: unknown code “MKT”: neither in departments nor in the database",
        ],
    ),
    ("departments", 3, "name", "crm", ["departments:3:name: “CRM” is the name of department CRM already"]),
    (
        "channels",
        3,
        "code",
        "a|b",
        [
            "channels:3:code: “a|b” contains “|”, which separates codes in a list",
            "offers:2:channels: unknown code “shop”: neither in channels nor in the database",
        ],
    ),
    # numbers
    ("products", 3, "price", "-1", ["products:3:price: “-1” is out of range: from 0 to 9999999999.99"]),
    ("products", 3, "price", "1_000", [f"products:3:price: “1_000” {NUMBERS}"]),
    ("products", 3, "price", "1,5", [f"products:3:price: “1,5” {NUMBERS}"]),
    ("products", 3, "price", "NaN", [f"products:3:price: “NaN” {NUMBERS}"]),
    ("products", 3, "price", "inf", [f"products:3:price: “inf” {NUMBERS}"]),
    ("products", 3, "price", "1e9", [f"products:3:price: “1e9” {NUMBERS}"]),
    ("products", 3, "price", "١٢", [f"products:3:price: “١٢” {NUMBERS}"]),
    ("products", 3, "price", "true", [f"products:3:price: “true” {NUMBERS}"]),
    ("products", 3, "price", "0.001", ["products:3:price: “0.001” has more than 2 decimal places"]),
    ("products", 3, "price", "9" * 31, [f"products:3:price: “{'9' * 31}” is out of range: from 0 to 9999999999.99"]),
    ("products", 3, "price", "9" * 40, [f"products:3:price: “{'9' * 40}” is out of range: from 0 to 9999999999.99"]),
    ("products", 3, "cost", "-0.01", ["products:3:cost: “-0.01” is out of range: from 0 to 9999999999.99"]),
    ("products", 3, "stock", "1.5", [f"products:3:stock: “1.5” {WHOLE}"]),
    ("products", 3, "stock", "2147483648", ["products:3:stock: “2147483648” is out of range: from 0 to 2147483647"]),
    ("products", 3, "stock", "9" * 30, [f"products:3:stock: “{'9' * 30}” is out of range: from 0 to 2147483647"]),
    (
        "channels",
        3,
        "capacity_per_day",
        "-5",
        ["channels:3:capacity_per_day: “-5” is out of range: from 0 to 2147483647"],
    ),
    ("campaigns", 2, "budget", "-1", ["campaigns:2:budget: “-1” is out of range: from 0 to 9999999999.99"]),
    ("campaigns", 2, "kpi_target", "0.00001", ["campaigns:2:kpi_target: “0.00001” has more than 4 decimal places"]),
    ("offers", 2, "margin_floor_pct", "100", ["offers:2:margin_floor_pct: “100” is out of range: from 0 to 99.99"]),
    ("offers", 2, "priority", "32768", ["offers:2:priority: “32768” is out of range: from -32767 to 32767"]),
    # days and times
    ("campaigns", 2, "starts_on", "01.03.2027", [f"campaigns:2:starts_on: “01.03.2027” {DAY}"]),
    ("campaigns", 2, "starts_on", "2027-02-30", ["campaigns:2:starts_on: “2027-02-30” is no day of any calendar"]),
    ("campaigns", 2, "starts_on", "12/31/26", [f"campaigns:2:starts_on: “12/31/26” {DAY}"]),
    ("campaigns", 2, "starts_on", "2027-3-1", [f"campaigns:2:starts_on: “2027-3-1” {DAY}"]),
    (
        "campaigns",
        2,
        "starts_on",
        "46447",
        ["campaigns:2:starts_on: “46447” is how a spreadsheet counts days: write year-month-day, such as 2026-11-30"],
    ),
    ("campaigns", 2, "starts_on", "2027-03-01T00:00", [f"campaigns:2:starts_on: “2027-03-01T00:00” {DAY}"]),
    (
        "campaigns",
        2,
        "ends_on",
        "2027-02-28",
        [
            "campaigns:2:ends_on: the last day 2027-02-28 is before the first day 2027-03-01",
        ],
    ),
    (
        "campaigns",
        4,
        "ends_on",
        "2029-03-31",
        [
            "campaigns:4:ends_on: from 2027-03-01 to 2029-03-31 is longer than 732 days: check the years",
        ],
    ),
    (
        "offers",
        2,
        "ends_on",
        "2027-02-01",
        ["offers:2:ends_on: the last day 2027-02-01 is before the first day 2027-03-01"],
    ),
    (
        "offers",
        2,
        "ends_on",
        "0001-01-01",
        [
            "offers:2:ends_on: “0001-01-01” is no year to plan in: from 2000 to 2200",
            "offers:2:ends_on: the last day 0001-01-01 is before the first day 2027-03-01",
        ],
    ),
    ("channels", 2, "quiet_from", "25:00", [f"channels:2:quiet_from: “25:00” {TIME}"]),
    ("channels", 2, "quiet_from", "9pm", [f"channels:2:quiet_from: “9pm” {TIME}"]),
    ("channels", 2, "quiet_to", "", ["channels:2:quiet_from: give both quiet_from and quiet_to, or neither"]),
    # words
    (
        "campaigns",
        2,
        "status",
        "live",
        ["campaigns:2:status: “live” is unknown: write one of draft, submitted, approved"],
    ),
    (
        "campaigns",
        2,
        "journey_stage",
        "later",
        ["campaigns:2:journey_stage: “later” is unknown: write one of awareness, consideration, decision, loyalty"],
    ),
    (
        "offers",
        2,
        "stackable",
        "maybe",
        ["offers:2:stackable: “maybe” is unknown: write one of true, yes, 1, false, no, 0"],
    ),
    (
        "offer_products",
        2,
        "role",
        "gift",
        ["offer_products:2:role: “gift” is unknown: write one of target, trigger, recommended"],
    ),
    (
        "offer_categories",
        2,
        "mode",
        "none",
        ["offer_categories:2:mode: “none” is unknown: write one of include, exclude"],
    ),
    (
        "offers",
        2,
        "mechanic",
        "discount",
        [
            (
                "offers:2:mechanic: “discount” is unknown: write one of percent, amount_off, fixed_price, bxgy, bundle, "
                "free_shipping, points, gift, message"
            )
        ],
    ),
    ("offers", 2, "currency", "EUR", ["offers:2:currency: “EUR” is another currency: this company plans in USD"]),
    ("customers", 2, "email", "nobody", ["customers:2:email: “nobody” is not an e-mail address"]),
    (
        "customers",
        2,
        "email",
        "a@b\nBcc: x@y.z",
        ["customers:2:email: “a@b\\u000aBcc: x@y.z” is not an e-mail address"],
    ),
    (
        "customers",
        2,
        "language",
        "Spanish",
        ["customers:2:language: “Spanish” is not a language: write its code, such as es or en-GB"],
    ),
    # terms
    (
        "offers",
        2,
        "value",
        "101",
        ["offers:2:value: “101” does not fit percent: a percentage above 0 and at most 100, such as 20"],
    ),
    (
        "offers",
        3,
        "value",
        "two",
        ["offers:3:value: “two” does not fit bxgy: how many to buy and how many are free, such as 2+1"],
    ),
    ("offers", 4, "value", "P99", ["offers:4:value: unknown code “P99”: neither in products nor in the database"]),
    ("offers", 2, "mechanic", "", ["offers:2:value: “20” does not fit an offer without mechanic: say the mechanic"]),
    # codes that nobody has
    (
        "departments",
        2,
        "lead",
        "ghost",
        ["departments:2:lead: no active user has the name “ghost”: add the person first"],
    ),
    (
        "campaigns",
        3,
        "contact_person",
        "ghost",
        ["campaigns:3:contact_person: no active user has the name “ghost”: add the person first"],
    ),
    (
        "products",
        3,
        "department",
        "X",
        ["products:3:department: unknown code “X”: neither in departments nor in the database"],
    ),
    (
        "segment_members",
        2,
        "customer",
        "C99",
        ["segment_members:2:customer: unknown code “C99”: neither in customers nor in the database"],
    ),
    (
        "segment_members",
        2,
        "segment",
        "vip",
        ["segment_members:2:segment: unknown code “vip”: neither in segments nor in the database"],
    ),
    (
        "offers",
        3,
        "segments",
        "loyal|vip",
        ["offers:3:segments: unknown code “vip”: neither in segments nor in the database"],
    ),
    (
        "offers",
        3,
        "segments",
        "loyal||new",
        [
            "offers:3:segments: “loyal||new” lists an empty code: separate codes by one “|”",
        ],
    ),
    (
        "offer_products",
        4,
        "offer",
        "NONE-1",
        ["offer_products:4:offer: unknown code “NONE-1”: neither in offers nor in the database"],
    ),
    ("offer_categories", 2, "category", "meat", ["offer_categories:2:category: no product has the category “meat”"]),
    # codes that stand twice
    (
        "customers",
        5,
        "code",
        "C1",
        [
            "customers:5:code: “C1” stands in row 2 already: one row per code",
            "segment_members:5:customer: unknown code “C4”: neither in customers nor in the database",
            "segment_members:7:customer: unknown code “C4”: neither in customers nor in the database",
        ],
    ),
    (
        "offer_categories",
        3,
        "category",
        "fruit",
        ["offer_categories:3:mode: “fruit” has the other mode in row 2: include it or exclude it"],
    ),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "expected"), WRONG_CELLS)
def test_wrong_cell_is_named_and_nothing_is_written(tmp_path, table, row, column, value, expected):
    assert problems_of(write_csv(tmp_path / "data", with_cell(table, row, column, value))) == expected


def test_every_problem_of_every_table_is_reported(tmp_path):
    tables = whole()
    tables["products"][0]["price"] = "free"
    tables["products"][2]["category"] = ""
    tables["campaigns"][1]["ends_on"] = "soon"
    tables["offers"][0]["currency"] = "EUR"
    assert [problem.split(": ")[0] for problem in problems_of(write_csv(tmp_path / "data", tables))] == [
        "products:2:price",
        "products:4:category",
        "campaigns:3:ends_on",
        "offers:2:currency",
    ]


def test_right_folder_has_no_problem_and_a_dry_run_writes_nothing(tmp_path):
    report = import_dataset(write_csv(tmp_path / "data", whole()), by=None, now=NOW, dry_run=True)
    assert report.errors == []
    assert report.tables["segment_members"] == {"rows": 10}
    assert not Department.objects.exists()
    assert not ImportRun.objects.exists()


def test_inactive_person_cannot_lead(tmp_path):
    make_user("former", is_active=False)
    tables = with_cell("departments", 2, "lead", "former")
    assert problems_of(write_csv(tmp_path / "data", tables)) == [
        "departments:2:lead: no active user has the name “former”: add the person first"
    ]


def test_only_the_first_thousand_are_listed_and_all_are_counted(tmp_path):
    tables = {"customers": [{"code": f"C{n}", "email": "x"} for n in range(1500)]}
    report = import_dataset(write_csv(tmp_path / "data", tables), by=None, now=NOW)
    assert (len(report.errors), report.error_count) == (1000, 1500)
    assert str(report.errors[-1]) == "customers:1001:email: “x” is not an e-mail address"


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        '"text"',
        "{",
        '{"a": 1,}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": 1, "a": 2}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        '{"a":' * 30 + "1" + "}" * 30,
        '{"a":' * 100_000,
    ],
)
def test_json_that_is_not_a_plain_object_is_refused(text):
    assert wrong_object(text)


@pytest.mark.parametrize("text", ["{}", '{"a": "ü \\u00fc 😀 \\ud83d\\ude00", "b": {"c": [1.5, null, true]}}'])
def test_json_object_is_taken(text):
    assert wrong_object(text) == ""


def test_broken_json_is_named_with_its_row(tmp_path):
    tables = with_cell("products", 2, "attributes", '{"size": "M"')
    (problem,) = problems_of(write_csv(tmp_path / "data", tables))
    assert problem.startswith("products:2:attributes: not valid JSON (Expecting ',' delimiter): write an object")


def test_value_without_mechanic_says_nothing(tmp_path):
    tables = {
        "offers": [{"code": "X", "campaign": "SPRING", "name": "X", "value": "20"}],
        "campaigns": whole()["campaigns"],
    }
    tables["departments"] = whole()["departments"]
    assert problems_of(write_csv(tmp_path / "data", tables)) == [
        "offers:1:value: a value says nothing without the column mechanic"
    ]


def test_same_member_said_twice_is_no_problem(tmp_path):
    tables = whole()
    tables["segment_members"] *= 2
    tables["offer_products"] *= 2
    assert import_dataset(write_csv(tmp_path / "data", tables), by=None, now=NOW).errors == []


def test_offer_does_not_move_to_another_campaign(tmp_path):
    import_dataset(write_csv(tmp_path / "first", whole()), by=None, now=NOW)
    report = import_dataset(
        write_csv(tmp_path / "second", {"offers": [{"code": "SPRING-1", "campaign": "EASTER", "name": "Fruit"}]}),
        by=None,
        now=NOW,
    )
    assert said(report.errors) == [
        "offers:2:campaign: the offer belongs to campaign “SPRING” and cannot move to “EASTER”: give it another code"
    ]
    assert Offer.objects.get(code="SPRING-1").campaign.code == "SPRING"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # ends before the stored first day, which the file does not have
        ({"ends_on": "2027-02-01"}, "the last day 2027-02-01 is before the first day 2027-03-01"),
        # starts after the campaign's last day, which an empty cell means
        ({"starts_on": "2027-05-01", "ends_on": ""}, "the last day 2027-03-31 is before the first day 2027-05-01"),
    ],
)
def test_dates_are_compared_with_what_is_stored(tmp_path, cells, expected):
    import_dataset(write_csv(tmp_path / "first", whole()), by=None, now=NOW)
    tables = {"offers": [{"code": "SPRING-1", "campaign": "SPRING", "name": "Fruit"} | cells]}
    report = import_dataset(write_csv(tmp_path / "second", tables), by=None, now=NOW)
    assert said(report.errors) == [f"offers:2:ends_on: {expected}"]


def test_codes_of_the_database_are_known(tmp_path):
    import_dataset(write_csv(tmp_path / "first", whole()), by=None, now=NOW)
    tables = {
        "segment_members": [{"segment": "nobody", "customer": "C8"}],
        "offer_categories": [{"offer": "SPRING-1", "category": "bread"}],
    }
    assert import_dataset(write_csv(tmp_path / "second", tables), by=None, now=NOW).errors == []
    assert Campaign.objects.count() == 3
