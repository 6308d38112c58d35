"""The Markdown editor: django-markdownx with buttons, help and a preview that is the real thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.forms import Media
from django.urls import reverse
from markdownx.widgets import AdminMarkdownxWidget

from faq.models import Policy, Question
from faq.theme import served_as


class MarkdownEditor(AdminMarkdownxWidget):
    """A Markdown field of one policy; `kind` says where its text stands (page.ANSWER_LEVELS)."""

    template_name = "faq/editor/editor.html"

    def __init__(self, policy: Policy, kind: str, item: Question | None = None) -> None:
        super().__init__()
        self.policy, self.kind, self.item = policy, kind, item

    @property
    def media(self) -> Media:
        """What the field needs, with the colours in which readers will see the text."""
        theme = [served_as(settings.THEME)] if settings.THEME else []
        return super().media + Media(
            css={"all": ["css/tokens.css", *theme, "css/answer.css", "desk/editor.css"]},
            js=["desk/text.js", "desk/editor.js", "desk/paste.js", "desk/pictures.js"],
        )

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
        context["questions"] = list(self._questions())
        context["images"] = reverse("admin:faq_images") if settings.IMAGES else ""
        return context

    def _questions(self) -> Iterator[dict[str, Any]]:
        """The questions that a link can lead to, in their sections."""
        if not self.policy.pk:
            return
        living = list(self.policy.question_set.filter(retired_at=None))
        sections = list(self.policy.section_set.filter(retired_at=None))
        known = {section.pk for section in sections}
        loose = [each for each in living if each.section_id not in known]
        if loose:
            yield {"title": "", "questions": loose}
        for section in sections:
            questions = [each for each in living if each.section_id == section.pk]
            if questions:
                yield {"title": section.title, "questions": questions}

    def _preview_url(self) -> str:
        args: list[Any] = [self.policy.pk or 0, self.kind]
        if self.item is not None and not self.item._state.adding:
            args.append(self.item.pk)
        return reverse("admin:faq_policy_preview_text", args=args)
