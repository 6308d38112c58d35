"""The Markdown editor: django-markdownx with buttons, help and a preview that is the real thing."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from markdownx.widgets import AdminMarkdownxWidget

from faq.models import Policy, Question


class MarkdownEditor(AdminMarkdownxWidget):
    """A Markdown field of one policy; `kind` says where its text stands (page.ANSWER_LEVELS)."""

    template_name = "faq/editor/editor.html"

    class Media:
        css = {"all": ["css/tokens.css", "css/answer.css", "desk/editor.css"]}
        js = ["desk/editor.js"]

    def __init__(self, policy: Policy, kind: str, item: Question | None = None) -> None:
        super().__init__()
        self.policy, self.kind, self.item = policy, kind, item

    def get_context(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The preview's address, and the questions a link can lead to."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"].update(
            {
                "data-markdownx-urls-path": self._preview_url(),
                "data-markdownx-upload-urls-path": "",
                "rows": "16" if self.kind.startswith("question") else "8",
            }
        )
        context["questions"] = (
            self.policy.question_set.filter(retired_at=None) if self.policy.pk else []
        )
        return context

    def _preview_url(self) -> str:
        args: list[Any] = [self.policy.pk or 0, self.kind]
        if self.item is not None and not self.item._state.adding:
            args.append(self.item.pk)
        return reverse("admin:faq_policy_preview_text", args=args)
