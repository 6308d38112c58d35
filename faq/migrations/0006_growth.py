"""What readers ask is found by an index, however many versions there are."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from faq.document import BadDocument, Document
from faq.seals import make_seals


def compare_what_is_there(apps: Any, editor: Any) -> None:
    """Note of every approved version which questions it reworded."""
    using = editor.connection.alias
    approvals, made, seals = (
        apps.get_model("faq", name).objects.using(using)
        for name in ("Approval", "Rewording", "Seal")
    )
    policy, before = None, None
    known: set[str] = set()
    ordered = approvals.select_related("version").order_by("policy_id", "number")
    for approval in ordered.iterator(chunk_size=20):
        if approval.policy_id != policy:
            policy, before, known = approval.policy_id, None, set()
        try:
            document = Document.from_json(bytes(approval.version.document))
        except BadDocument:  # it was hidden, and then erased
            before = None
            continue
        found = document.rewordings(before)
        if before is None:
            here = {question.id for question in document.questions()}
            found |= dict.fromkeys(known - here, "gone")
        rows = [
            made.model(version_id=approval.version_id, question_id=key, kind=kind)
            for key, kind in found.items()
        ]
        made.bulk_create(rows, batch_size=500)
        seals.bulk_create(make_seals(rows, seals.model), batch_size=500)
        before, known = document, known | found.keys()


def forget_their_seals(apps: Any, editor: Any) -> None:
    """Take out the seals of rows whose table goes."""
    seals = apps.get_model("faq", "Seal").objects.using(editor.connection.alias)
    seals.filter(of_table="faq_rewording").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("faq", "0005_seals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(fields=["policy", "effective_at"], name="faq_approval_in_force"),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("material", True)),
                fields=["policy", "number"],
                name="faq_approval_material",
            ),
        ),
        migrations.CreateModel(
            name="Rewording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                (
                    "question",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="faq.question",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="faq.version"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("question", "version"), name="faq_rewording_once"
                    )
                ],
            },
        ),
        migrations.RunPython(compare_what_is_there, forget_their_seals),
    ]
