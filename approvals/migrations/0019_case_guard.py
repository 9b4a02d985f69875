from django.db import migrations

from customers.state_steps import OnlySteps


class Migration(migrations.Migration):
    dependencies = [("approvals", "0018_mandates")]
    operations = [
        OnlySteps(
            "Case",
            "state",
            [
                ("", "detected"),
                ("", "mediation"),
                ("", "negotiation"),
                ("decided", "closed"),
                ("detected", "negotiation"),
                ("detected", "withdrawn"),
                ("mediation", "closed"),
                ("mediation", "decided"),
                ("mediation", "waived"),
                ("mediation", "withdrawn"),
                ("negotiation", "closed"),
                ("negotiation", "mediation"),
                ("negotiation", "waived"),
                ("negotiation", "withdrawn"),
            ],
        )
    ]
