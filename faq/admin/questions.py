"""Questions and sections at the desk: add, edit, remove, take back."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from faq import editing, publishing
from faq.admin.acting import acting_name
from faq.admin.comparing import earlier_wordings, readable, since_live, wording_of
from faq.admin.forms import QuestionForm, RemoveForm, SectionForm, posted
from faq.admin.framing import say_saved
from faq.admin.saving import RevisionAdmin
from faq.models import Policy, Question, Section


class NamedAdmin(RevisionAdmin):
    """What questions and sections share."""

    change_form_template = "admin/faq/named_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Django's addresses, and one to take back what was removed."""
        name = f"faq_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.to_desk), name=f"{name}_changelist"),
            path("<uuid:object_id>/bring-back/", view(self.bring_back), name=f"{name}_back"),
            *super().get_urls(),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """They stand under their policy, not in a menu."""
        return False

    def to_desk(self, request: HttpRequest) -> HttpResponse:
        """Lists are the desk's."""
        return redirect("admin:index")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form, told which policy it is about and what was saved meanwhile."""
        form = _for_policy(self.form, self._policy(request, obj))
        form.stale = getattr(request, "stale", None)
        form.wording = self._wording(request, obj)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields in the order of the form, the rare ones folded away."""
        rare = ("also_asked", "anchor", "older_names")
        names = list(self.form.base_fields)
        usual = [name for name in names if name not in rare]
        folded = [name for name in names if name in rare]
        return [
            (None, {"fields": usual}),
            (_("Search words and link names"), {"fields": folded, "classes": ["collapse"]}),
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """New ones stand at the end."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            editing.add(obj, by=acting_name(request.user), at=request.at)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """Say what readers see, and go on."""
        return self._saved(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say what readers see, and go on."""
        return self._saved(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Name the policy above the form."""
        context["policy"] = self._policy(request, kwargs.get("obj"))
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Remove from the policy: what was ever published goes on answering its links."""
        item = self._item(request, object_id)
        published = item.names.exists()
        form = RemoveForm(posted(request), item=item, published=published)
        if request.method == "POST" and form.is_valid():
            try:
                publishing.retire(
                    item,
                    by=acting_name(request.user),
                    at=request.at,
                    reason=form.cleaned_data.get("reason", ""),
                    successor=form.cleaned_data.get("successor"),
                )
            except publishing.Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                say_saved(request, item.policy)
                return redirect("admin:faq_policy_questions", item.policy_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Remove “%(title)s” from the policy") % {"title": item.title},
            "policy": item.policy,
            "item": item,
            "form": form,
            "published": published,
        }
        return TemplateResponse(request, "admin/faq/remove.html", context)

    def bring_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take something removed back into the working copy."""
        item = self._item(request, object_id)
        if request.method == "POST":
            publishing.unretire(item, by=acting_name(request.user), at=request.at)
            messages.success(request, _("“%(title)s” is back in the draft.") % {"title": item})
        return redirect("admin:faq_policy_questions", item.policy_id)

    def unsaved_item(self, request: HttpRequest, obj: Any) -> str:
        """The name of what is edited; new ones of different policies are apart."""
        if obj is not None:
            return super().unsaved_item(request, obj)
        return f"{self.opts.model_name}-new-{self._policy(request, obj).pk}"

    def _wording(self, request: HttpRequest, obj: Any) -> dict[str, str]:
        """What the form begins with in place of what is saved."""
        return {}

    def _item(self, request: HttpRequest, object_id: Any) -> Any:
        try:
            item = get_object_or_404(self.model, pk=object_id)
        except ValidationError:  # not an id at all
            raise Http404 from None
        if not self.has_delete_permission(request, item):
            raise PermissionDenied
        return item

    def _policy(self, request: HttpRequest, obj: Any) -> Policy:
        if obj is not None:
            return obj.policy
        number = request.GET.get("policy", "")
        if not re.fullmatch(r"[0-9]{1,9}", number):
            raise Http404
        return get_object_or_404(Policy, pk=int(number))

    def _saved(self, request: HttpRequest, obj: Any) -> HttpResponse:
        say_saved(request, obj.policy)
        if "_continue" in request.POST:
            name = f"admin:faq_{self.opts.model_name}_change"
            return redirect(reverse(name, args=[obj.pk]))
        url = reverse("admin:faq_policy_questions", args=[obj.policy_id])
        return redirect(f"{url}#item-{obj.pk}")


@admin.register(Question)
class QuestionAdmin(NamedAdmin):
    """One question with its answer."""

    form = QuestionForm

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new question stands in the section under whose heading it was added."""
        return {"section": request.GET.get("section")}

    def get_urls(self) -> list[URLPattern]:
        """Those of questions and sections, and one for what a question said before."""
        view = self.admin_site.admin_view(self.wordings)
        path_ = path("<uuid:object_id>/wordings/", view, name="faq_question_wordings")
        return [path_, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """What changed since the version in force, and the way to earlier wordings."""
        question = kwargs.get("obj")
        if question is not None:
            context["since_live"] = since_live(question, request.at)
            context["has_wordings"] = readable(question).exists()
            if self._wording(request, question):
                context["brought_back"] = request.GET["wording"]
        return super().render_change_form(request, context, *args, **kwargs)

    def wordings(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """What the question said in earlier versions, each to be brought back."""
        question = get_object_or_404(Question, pk=object_id)
        if not self.has_view_permission(request, question):
            raise PermissionDenied
        entries, before = earlier_wordings(question, _number(request.GET.get("before", "")))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Earlier wordings: %(title)s") % {"title": question.title},
            "policy": question.policy,
            "item": question,
            "entries": entries,
            "before": before,
        }
        return TemplateResponse(request, "admin/faq/wordings.html", context)

    def _wording(self, request: HttpRequest, obj: Any) -> dict[str, str]:
        """The wording of the version that the address names."""
        number = _number(request.GET.get("wording", ""))
        found = wording_of(obj, number) if obj is not None and number is not None else None
        if found is None:
            return {}
        return {"title": found.title, "in_short": found.in_short, "answer": found.source}


@admin.register(Section)
class SectionAdmin(NamedAdmin):
    """One section heading."""

    form = SectionForm


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def _for_policy(form: type[Any], policy: Policy) -> Any:
    """The form class with its policy given: Django's admin makes the form with no other words."""

    class Form(form):
        wording: dict[str, str] = {}

        def __init__(self, *args: Any, initial: Any = None, **kwargs: Any) -> None:
            initial = {**(initial or {}), **self.wording}
            super().__init__(*args, policy=policy, initial=initial, **kwargs)

    return Form
