"""A fingerprint beside every row of the record, for the rows that are there as well."""

from typing import Any

from django.db import migrations, models

from faq.seals import columns_of, make_seals

SEALED = [
    "Anchor",
    "Announcement",
    "Approval",
    "ChangeNote",
    "Confirmation",
    "Event",
    "Image",
    "ImageUse",
    "Rejection",
    "Review",
    "SignOff",
    "Version",
    "Withdrawal",
    "Withholding",
]


def seal_what_is_there(apps: Any, editor: Any) -> None:
    """Seal every row as it is now."""
    using = editor.connection.alias
    seals = apps.get_model("faq", "Seal").objects.using(using)
    for name in SEALED:
        model = apps.get_model("faq", name)
        covered = {f.attname for f in model._meta.concrete_fields if f.column in columns_of(model)}
        rows = model.objects.using(using).only(*covered)
        seals.bulk_create(make_seals(rows.iterator(chunk_size=500), seals.model), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("faq", "0004_reminder"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("of_table", models.CharField(max_length=63)),
                ("of_row", models.CharField(max_length=36)),
                ("of_columns", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("of_table", "of_row"), name="faq_seal_once")
                ],
            },
        ),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
    ]
