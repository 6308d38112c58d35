"""Noting with which versions a question was reworded or removed.

Approving a version notes it. `fill_in` does so afterwards for versions that were approved without:
by code of before, on another server, while this one's was being put in place.
"""

from __future__ import annotations

from django.db import transaction

from faq.document import BadDocument, Document
from faq.models import Approval, Policy, Rewording, Version
from faq.models.record import GONE, REWORDED


def note(approval: Approval, document: Document, using: str | None = None) -> None:
    """Note which questions of the approved document differ from the version numbered before.

    `using` is the alias of the database; without it, the one that is written by default.
    """
    versions = Version.objects.using(using).filter(policy=approval.policy_id)
    before = versions.filter(approval__number=approval.number - 1).first()
    rows = Rewording.objects.using(using)
    try:
        found = document.rewordings(before and before.to_document())
    except BadDocument:  # its wording was hidden, and then erased: nothing is known to have stayed
        known = rows.filter(
            version__policy=approval.policy_id, version__approval__number__lt=approval.number
        )
        here = {question.id for question in document.questions()}
        gone = {str(key) for key in known.values_list("question", flat=True)} - here
        found = dict.fromkeys(here, REWORDED) | dict.fromkeys(gone, GONE)
    rows.bulk_create(
        Rewording(version_id=approval.version_id, question_id=key, kind=kind)
        for key, kind in found.items()
    )


def fill_in(using: str) -> None:
    """Note what is missing in the database with this alias; nothing if it is all there.

    Versions of which something is noted are not read. Of the others most are without a new
    wording, and stay as they are.
    """
    lacking = Approval.objects.using(using).filter(version__rewording__isnull=True)
    with transaction.atomic(using=using):
        policies = set(lacking.values_list("policy", flat=True))
        if not policies:
            return
        # Nobody approves meanwhile, and nobody else fills in.
        list(Policy.objects.using(using).select_for_update().filter(pk__in=policies).order_by("pk"))
        for key in list(lacking.order_by("policy", "number").values_list("pk", flat=True)):
            approval = Approval.objects.using(using).select_related("version").get(pk=key)
            try:
                document = approval.version.to_document()
            except BadDocument:  # erased: nothing is to be found of it
                continue
            note(approval, document, using)
