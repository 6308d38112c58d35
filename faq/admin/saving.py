"""Forms of the draft that go over nobody's work: each save says which revision it started from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from faq import editing, images
from faq.admin.acting import acting_name
from faq.admin.comparing import Difference, differences
from faq.admin.widgets import MarkdownEditor
from faq.editing import Stale
from faq.models.working_copy import Edited


class RevisionForm(forms.ModelForm):
    """A form that knows which revision it shows."""

    started_from = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    #: What somebody else saved meanwhile, once that is known: then nothing is saved.
    stale: Edited | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["started_from"].initial = self.instance.revision
        self.fields["started_from"].required = not self.instance._state.adding

    def clean(self) -> dict[str, Any]:
        """Line ends as files have them, pictures with words, and no save over a newer text."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = value.replace("\r\n", "\n").replace("\r", "\n")
        for name, value in list(cleaned.items()):
            is_markdown = isinstance(self.fields[name].widget, MarkdownEditor)
            if is_markdown and (fault := images.fault_in(value)):
                self.add_error(name, fault)
        if self.stale is not None:
            raise ValidationError(_("Somebody saved this meanwhile. Look at both texts above."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What is saved."""
        return {name: self.cleaned_data[name] for name in self.names()}

    def names(self) -> list[str]:
        """The fields of the text itself."""
        return [name for name in self._meta.fields or () if name != "started_from"]


class RevisionAdmin(admin.ModelAdmin):
    """Saves by revision; what is refused is shown beside what stands there now."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's, and a second look at what somebody else saved meanwhile."""
        if request.method == "POST" and object_id and self.get_object(request, object_id) is None:
            return self._gone(request)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Stale as stale:
            if stale.now is None:
                return self._gone(request)
            request.stale = stale.now
            again = request.POST.copy()
            again["started_from"] = str(stale.now.revision)
            request.POST = again  # type: ignore[assignment]
        response = super().changeform_view(request, object_id, form_url, extra_context)
        response.status_code = 409
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form, told of what somebody else saved."""
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"stale": getattr(request, "stale", None)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by revision what was there; how a new one begins, its own admin knows."""
        editing.save(
            obj,
            form.values(),
            revision=form.cleaned_data["started_from"],
            by=acting_name(request.user),
            at=request.at,
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say under which name the browser keeps unsaved text, and what was saved meanwhile."""
        form, obj = context["adminform"].form, kwargs.get("obj")
        context["unsaved_item"] = self.unsaved_item(request, obj)
        context["unsaved_changes"] = form.is_bound or bool(context.get("brought_back"))
        stale: Edited | None = getattr(request, "stale", None)
        if stale is not None:
            context["stale"] = {
                "by": stale.changed_by or _("Somebody"),
                "by_same_person": stale.changed_by == acting_name(request.user),
                "at": stale.changed_at,
                "rows": self._differences(stale, form),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def unsaved_item(self, request: HttpRequest, obj: Any) -> str:
        """The name of what is edited."""
        return f"{self.opts.model_name}-{obj.pk if obj else 'new'}"

    def _differences(self, stale: Edited, form: Any) -> list[Difference]:
        return differences(stale, form)

    def _gone(self, request: HttpRequest) -> HttpResponse:
        """Give the words back of whoever edited something that was deleted meanwhile."""
        form = self.form
        fields = [
            {"label": form.base_fields[name].label, "text": request.POST[name]}
            for name in form.base_fields
            if name != "started_from" and request.POST.get(name, "").strip()
        ]
        title = _("It is not there any more")
        context = {**self.admin_site.each_context(request), "title": title, "fields": fields}
        return TemplateResponse(request, "admin/faq/gone.html", context, status=410)
