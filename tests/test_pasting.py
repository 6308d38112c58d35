"""What was copied from Word, a mail or a web page becomes the Markdown of an answer."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from faq.exchange.pasted import MAX_LENGTH, Unreadable, to_markdown
from faq.rendering import render

PASTE = "/admin/paste/"

#: As Word puts it on the clipboard, with its style sheets, bookmarks and lists of paragraphs.
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office">
<head><meta charset="utf-8"><title>T</title><style><!-- p.MsoNormal {margin:0cm;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='mso-list:l1 level1 lfo2'><a name="_Toc1"></a><![if !supportLists]><span
style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span>
<![endif]><b>How long</b><o:p></o:p></h1>
<p class=MsoNormal>We keep <b style='mso-bidi-font-weight:normal'>some</b>
information under Article&nbsp;6(1)(f), as <a href="https://example.org/law">the \u201claw\u201d</a>
says. See <a href="#_Toc2">page 7</a> and <a href="#who-are-we">who we are</a>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><span
style='font-family:Symbol;mso-list:Ignore'>\u00b7<span>&nbsp;&nbsp;&nbsp; </span></span>One</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span
style='mso-list:Ignore'>o<span>&nbsp; </span></span>Within it</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span
style='mso-list:Ignore'>\u00b7<span>&nbsp; </span></span><i>Two</i></p>
<h2>In detail</h2>
<p class=MsoListParagraph style='mso-list:l3 level1 lfo3'><span
style='mso-list:Ignore'>3.<span>&nbsp; </span></span>Third</p>
<p class=MsoListParagraph style='mso-list:l3 level1 lfo3'><span
style='mso-list:Ignore'>4.<span>&nbsp; </span></span>Fourth</p>
<table class=MsoTableGrid border=1><tr><td><p class=MsoNormal><b>Name<o:p></o:p></b></p></td>
<td><p class=MsoNormal>Kept for</p></td></tr>
<tr><td><p>a|b</p></td><td><p>1<br>year</p></td></tr></table>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<!--EndFragment--></body></html>"""
WORD_AS_MARKDOWN = """\
### How long

We keep **some** information under Article 6(1)(f), as \
[the \u201claw\u201d](https://example.org/law) says. See page 7 and [who we are](#who-are-we).

- One
  - Within it
- *Two*

#### In detail

3. Third
4. Fourth

| Name | Kept for |
| --- | --- |
| a\\|b | 1 year |"""


def test_a_page_of_word_becomes_the_markdown_an_editor_would_have_written() -> None:
    assert to_markdown(WORD) == WORD_AS_MARKDOWN


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (
            "<div>Dear all,</div><div><br></div><div>First<br>second</div>",
            "Dear all,\n\nFirst\\\nsecond",
        ),
        ("<p>\u00b7&nbsp;&nbsp; one</p><p>\u00b7&nbsp;&nbsp; two</p>", "- one\n- two"),
        (
            '<b style="font-weight:normal" id="docs-internal-guid-1"><p>'
            '<span style="font-weight:700">'
            "Bold</span> and <span style='font-style:italic'>not</span></p></b>",
            "**Bold** and *not*",
        ),
        ("<ul><li><p>a</p></li><ul><li><p>b</p></li></ul></ul>", "- a\n  - b"),
        ("<h4>Low</h4><p>x</p><h5>Lower</h5>", "### Low\n\nx\n\n#### Lower"),
        ("<p>a\u00adb\u200bc\ufeff</p>", "abc"),
        ("<p>\u2018Quotes\u2019 stay</p>", "\u2018Quotes\u2019 stay"),
        ("<p><a href='javascript:alert(1)'>a</a> <a href='file:///c:/x'>b</a></p>", "a b"),
        ("<p>x<img src=x onerror=alert(1)><script>alert(1)</script></p>", "x"),
        (
            "<p># no heading</p><p>&gt; no quotation</p><p>+ no list</p>",
            "\\# no heading\n\n\\> no quotation\n\n\\+ no list",
        ),
        (
            "<p>Art. 6, snake_case, [draft], 2*3 and a_ _b</p>",
            "Art. 6, snake_case, [draft], 2\\*3 and a\\_ \\_b",
        ),
        ("<p>x __0__ _1_</p>", "x \\_\\_0\\_\\_ \\_1\\_"),
        ("", ""),
    ],
)
def test_what_other_programs_copy_becomes_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html) == markdown


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Z"]), max_size=60))
def test_text_that_looks_like_markdown_still_says_the_same(text: str) -> None:
    words = " ".join(text.replace("\u00b7", "").split())
    markdown = to_markdown(f"<p>x {words.replace('&', '&amp;').replace('<', '&lt;')}</p>")
    assert "<em>" not in render(markdown, prefix="q")
    assert "<strong>" not in render(markdown, prefix="q")
    assert "<code>" not in render(markdown, prefix="q")


@pytest.mark.parametrize(
    "html",
    [
        "x" * (MAX_LENGTH + 1),
        "<blockquote>" * 900 + "x",
        "<p>x</p>" * 10_001,
        "<ol>" + "<li>x" * 2_500,
    ],
)
def test_what_is_too_much_is_refused(html: str) -> None:
    with pytest.raises(Unreadable):
        to_markdown(html)


@pytest.mark.django_db
def test_an_editor_gets_the_markdown_of_what_was_pasted() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("alice"))
    answer = client.post(PASTE, "<p><b>Über</b></p>".encode(), content_type="text/html")
    assert (answer.status_code, answer.content.decode()) == (200, "**Über**")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
def test_nobody_else_gets_anything_from_it() -> None:
    assert Client().post(PASTE, "<p>x", content_type="text/html").status_code == 302
    client = Client()
    client.force_login(User.objects.create_user("carol", is_staff=True))
    assert client.post(PASTE, "<p>x", content_type="text/html").status_code == 403
    client.force_login(User.objects.create_superuser("alice"))
    assert client.get(PASTE).status_code == 405
    assert client.post(PASTE, "x" * 2_000_001, content_type="text/html").status_code == 413
    assert client.post(PASTE, "<p>x" * 10_001, content_type="text/html").status_code == 413
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(User.objects.get(username="alice"))
    assert forged.post(PASTE, "<p>x", content_type="text/html").status_code == 403
