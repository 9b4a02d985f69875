import datetime as dt
from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

import customers.validators


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_limits_and_uploads"),
        ("customers", "0006_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnnouncedPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="price",
                    ),
                ),
            ],
            options={
                "verbose_name": "announced price",
                "verbose_name_plural": "announced prices",
                "ordering": ["-starts_on", "product__name", "id"],
            },
        ),
        migrations.CreateModel(
            name="CollisionMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "offer of a collision",
                "verbose_name_plural": "offers of a collision",
            },
        ),
        migrations.CreateModel(
            name="CombinationClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
            ],
            options={
                "verbose_name": "combination class",
                "verbose_name_plural": "combination classes",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CombinationPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        choices=[("allow", "combine"), ("deny", "do not combine")],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "combination policy",
                "verbose_name_plural": "combination policies",
                "ordering": ["low__name", "high__name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Fund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="amount",
                    ),
                ),
            ],
            options={
                "verbose_name": "fund",
                "verbose_name_plural": "funds",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FundDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                        verbose_name="amount",
                    ),
                ),
            ],
            options={
                "verbose_name": "draw on a fund",
                "verbose_name_plural": "draws on funds",
            },
        ),
        migrations.CreateModel(
            name="JointGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
            ],
            options={
                "verbose_name": "joint group",
                "verbose_name_plural": "joint groups",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OfferChannelTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "percent_off",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), 100)],
                        verbose_name="percent off",
                    ),
                ),
                (
                    "amount_off",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                        verbose_name="amount off",
                    ),
                ),
                (
                    "fixed_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="fixed price",
                    ),
                ),
                (
                    "is_exclusive",
                    models.BooleanField(
                        default=False,
                        help_text="Every message says that these terms hold on this channel alone.",
                        verbose_name="only here",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        max_length=200, validators=[customers.validators.one_line], verbose_name="reason"
                    ),
                ),
            ],
            options={
                "verbose_name": "terms on a channel",
                "verbose_name_plural": "terms on channels",
            },
        ),
        migrations.CreateModel(
            name="OfferClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("lowest_price", "Lowest price"),
                            ("exclusive_to", "Only for some customers or one channel"),
                            ("ends", "Last chance"),
                            ("never_discounted", "Never discounted"),
                            ("only_here", "Only online or only in the shop"),
                            ("new_customers_only", "Only for new customers"),
                            ("free_shipping_always", "Shipping is always free"),
                            ("limited_quantity", "Limited quantity"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        max_length=300, validators=[customers.validators.one_line], verbose_name="sentence"
                    ),
                ),
                (
                    "brand",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="brand"
                    ),
                ),
                (
                    "until",
                    models.DateField(
                        blank=True, null=True, validators=[customers.validators.day_to_plan], verbose_name="last day"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="amount",
                    ),
                ),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(1, 2147483647)],
                        verbose_name="quantity",
                    ),
                ),
                ("is_legal", models.BooleanField(default=False, verbose_name="the law asks for it")),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
            },
        ),
        migrations.CreateModel(
            name="OfferCombination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        choices=[("allow", "combine"), ("deny", "do not combine")],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "combination of two offers",
                "verbose_name_plural": "combinations of offers",
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=64, unique=True, validators=[customers.validators.one_line], verbose_name="code"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "page",
                    models.CharField(
                        blank=True, max_length=100, validators=[customers.validators.one_line], verbose_name="page"
                    ),
                ),
                (
                    "slots",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[customers.validators.Between(1, 100)], verbose_name="slots"
                    ),
                ),
            ],
            options={
                "verbose_name": "placement",
                "verbose_name_plural": "placements",
                "ordering": ["name", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlacementBooking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "share",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal(100),
                        max_digits=5,
                        validators=[customers.validators.Between(Decimal("0.01"), 100)],
                        verbose_name="share (%)",
                    ),
                ),
                (
                    "goal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("grow_list", "Grow the mailing list"),
                            ("conversion", "Sell on this page"),
                            ("awareness", "Be noticed"),
                            ("clear_stock", "Clear stock"),
                            ("margin", "Protect the margin"),
                            ("loyalty", "Reward loyal customers"),
                        ],
                        max_length=16,
                        verbose_name="goal",
                    ),
                ),
            ],
            options={
                "verbose_name": "booking of a placement",
                "verbose_name_plural": "bookings of placements",
            },
        ),
        migrations.CreateModel(
            name="ProtectedScope",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "starts_on",
                    models.DateField(validators=[customers.validators.day_to_plan], verbose_name="first day"),
                ),
                ("ends_before", models.DateField(verbose_name="ends before")),
                (
                    "name",
                    models.CharField(max_length=200, validators=[customers.validators.one_line], verbose_name="name"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("embargo", "Embargo"),
                            ("minimum_price", "Minimum price"),
                            ("brand_exclusive", "Reserved brand"),
                            ("legal", "Forbidden by law"),
                            ("never_promote", "Never promoted"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "brand",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="brand"
                    ),
                ),
                (
                    "min_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[customers.validators.Between(0, Decimal("9999999999.99"))],
                        verbose_name="minimum price",
                    ),
                ),
                (
                    "is_hard",
                    models.BooleanField(
                        default=True, help_text="Off = a wish, which weighs half.", verbose_name="binding"
                    ),
                ),
                (
                    "reason",
                    models.TextField(
                        blank=True,
                        help_text="Such as the contract.",
                        validators=[customers.validators.prose],
                        verbose_name="reason",
                    ),
                ),
            ],
            options={
                "verbose_name": "protected scope",
                "verbose_name_plural": "protected scopes",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="RuleSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=32, unique=True, verbose_name="rule")),
                (
                    "mode",
                    models.CharField(
                        choices=[("on", "On"), ("report", "In observation"), ("off", "Off")],
                        default="on",
                        max_length=8,
                        verbose_name="mode",
                    ),
                ),
                (
                    "base",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[customers.validators.Between(0, 100)],
                        verbose_name="base points",
                    ),
                ),
                ("options", models.JSONField(blank=True, default=dict, verbose_name="options")),
                (
                    "opens_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("note", "Note"),
                            ("low", "Low"),
                            ("medium", "Medium"),
                            ("high", "High"),
                            ("critical", "Critical"),
                        ],
                        max_length=8,
                        verbose_name="opens a case from",
                    ),
                ),
            ],
            options={
                "verbose_name": "setting of a rule",
                "verbose_name_plural": "settings of rules",
                "ordering": ["rule"],
            },
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=3,
                        max_digits=4,
                        validators=[customers.validators.Between(0, 1)],
                        verbose_name="rate",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="source"
                    ),
                ),
            ],
            options={
                "verbose_name": "substitution",
                "verbose_name_plural": "substitutions",
                "ordering": ["product__name", "substitute__name", "id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="collision",
            name="collision_is_found_once",
        ),
        migrations.RemoveConstraint(
            model_name="collision",
            name="collision_is_found_once_in_either_order",
        ),
        migrations.RemoveConstraint(
            model_name="collision",
            name="collision_shares_products_and_customers",
        ),
        migrations.RemoveConstraint(
            model_name="collision",
            name="collision_level_is_known",
        ),
        migrations.AddField(
            model_name="campaign",
            name="control_group",
            field=models.ForeignKey(
                blank=True,
                help_text="Customers who get nothing of this campaign, so that its effect can be measured.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.segment",
                verbose_name="control group",
            ),
        ),
        migrations.AddField(
            model_name="collision",
            name="certainty",
            field=models.CharField(
                choices=[("exact", "Exact"), ("estimated", "Estimated"), ("heuristic", "Presumed")],
                default="exact",
                max_length=12,
                verbose_name="certainty",
            ),
        ),
        migrations.AddField(
            model_name="collision",
            name="evidence",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="collision",
            name="key",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="offer",
            name="applies_to",
            field=models.CharField(
                choices=[("item", "each product"), ("order", "the whole order")],
                default="item",
                max_length=8,
                verbose_name="applies to",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="contacts",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="How often each customer is written to; empty = once.",
                null=True,
                validators=[customers.validators.Between(0, 100)],
                verbose_name="messages per customer",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="discount_base",
            field=models.CharField(
                blank=True,
                choices=[
                    ("discounted", "the price after other discounts"),
                    ("initial", "the price before other discounts"),
                ],
                max_length=12,
                verbose_name="counts from",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="eligibility",
            field=models.CharField(
                blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="who may use it"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="expected_units",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[customers.validators.Between(0, 2147483647)],
                verbose_name="units expected",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="forecast_source",
            field=models.CharField(
                blank=True,
                max_length=200,
                validators=[customers.validators.one_line],
                verbose_name="source of the forecast",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="item_reuse",
            field=models.CharField(
                blank=True,
                choices=[
                    ("none", "for nothing else"),
                    ("as_trigger", "to trigger another offer"),
                    ("as_target", "for another discount"),
                    ("both", "for both"),
                ],
                max_length=12,
                verbose_name="a product counts again",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="max_discount",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                verbose_name="most discount per order",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="max_recommendations",
            field=models.PositiveSmallIntegerField(
                default=1, validators=[customers.validators.Between(1, 100)], verbose_name="recommendations at once"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="only_one_of_its_kind",
            field=models.BooleanField(
                default=False,
                help_text="Never together with another discount of the same kind: on products, on orders, on shipping.",
                verbose_name="alone among its kind",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="per_customer_limit",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[customers.validators.Between(1, 2147483647)],
                verbose_name="times per customer",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="redemption_code",
            field=models.CharField(
                blank=True, max_length=32, validators=[customers.validators.one_line], verbose_name="coupon code"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="redemption_place",
            field=models.CharField(
                blank=True,
                max_length=200,
                validators=[customers.validators.one_line],
                verbose_name="where it is redeemed",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="reference_price",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=12,
                null=True,
                validators=[customers.validators.Between(Decimal("0.01"), Decimal("9999999999.99"))],
                verbose_name="earlier price shown",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="reference_price_policy",
            field=models.CharField(
                blank=True,
                choices=[
                    ("none", "no earlier price is shown"),
                    ("current", "the present price"),
                    ("lowest_30d", "the lowest price of the last 30 days"),
                    ("list", "the list price"),
                    ("msrp", "the price the maker recommends"),
                ],
                max_length=12,
                verbose_name="earlier price is",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="returns",
            field=models.CharField(
                blank=True, max_length=200, validators=[customers.validators.one_line], verbose_name="returns"
            ),
        ),
        migrations.AlterField(
            model_name="collision",
            name="level",
            field=models.CharField(
                choices=[
                    ("note", "Note"),
                    ("low", "Low"),
                    ("medium", "Medium"),
                    ("high", "High"),
                    ("critical", "Critical"),
                ],
                max_length=8,
                verbose_name="level",
            ),
        ),
        migrations.AlterField(
            model_name="collision",
            name="settled_level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("note", "Note"),
                    ("low", "Low"),
                    ("medium", "Medium"),
                    ("high", "High"),
                    ("critical", "Critical"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="collision",
            constraint=models.UniqueConstraint(
                fields=("rule", "key", "offer_a", "offer_b"), name="collision_is_found_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="collision",
            constraint=models.UniqueConstraint(
                models.F("rule"),
                models.F("key"),
                django.db.models.functions.comparison.Least("offer_a", "offer_b"),
                django.db.models.functions.comparison.Greatest("offer_a", "offer_b"),
                name="collision_is_found_once_in_either_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="collision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rule", "overlap"), _negated=True),
                    models.Q(("shared_customers__gt", 0), ("shared_products__gt", 0)),
                    _connector="OR",
                ),
                name="collision_shares_products_and_customers",
            ),
        ),
        migrations.AddConstraint(
            model_name="collision",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["note", "low", "medium", "high", "critical"])),
                name="collision_level_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="collision",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["exact", "estimated", "heuristic"])),
                name="collision_certainty_is_known",
            ),
        ),
        migrations.AddField(
            model_name="announcedprice",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.department",
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="announcedprice",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaigns.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="collisionmember",
            name="collision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="members", to="campaigns.collision"
            ),
        ),
        migrations.AddField(
            model_name="collisionmember",
            name="offer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.offer"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="accepts",
            field=models.ManyToManyField(
                blank=True,
                help_text="None = with every class, if it combines at all.",
                related_name="+",
                to="campaigns.combinationclass",
                verbose_name="combines with",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="combination_class",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.combinationclass",
                verbose_name="combination class",
            ),
        ),
        migrations.AddField(
            model_name="combinationpolicy",
            name="high",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaigns.combinationclass",
                verbose_name="class",
            ),
        ),
        migrations.AddField(
            model_name="combinationpolicy",
            name="low",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaigns.combinationclass",
                verbose_name="class",
            ),
        ),
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_before__gt", models.F("starts_on")),
                    ("ends_before__lte", dt.date(2201, 1, 1)),
                    ("starts_on__gte", dt.date(2000, 1, 1)),
                ),
                name="fund_has_days_within_limits",
                violation_error_message="The last day is before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__isnull", True),
                    models.Q(("amount__gte", 0), ("amount__lte", Decimal("9999999999.99"))),
                    _connector="OR",
                ),
                name="fund_is_within_limits",
            ),
        ),
        migrations.AddField(
            model_name="funddraw",
            name="fund",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.fund", verbose_name="fund"
            ),
        ),
        migrations.AddField(
            model_name="funddraw",
            name="offer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="draws", to="campaigns.offer"
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="joint_group",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.jointgroup",
                verbose_name="joint group",
            ),
        ),
        migrations.AddField(
            model_name="offerchannelterms",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.channel",
                verbose_name="channel",
            ),
        ),
        migrations.AddField(
            model_name="offerchannelterms",
            name="offer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="channel_terms", to="campaigns.offer"
            ),
        ),
        migrations.AddField(
            model_name="offerclaim",
            name="channel",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.channel",
                verbose_name="channel",
            ),
        ),
        migrations.AddField(
            model_name="offerclaim",
            name="offer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="claims", to="campaigns.offer"
            ),
        ),
        migrations.AddField(
            model_name="offerclaim",
            name="product",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="offerclaim",
            name="segment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.segment",
                verbose_name="segment",
            ),
        ),
        migrations.AddField(
            model_name="offercombination",
            name="offer_a",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.offer"
            ),
        ),
        migrations.AddField(
            model_name="offercombination",
            name="offer_b",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.offer"
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("slots__isnull", True), models.Q(("slots__gte", 1), ("slots__lte", 100)), _connector="OR"
                ),
                name="placement_has_slots",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="recommendation_placement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.placement",
                verbose_name="recommended in",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applies_to__in", ["item", "order"]),
                    ("discount_base__in", ["", "discounted", "initial"]),
                    ("item_reuse__in", ["", "none", "as_trigger", "as_target", "both"]),
                    ("reference_price_policy__in", ["", "none", "current", "lowest_30d", "list", "msrp"]),
                ),
                name="offer_details_are_known_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("max_discount__isnull", True),
                        models.Q(
                            ("max_discount__gte", Decimal("0.01")), ("max_discount__lte", Decimal("9999999999.99"))
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("reference_price__isnull", True),
                        models.Q(
                            ("reference_price__gte", Decimal("0.01")),
                            ("reference_price__lte", Decimal("9999999999.99")),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("per_customer_limit__isnull", True),
                        models.Q(("per_customer_limit__gte", 1), ("per_customer_limit__lte", 2147483647)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("contacts__isnull", True),
                        models.Q(("contacts__gte", 0), ("contacts__lte", 100)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("max_recommendations__isnull", True),
                        models.Q(("max_recommendations__gte", 1), ("max_recommendations__lte", 100)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("expected_units__isnull", True),
                        models.Q(("expected_units__gte", 0), ("expected_units__lte", 2147483647)),
                        _connector="OR",
                    ),
                ),
                name="offer_details_are_within_limits",
            ),
        ),
        migrations.AddField(
            model_name="placementbooking",
            name="offer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="bookings", to="campaigns.offer"
            ),
        ),
        migrations.AddField(
            model_name="placementbooking",
            name="placement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.placement",
                verbose_name="placement",
            ),
        ),
        migrations.AddField(
            model_name="protectedscope",
            name="category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.category",
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="protectedscope",
            name="department",
            field=models.ForeignKey(
                blank=True,
                help_text="None = nobody may promote it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.department",
                verbose_name="reserved for",
            ),
        ),
        migrations.AddField(
            model_name="protectedscope",
            name="product",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.product",
                verbose_name="product",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetting",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["on", "report", "off"])), name="rule_mode_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetting",
            constraint=models.CheckConstraint(
                condition=models.Q(("opens_from__in", ["", "note", "low", "medium", "high", "critical"])),
                name="rule_opens_from_a_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("base__isnull", True), models.Q(("base__gte", 0), ("base__lte", 100)), _connector="OR"
                ),
                name="rule_base_is_within_limits",
            ),
        ),
        migrations.AddField(
            model_name="substitution",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaigns.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="substitution",
            name="substitute",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="campaigns.product",
                verbose_name="substitute",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcedprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_before__gt", models.F("starts_on")),
                    ("ends_before__lte", dt.date(2201, 1, 1)),
                    ("starts_on__gte", dt.date(2000, 1, 1)),
                ),
                name="announced_price_has_days_within_limits",
                violation_error_message="The last day is before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcedprice",
            constraint=models.UniqueConstraint(
                fields=("product", "starts_on", "price"), name="price_is_announced_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="announcedprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("price__isnull", True),
                    models.Q(("price__gte", 0), ("price__lte", Decimal("9999999999.99"))),
                    _connector="OR",
                ),
                name="announced_price_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="collisionmember",
            constraint=models.UniqueConstraint(fields=("collision", "offer"), name="collision_names_an_offer_once"),
        ),
        migrations.AddConstraint(
            model_name="combinationpolicy",
            constraint=models.UniqueConstraint(fields=("low", "high"), name="two_classes_have_one_policy"),
        ),
        migrations.AddConstraint(
            model_name="combinationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("low__lte", models.F("high"))), name="policy_names_the_lower_id_first"
            ),
        ),
        migrations.AddConstraint(
            model_name="combinationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["allow", "deny"])), name="policy_is_allow_or_deny"
            ),
        ),
        migrations.AddConstraint(
            model_name="funddraw",
            constraint=models.UniqueConstraint(fields=("offer", "fund"), name="offer_draws_on_a_fund_once"),
        ),
        migrations.AddConstraint(
            model_name="funddraw",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__isnull", True),
                    models.Q(("amount__gte", Decimal("0.01")), ("amount__lte", Decimal("9999999999.99"))),
                    _connector="OR",
                ),
                name="draw_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="offerchannelterms",
            constraint=models.UniqueConstraint(fields=("offer", "channel"), name="offer_has_terms_of_a_channel_once"),
        ),
        migrations.AddConstraint(
            model_name="offerchannelterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_off__isnull", True), ("fixed_price__isnull", True), ("percent_off__isnull", False)
                    ),
                    models.Q(
                        ("amount_off__isnull", False), ("fixed_price__isnull", True), ("percent_off__isnull", True)
                    ),
                    models.Q(
                        ("amount_off__isnull", True), ("fixed_price__isnull", False), ("percent_off__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="channel_terms_have_one_value",
                violation_error_message="Give one: a percentage, an amount or a price.",
            ),
        ),
        migrations.AddConstraint(
            model_name="offerchannelterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("percent_off__isnull", True),
                        models.Q(("percent_off__gte", Decimal("0.01")), ("percent_off__lte", 100)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("amount_off__isnull", True),
                        models.Q(("amount_off__gte", Decimal("0.01")), ("amount_off__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("fixed_price__isnull", True),
                        models.Q(("fixed_price__gte", 0), ("fixed_price__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                ),
                name="channel_terms_are_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="offerclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "lowest_price",
                            "exclusive_to",
                            "ends",
                            "never_discounted",
                            "only_here",
                            "new_customers_only",
                            "free_shipping_always",
                            "limited_quantity",
                        ],
                    )
                ),
                name="claim_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="offerclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__isnull", True),
                        models.Q(("amount__gte", 0), ("amount__lte", Decimal("9999999999.99"))),
                        _connector="OR",
                    ),
                    models.Q(
                        ("quantity__isnull", True),
                        models.Q(("quantity__gte", 1), ("quantity__lte", 2147483647)),
                        _connector="OR",
                    ),
                ),
                name="claim_numbers_are_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="offercombination",
            constraint=models.UniqueConstraint(fields=("offer_a", "offer_b"), name="two_offers_have_one_decision"),
        ),
        migrations.AddConstraint(
            model_name="offercombination",
            constraint=models.CheckConstraint(
                condition=models.Q(("offer_a__lt", models.F("offer_b"))), name="combination_names_the_lower_id_first"
            ),
        ),
        migrations.AddConstraint(
            model_name="offercombination",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["allow", "deny"])), name="combination_is_allowed_or_denied"
            ),
        ),
        migrations.AddConstraint(
            model_name="placementbooking",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_before__gt", models.F("starts_on"))),
                name="booking_ends_after_it_starts",
                violation_error_message="The last day is before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="placementbooking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_before__lte", dt.date(2201, 1, 1)),
                    ("starts_on__gte", dt.date(2000, 1, 1)),
                    models.Q(
                        ("share__isnull", True),
                        models.Q(("share__gte", Decimal("0.01")), ("share__lte", 100)),
                        _connector="OR",
                    ),
                ),
                name="booking_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="placementbooking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("goal__in", ["", "grow_list", "conversion", "awareness", "clear_stock", "margin", "loyalty"])
                ),
                name="booking_goal_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="protectedscope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_before__gt", models.F("starts_on")),
                    ("ends_before__lte", dt.date(2201, 1, 1)),
                    ("starts_on__gte", dt.date(2000, 1, 1)),
                ),
                name="protection_has_days_within_limits",
                violation_error_message="The last day is before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="protectedscope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["embargo", "minimum_price", "brand_exclusive", "legal", "never_promote"])
                ),
                name="protection_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="protectedscope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("brand", ""), _negated=True), ("category__isnull", True), ("product__isnull", True)
                    ),
                    models.Q(("brand", ""), ("category__isnull", False), ("product__isnull", True)),
                    models.Q(("brand", ""), ("category__isnull", True), ("product__isnull", False)),
                    _connector="OR",
                ),
                name="protection_names_one_scope",
                violation_error_message="Name one: a brand, a category or a product.",
            ),
        ),
        migrations.AddConstraint(
            model_name="protectedscope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "minimum_price"), ("min_price__isnull", False)),
                    models.Q(models.Q(("kind", "minimum_price"), _negated=True), ("min_price__isnull", True)),
                    _connector="OR",
                ),
                name="minimum_price_belongs_to_its_kind",
                violation_error_message="A minimum price is given for that kind, and for no other.",
            ),
        ),
        migrations.AddConstraint(
            model_name="protectedscope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("min_price__isnull", True),
                    models.Q(("min_price__gte", 0), ("min_price__lte", Decimal("9999999999.99"))),
                    _connector="OR",
                ),
                name="minimum_price_is_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.UniqueConstraint(fields=("product", "substitute"), name="product_has_a_substitute_once"),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.CheckConstraint(
                condition=models.Q(("product", models.F("substitute")), _negated=True),
                name="substitute_is_another_product",
            ),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rate__isnull", True), models.Q(("rate__gte", 0), ("rate__lte", 1)), _connector="OR"
                ),
                name="substitution_rate_is_a_part",
            ),
        ),
    ]
