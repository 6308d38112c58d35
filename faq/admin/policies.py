"""A policy at the desk: its own texts, its questions in order, preview, publishing, versions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from faq import editing, publishing
from faq.admin.acting import acting_name
from faq.admin.forms import PolicyForm, PublishForm, ReasonForm, posted
from faq.admin.preview import preview_text, private_base
from faq.admin.saving import RevisionAdmin, saved_tag
from faq.admin.status import PolicyStatus
from faq.digest import fingerprint
from faq.models import Approval, Policy, Question, Section, Version
from faq.models.record import ON_SCREEN
from faq.page import lay_out


@admin.register(Policy)
class PolicyAdmin(RevisionAdmin):
    """The pages of one policy. Lists of policies are the desk's first page."""

    form = PolicyForm
    change_form_template = "admin/faq/policy_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Django's addresses, and those of the desk."""
        view = self.admin_site.admin_view
        one = "<int:policy_id>/"
        preview = f"{one}preview-text/<str:kind>/"
        return [
            path("", view(self.to_desk), name="faq_policy_changelist"),
            path(f"{one}questions/", view(self.questions), name="faq_policy_questions"),
            path(f"{one}move/", view(self.move), name="faq_policy_move"),
            path(f"{one}preview/", view(self.preview), name="faq_policy_preview"),
            path(preview, view(preview_text), name="faq_preview_text"),
            path(f"{preview}<uuid:item_id>/", view(preview_text), name="faq_preview_text"),
            path(f"{one}publish/", view(self.publish), name="faq_policy_publish"),
            path(f"{one}versions/", view(self.versions), name="faq_policy_versions"),
            path(f"{one}versions/<int:version_id>/", view(self.version), name="faq_policy_version"),
            path(
                f"{one}versions/<int:version_id>/withdraw/",
                view(self.withdraw),
                name="faq_policy_withdraw",
            ),
            *super().get_urls(),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Policies have their place on the first page, not in a menu."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """A policy that was ever published stays."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.version_set.exists())

    def to_desk(self, request: HttpRequest) -> HttpResponse:
        """The list of policies is the first page."""
        return redirect("admin:index")

    def response_add(self, request: HttpRequest, obj: Policy, *args: Any) -> HttpResponse:
        """Go on to the questions."""
        words = _("Saved as draft. Readers see nothing yet.")
        messages.success(request, words, extra_tags=saved_tag(request))
        return redirect("admin:faq_policy_questions", obj.pk)

    def response_change(self, request: HttpRequest, obj: Policy) -> HttpResponse:
        """Say what readers see, and go on."""
        say_saved(request, obj)
        if "_continue" in request.POST:
            return redirect(request.path)
        return redirect("admin:faq_policy_questions", obj.pk)

    def questions(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """The questions in their sections, each with its state and what can be done."""
        policy = self._policy(request, policy_id)
        status = PolicyStatus.of(policy, request.at)
        living = policy.question_set.filter(retired_at=None)
        groups: list[dict[str, Any]] = [
            {"section": None, "questions": list(living.filter(section=None))}
        ]
        for section in policy.section_set.filter(retired_at=None):
            groups.append({"section": section, "questions": list(living.filter(section=section))})
        removed = [
            *policy.section_set.exclude(retired_at=None),
            *policy.question_set.exclude(retired_at=None),
        ]
        context = {"status": status, "groups": groups, "removed": removed}
        title = _("Questions: %(policy)s") % {"policy": policy.title}
        return self._show(request, policy, "questions", title, context)

    def move(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """Move a question or a section one place up or down."""
        kind, _sep, item_id = request.POST.get("item", "").partition(":")
        permission = "change_section" if kind == "section" else "change_question"
        policy = self._policy(request, policy_id, permission)
        if request.method != "POST":
            return redirect("admin:faq_policy_questions", policy.pk)
        item: Question | Section
        if kind == "section":
            item = get_object_or_404(Section, pk=_uuid(item_id), policy=policy)
        else:
            item = get_object_or_404(Question, pk=_uuid(item_id), policy=policy)
        places = -1 if request.POST.get("to") == "up" else 1
        if not editing.step(item, places, by=acting_name(request.user), at=request.at):
            messages.info(request, _("It stands at the end already."))
        url = reverse("admin:faq_policy_questions", args=[policy.pk])
        return redirect(f"{url}#item-{item.pk}")

    def preview(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """The whole working copy as readers would see it."""
        policy = self._policy(request, policy_id)
        document, language = policy.to_document(), settings.POLICY_LANGUAGE
        page = lay_out(document, language, image_base=private_base())
        return render(request, "admin/faq/preview.html", {"page": page, "policy": policy})

    def publish(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """What changed, what readers are told, from when: and publish."""
        policy = self._policy(request, policy_id, "add_approval")
        status = PolicyStatus.of(policy, request.at)
        first = not policy.approval_set.exists()
        form = PublishForm(
            posted(request),
            first=first,
            at=request.at,
            initial={"expected": fingerprint(status.draft.to_json())},
        )
        if request.method == "POST" and form.is_valid():
            try:
                approval = publishing.publish(
                    policy,
                    by=acting_name(request.user),
                    at=request.at,
                    effective_at=form.effective_at(),
                    material=form.material(),
                    note=form.cleaned_data["note"],
                    expected=form.cleaned_data["expected"],
                )
            except publishing.Refused as refusal:
                done = _just_published(policy, form.cleaned_data["expected"], request)
                if done is None:
                    form.add_error(None, str(refusal))
                    form.data = {**form.data.dict(), "expected": form["expected"].initial}
                else:
                    return self._published(request, policy, done)
            else:
                return self._published(request, policy, approval)
        context = {"status": status, "form": form, "first": first}
        title = _("Publish: %(policy)s") % {"policy": policy.title}
        return self._show(request, policy, "publish", title, context)

    def versions(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """Every version, read-only."""
        policy = self._policy(request, policy_id)
        live = policy.version_set.in_force(request.at)
        entries = []
        for version in policy.version_set.with_facts().order_by("-pk"):
            status = version.status(request.at, live=live)
            entries.append(
                {
                    "version": version,
                    "status": status,
                    "status_name": _status_name(version, status),
                    "public": version.is_public(request.at),
                    "can_withdraw": publishing.can_withdraw(version, request.at),
                }
            )
        title = _("Versions: %(policy)s") % {"policy": policy.title}
        return self._show(request, policy, "versions", title, {"entries": entries})

    def version(self, request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
        """One version as readers see it or will see it."""
        policy = self._policy(request, policy_id)
        version = self._version(policy, version_id)
        document, language = version.to_document(), settings.POLICY_LANGUAGE
        page = lay_out(document, language, image_base=private_base())
        context = {"page": page, "policy": policy, "shown": version}
        return render(request, "admin/faq/preview.html", context)

    def withdraw(self, request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
        """Withdraw a scheduled version, or the one in force."""
        policy = self._policy(request, policy_id, "add_withdrawal")
        version = self._version(policy, version_id)
        approval = getattr(version, "approval", None)
        if approval is None:
            raise Http404
        form = ReasonForm(posted(request))
        if request.method == "POST" and form.is_valid():
            try:
                publishing.withdraw(
                    version,
                    by=acting_name(request.user),
                    at=request.at,
                    reason=form.cleaned_data["reason"],
                )
            except publishing.Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                text = _("Version %(number)d is withdrawn.") % {"number": approval.number}
                messages.success(request, text)
                return redirect("admin:faq_policy_versions", policy.pk)
        scheduled = approval.effective_at > request.at
        context = {
            "form": form,
            "version": version,
            "scheduled": scheduled,
            "predecessor": None if scheduled else self._predecessor(policy, version, request),
        }
        title = _("Withdraw version %(number)d") % {"number": approval.number}
        return self._show(request, policy, "withdraw", title, context)

    def _published(self, request: HttpRequest, policy: Policy, approval: Approval) -> HttpResponse:
        said = {"number": approval.number, "moment": _said(approval.effective_at)}
        if approval.effective_at > request.at:
            text = _("Version %(number)d is approved. It applies from %(moment)s.") % said
        else:
            text = _("Version %(number)d is in force. Readers see it now.") % said
        messages.success(request, text)
        return redirect("admin:faq_policy_versions", policy.pk)

    def _policy(
        self, request: HttpRequest, policy_id: int, permission: str = "view_policy"
    ) -> Policy:
        if not request.user.has_perm(f"faq.{permission}"):
            raise PermissionDenied
        return get_object_or_404(Policy, pk=policy_id)

    def _version(self, policy: Policy, version_id: int) -> Version:
        return get_object_or_404(policy.version_set.with_facts(), pk=version_id)

    def _predecessor(
        self, policy: Policy, version: Version, request: HttpRequest
    ) -> Version | None:
        earlier = policy.version_set.approved(request.at).exclude(pk=version.pk)
        return earlier.in_force(request.at)

    def _show(
        self,
        request: HttpRequest,
        policy: Policy,
        name: str,
        title: str,
        context: dict[str, Any],
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "title": title, "policy": policy}
        return render(request, f"admin/faq/{name}.html", {**frame, **context})


def say_saved(request: HttpRequest, policy: Policy) -> None:
    """Tell the editor that the draft is saved and what readers see meanwhile."""
    status = PolicyStatus.of(policy, request.at)
    words = f"{_('Saved as draft.')} {status.readers_see()}"
    messages.success(request, words, extra_tags=saved_tag(request))


def _just_published(policy: Policy, digest: str, request: HttpRequest) -> Approval | None:
    """The approval that a second click on the same button would repeat."""
    approvals = Approval.objects.filter(
        policy=policy, version__digest=digest, version__withdrawal__isnull=True
    )
    newest = approvals.filter(approved_by=acting_name(request.user)).order_by("-seq").first()
    last = Approval.objects.filter(policy=policy).order_by("-seq").first()
    return newest if newest is not None and newest == last else None


def _status_name(version: Version, status: str) -> str:
    if status == "scheduled":
        return _("Applies from %(moment)s") % {"moment": _said(version.approval.effective_at)}
    return str(ON_SCREEN[status])


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Http404 from None


def _said(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")
