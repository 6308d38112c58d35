"""A policy as a page of Wagtail: a StreamField of sections, whose answers are rich text."""

from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page


class Question(blocks.StructBlock):
    """A question and its answer."""

    anchor = blocks.CharBlock()
    title = blocks.CharBlock()
    answer = blocks.RichTextBlock()


class Section(blocks.StructBlock):
    """A heading and its questions."""

    anchor = blocks.CharBlock(required=False)
    title = blocks.CharBlock()
    questions = blocks.ListBlock(Question())

    class Meta:
        template = "wagtail_section.html"


class PolicyPage(Page):
    """A policy."""

    introduction = RichTextField(blank=True)
    body = StreamField([("section", Section())])
    template = "wagtail_page.html"
