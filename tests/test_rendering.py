"""Markdown to safe HTML, and fitting that HTML to where it stands."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as quickly
from hypothesis import strategies as st

from faq.rendering import ids_in, place, render, sanitise


def shown(source: str, **options: Any) -> str:
    """The HTML of an answer whose first public anchor is `q`, without the last line end."""
    return render(source, **{"prefix": "q", **options}).rstrip("\n")


def elements(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element a browser would make of the HTML, with its attributes."""
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if isinstance(element.tag, str) and element.tag != "DOCUMENT_FRAGMENT":
            yield element.tag, dict(element.attrib)


def text_of(html: str) -> str:
    return "".join(html5lib.parseFragment(html, namespaceHTMLElements=False).itertext())


def links(html: str) -> list[str | None]:
    return [attributes.get("href") for tag, attributes in elements(html) if tag == "a"]


def ids(html: str) -> list[str]:
    return [attributes["id"] for _tag, attributes in elements(html) if "id" in attributes]


# CommonMark stays CommonMark.


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("One\ntwo.\n\nThree.", "<p>One\ntwo.</p>\n<p>Three.</p>"),
        ("*a* __b__ `c` \\*d\\*", "<p><em>a</em> <strong>b</strong> <code>c</code> *d*</p>"),
        ("two spaces  \nor\\\nmore", "<p>two spaces<br>\nor<br>\nmore</p>"),
        ("snake_case_name 2*3*4", "<p>snake_case_name 2<em>3</em>4</p>"),
        ("- a\n- b\n  - c", "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>"),
        ("- a\n\n- b", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("The year was\n1986. A great one.", "<p>The year was\n1986. A great one.</p>"),
        ("> said\n> twice", "<blockquote>\n<p>said\ntwice</p>\n</blockquote>"),
        ("    code <b>", "<pre><code>code &lt;b&gt;\n</code></pre>"),
        ("```sh\na\n```", "<pre><code>a\n</code></pre>"),
        ("a\n\n***\n\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        ("[a]\n\n[a]: /b 'T'", '<p><a href="/b" title="T">a</a></p>'),
        ("&copy; &amp; &#65; &nosuch;", "<p>© &amp; A &amp;nosuch;</p>"),
        ("a\tb", "<p>a\tb</p>"),
        ("#no heading", "<p>#no heading</p>"),
        ("", ""),
        (" \n\n", ""),
    ],
)
def test_plain_markdown_is_commonmark(source: str, html: str) -> None:
    assert shown(source) == html


# Each kind of content.


def test_numbered_and_bulleted_lists_nest() -> None:
    html = shown("1. one\n   - inner\n\n     more\n2. two")
    assert [tag for tag, _attributes in elements(html)] == [
        *("ol", "li", "ul", "li", "p", "p", "li")
    ]


def test_lists_within_lists_lose_nothing_however_deep_a_lawyer_goes() -> None:
    source = "\n".join(f"{'  ' * depth}- level {depth}" for depth in range(15))
    assert text_of(shown(source)).split() == " ".join(f"level {n}" for n in range(15)).split()


def test_tables_align_by_class_and_scroll_within_themselves() -> None:
    html = shown("| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | 2 | 3 | 4 |")
    assert html.startswith('<div class="table-scroll" tabindex="0">\n<table>')
    assert '<th>a</th>\n<th class="align-left">b</th>' in html
    assert '<td class="align-center">3</td>\n<td class="align-right">4</td>' in html


def test_a_table_in_a_contact_block_still_scrolls_within_itself() -> None:
    tags = [tag for tag, _ in elements(shown("::: contact\n| a |\n|---|\n| 1 |\n:::"))]
    assert tags[:3] == ["div", "div", "table"]


def test_strikethrough_and_definition_lists() -> None:
    assert shown("~~old~~") == "<p><s>old</s></p>"
    assert shown("Cookie\n: A small file.\n: Not food.") == (
        "<dl>\n<dt>Cookie</dt>\n<dd>A small file.</dd>\n<dd>Not food.</dd>\n</dl>"
    )


def test_a_contact_block_keeps_its_lines() -> None:
    assert shown("::: contact\nThe Company\n1 Street\n\nTown\nPost code\n:::") == (
        '<div class="contact">\n<p>The Company<br>\n1 Street</p>\n'
        "<p>Town<br>\nPost code</p>\n</div>"
    )


def test_lines_outside_a_contact_block_run_on() -> None:
    html = shown("a\nb\n\n::: contact\nc\nd\n:::\n\ne\nf")
    assert html.count("<br>") == 1
    assert "<p>a\nb</p>" in html
    assert "<p>e\nf</p>" in html


def test_an_important_block_holds_any_content() -> None:
    assert shown("::: important\nRead *this*:\n\n- a\n:::") == (
        '<div class="important">\n<p>Read <em>this</em>:</p>\n<ul>\n<li>a</li>\n</ul>\n</div>'
    )


def test_an_unknown_block_is_shown_as_it_is_written() -> None:
    assert shown("::: danger\nx\n:::") == "<p>::: danger\nx\n:::</p>"


def test_quotation_marks_are_curly_and_nothing_else_is_replaced() -> None:
    assert shown("\"Don't\", 'he' said: 6(1)(c), (r) (tm) +- ... -- ---") == (
        "<p>“Don’t”, ‘he’ said: 6(1)(c), (r) (tm) +- ... -- ---</p>"
    )
    assert shown('`"code"`') == '<p><code>"code"</code></p>'


def test_raw_html_is_shown_as_text() -> None:
    assert shown("<b>x</b> <!-- y -->") == "<p>&lt;b&gt;x&lt;/b&gt; &lt;!-- y --&gt;</p>"
    assert shown("<div>\n\n*x*\n\n</div>") == (
        "<p>&lt;div&gt;</p>\n<p><em>x</em></p>\n<p>&lt;/div&gt;</p>"
    )


def test_the_words_of_an_image_are_kept_and_the_image_is_not() -> None:
    assert shown("![Our <office>](https://a.example/b.png)") == "<p>Our &lt;office&gt;</p>"
    assert shown("[![Map](m.png)](/map)") == '<p><a href="/map">Map</a></p>'


# Links.


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/a?b=c&d#e",
        "http://example.org",
        "HTTPS://EXAMPLE.ORG",
        "mailto:dpo@example.org",
        "tel:+441234567890",
        "/terms/",
        "/",
        "#who-are-we",
        "#who.us",
    ],
)
def test_links_that_may_stay(href: str) -> None:
    assert links(shown(f"[text]({href})")) == [href]


@pytest.mark.parametrize(
    "href",
    [
        "ftp://example.org",
        "//example.org",
        "page.html",
        "../up",
        "?q=1",
        "sms:+44",
        "ws://example.org",
        "blob:x",
    ],
)
def test_other_links_lose_their_target_and_keep_their_text(href: str) -> None:
    html = shown(f"[text]({href})")
    assert links(html) == [None]
    assert text_of(html).strip() == "text"


def test_an_address_that_browsers_read_as_another_host_is_no_link_in_the_site() -> None:
    for href in ("//evil.example", "/\\evil.example", "\\\\evil.example", "\t//evil.example"):
        assert links(sanitise(f'<a href="{href}">x</a>')) == [None]


def test_bare_addresses_become_links_and_guesses_do_not() -> None:
    html = shown("See https://example.org/a_b_c?d=e&f, <https://b.example> or dpo@example.org.")
    assert links(html) == [
        "https://example.org/a_b_c?d=e&f",
        "https://b.example",
        "mailto:dpo@example.org",
    ]
    assert links(shown("This is our policy.In it we say, see example.org and www.b.example")) == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("[](#when)", "When do we?"),
        ("[](#caf%C3%A9)", "Café?"),
        ("[](#café)", "Café?"),
        ("[](#missing)", "#missing"),
        ("[](/when)", "/when"),
        ("[](https://example.org)", "https://example.org"),
        ("[our words](#when)", "our words"),
    ],
)
def test_a_link_without_text_takes_the_title_it_leads_to(source: str, text: str) -> None:
    titles = {"when": "When do we?", "café": "Café?"}
    assert text_of(shown(source, titles=titles)).strip() == text


def test_a_title_is_text_however_it_looks() -> None:
    html = shown("[](#a)", titles={"a": "<script>*x*</script>"})
    assert html == '<p><a href="#a">&lt;script&gt;*x*&lt;/script&gt;</a></p>'


# Headings.


def test_headings_start_at_h3_and_skip_no_level() -> None:
    levels = [tag for tag, _ in elements(shown("# A\n\n#### B\n\n## C\n\n###### D\n\n# E"))]
    assert levels == ["h3", "h4", "h4", "h5", "h3"]
    assert [tag for tag, _ in elements(shown("###### Deep\n\n# Up"))] == ["h3", "h3"]


def test_no_heading_is_deeper_than_h6() -> None:
    source = "\n\n".join(f"{'#' * n} {n}" for n in range(1, 7))
    assert [tag for tag, _ in elements(shown(source))] == ["h3", "h4", "h5", "h6", "h6", "h6"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("# Who we are", ["q.who-we-are"]),
        ("# Same\n\n# Same\n\n# Same", ["q.same", "q.same-2", "q.same-3"]),
        ("# A 2\n\n# A\n\n# A\n\n# A", ["q.a-2", "q.a", "q.a-3", "q.a-4"]),
        ("# *Bold* `code` [link](/x)", ["q.bold-code-link"]),
        ("# What's new", ["q.whats-new"]),
        ("Two\nlines\n---", ["q.two-lines"]),
        ("# Données personnelles", ["q.données-personnelles"]),
        ("# !!!", ["q.question"]),
        ("> # Quoted\n\n- # Listed", ["q.quoted", "q.listed"]),
        # These would be addresses of the policy: /privacy/cookies.json
        ("# JSON\n\n# Atom", ["q.json-2", "q.atom-2"]),
        ("No heading", []),
    ],
)
def test_headings_have_ids_below_the_first_public_anchor(source: str, names: list[str]) -> None:
    assert ids_in(shown(source)) == names


def test_introductions_and_contact_have_headings_without_ids() -> None:
    html = shown("# Hello\n\nText[^1]\n\n[^1]: Note.", heading_ids=False)
    assert ids_in(html) == []
    assert "<h3>Hello</h3>" in html


# Footnotes.


def test_footnotes_stand_at_the_end_with_links_both_ways() -> None:
    html = shown("A[^x], B[^1], A again[^x].\n\n[^1]: One.\n[^x]: Ex.")
    assert links(html) == [
        *("#_q.fn1", "#_q.fn2", "#_q.fn1"),
        *("#_q.fn1-ref", "#_q.fn1-ref-2", "#_q.fn2-ref"),
    ]
    assert {f"#{name}" for name in ids(html)} == set(links(html))


def test_footnotes_of_two_questions_share_no_id() -> None:
    source = "A[^1] and[^1] again.\n\n[^1]: Note."
    both = ids(render(source, prefix="one")) + ids(render(source, prefix="two"))
    assert len(both) == len(set(both)) == 6


def test_footnotes_are_promised_to_nobody() -> None:
    assert ids_in(shown("A[^1]\n\n[^1]: Note.")) == []


# place.

ANSWER = (
    "# Us\n\n[up](#q.us) [out](#other) [page](/x) [web](https://a.example)\n\nA[^1]\n\n[^1]: B."
)


def test_place_leaves_alone_what_stands_where_it_was_frozen() -> None:
    html = shown(ANSWER)
    assert place(html) is html


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        (2, ["h2", "h3", "h4", "h5"]),
        (3, ["h3", "h4", "h5", "h6"]),
        (4, ["h4", "h5", "h6", "h6"]),
        (6, ["h6", "h6", "h6", "h6"]),
    ],
)
def test_place_moves_headings_and_none_below_h6(level: int, levels: list[str]) -> None:
    html = place(shown("# A\n\n## B\n\n### C\n\n#### D"), level=level)
    assert [tag for tag, _ in elements(html)] == levels
    assert html.count("</h") == 4


def test_place_puts_a_whole_base_before_every_link_that_leaves_the_answer() -> None:
    html = place(shown(ANSWER), link_base="https://b.example/privacy/")
    assert links(html) == [
        "#q.us",
        "https://b.example/privacy/#other",
        "https://b.example/x",
        "https://a.example",
        "#_q.fn1",
        "#_q.fn1-ref",
    ]


def test_place_keeps_ids_apart_and_links_within_the_answer_follow() -> None:
    html = place(shown(ANSWER), id_prefix="old-")
    assert ids(html) == ["old-q.us", "old-_q.fn1-ref", "old-_q.fn1"]
    assert links(html) == [
        *("#old-q.us", "#other", "/x", "https://a.example", "#old-_q.fn1", "#old-_q.fn1-ref")
    ]


def test_place_follows_links_to_headings_in_any_script() -> None:
    html = place(shown("# Über uns\n\n[x](#q.über-uns)"), id_prefix="a-", link_base="/p/")
    assert ids_in(html) == ["a-q.über-uns"]
    assert links(html) == ["#a-q.%C3%BCber-uns"]


# Nothing that runs, fetches or escapes.

OURS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=`x`onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<details open ontoggle=alert(1)>",
    "<form><button formaction=javascript:alert(1)>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "</div></main><script>alert(1)</script>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](<java\tscript:alert(1)>)",
    "[x]( javascript:alert(1) 'a')",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](view-source:javascript:alert(1))",
    "[x](jar:javascript:alert(1)!/)",
    "[x](feed:javascript:alert(1))",
    "[x]\n\n[x]: javascript:alert(1)",
    "[x]\n\n[x]: <javascript:alert(1)> 'y'",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.gif)",
    '![x" onerror="alert(1)](y)',
    '[x](/y "\\" onclick=\\"alert(1)")',
    '[x](/y" onclick="alert(1))',
    "[x](/y'onmouseover='alert(1))",
    "[<img src=x onerror=alert(1)>](/y)",
    "# <img src=x onerror=alert(1)>",
    '# x" onclick="alert(1)',
    "# <script>\n\n# </script>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "|a|\n|:-:onclick=alert(1)|",
    "```<script>\nalert(1)\n```",
    '```" onclick="alert(1)\nx\n```',
    "~~~ x' style='position:fixed\nx\n~~~",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "[^<script>alert(1)</script>]\n\n[^<script>alert(1)</script>]: x",
    '[^" onclick="alert(1)]\n\n[^" onclick="alert(1)]: x',
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    "<b>term</b>\n: <script>alert(1)</script>",
    '::: contact" onclick="alert(1)\nx\n:::',
    "::: important <script>alert(1)</script>\nx\n:::",
    "::: contact\n<script>alert(1)</script>\n[x](javascript:alert(1))\n:::",
    "https://evil.example/<script>alert(1)</script>",
    'https://evil.example/"onmouseover="alert(1)',
    "x@evil.example<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script>alert(1)\\</script>",
    "<\x00script>alert(1)</script>",
    "\u2028<script>alert(1)</script>\u2029",
    "\ufeff<script>alert(1)</script>",
    "<a id=document name=cookie>x</a>",
    "{onclick=alert(1)}",
    "[x](/y){onclick=alert(1)}",
    "# x {#_policy onclick=alert(1)}",
    "[x](https://user:pass@evil.example\\@good.example)",
]
# Written out here, so that a longer list in the renderer is seen.
MAY_STAND = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a", "sup"),
    *("ul", "ol", "li", "dl", "dt", "dd", "div", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("h2", "h3", "h4", "h5", "h6"),
}
ALIGNMENTS = {"align-left", "align-center", "align-right"}
MAY_HAVE = {
    "a": {"href", "id", "title"},
    "li": {"id"},
    "ol": {"start"},
    "div": {"tabindex"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
MAY_BE = {
    "a": {"footnote-back"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "div": {"contact", "important", "table-scroll"},
    "th": ALIGNMENTS,
    "td": ALIGNMENTS,
}
PLACES = [{}, {"level": 5, "link_base": "/privacy/", "id_prefix": "a-"}]
URL = re.compile(r"(https?:|mailto:|tel:|/(?![/\\])|#)", re.IGNORECASE)


def dangers(html: str) -> list[str]:
    """What a browser would make of the HTML that an answer may not have."""
    found = []
    for tag, attributes in elements(html):
        if tag not in MAY_STAND:
            found.append(f"<{tag}>")
        for name, value in attributes.items():
            if name == "class":
                found += [f"class={each}" for each in set(value.split()) - MAY_BE.get(tag, set())]
            elif name not in MAY_HAVE.get(tag, set()):
                found.append(f"<{tag} {name}>")
            elif name == "href" and not URL.match(value):
                found.append(f"href={value}")
    return found


def foreign_ids(html: str) -> list[str]:
    """Ids that are not below the question's own name."""
    return [name for name in ids(html) if not name.removeprefix("a-").startswith(("q.", "_q."))]


@pytest.mark.parametrize("source", OURS)
def test_nothing_that_runs_fetches_or_escapes_gets_through(source: str) -> None:
    for where in PLACES:
        for wrapped in (source, f"- > {source}", f"a {source} b", f"# {source}", f"| {source} |"):
            html = place(shown(wrapped), **where)
            assert dangers(html) == foreign_ids(html) == []


@pytest.mark.parametrize("source", OURS)
def test_the_sanitiser_alone_would_stop_it(source: str) -> None:
    for html in (source, f"<p>{source}</p>", f"<table><tr><td>{source}", f"<a href=/x>{source}"):
        assert dangers(sanitise(html)) == []


@pytest.mark.parametrize("tag", sorted(MAY_STAND))
def test_no_element_keeps_an_attribute_that_could_harm(tag: str) -> None:
    names = ("style", "onclick", "onmouseover", "src", "srcset", "name", "target", "rel", "ping")
    attributes = " ".join(f'{name}="x"' for name in (*names, "formaction", "tabindex", "class"))
    html = sanitise(f"<table><tr><{tag} {attributes}>text</{tag}></tr></table>")
    assert dangers(html) == []
    assert '="x"' not in html


def test_the_sanitiser_alone_takes_away_what_an_element_may_not_have() -> None:
    assert sanitise('<p style="x" onclick="y" id="z" class="w" data-a="b">t</p>') == "<p>t</p>"
    assert sanitise('<div class="contact other" tabindex="1">t</div>') == (
        '<div class="contact">t</div>'
    )
    assert sanitise('<a href="javascript:x" target="_blank" name="n" title="t">t</a>') == (
        '<a title="t">t</a>'
    )
    assert sanitise("<style>a{}</style><script>x</script><h2>t</h2><!-- c -->") == "t"


def test_dangers_finds_what_it_looks_for() -> None:
    assert dangers("<script></script>") == ["<script>"]
    assert dangers('<p onclick="x" style="y">') == ["<p onclick>", "<p style>"]
    assert dangers('<a href="javascript:x">') == ["href=javascript:x"]
    assert dangers('<a href="//evil.example">') == ["href=//evil.example"]
    assert dangers('<div class="other" id="x">') == ["class=other", "<div id>"]
    assert foreign_ids('<h3 id="_policy">x</h3><h3 id="q.x">x</h3>') == ["_policy"]


@quickly(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(OURS), min_size=2, max_size=4), st.sampled_from(["", "\n\n", "|"]))
def test_nothing_gets_through_in_company_either(sources: list[str], between: str) -> None:
    assert dangers(place(shown(between.join(sources)), level=4, link_base="/p/")) == []


PIECES = st.sampled_from(
    [
        *("word", " ", "\n", "\n\n", "# ", "- ", "1. ", "> ", "*", "**", "_", "`", "~~", "|", "\\"),
        *(
            "[",
            "]",
            "(",
            ")",
            "](#a)",
            "[^1]",
            "[^1]: ",
            "<b>",
            "</b>",
            "<",
            ">",
            "&",
            "&amp;",
            ";",
        ),
        *(
            "::: contact\n",
            ":::\n",
            "| a |\n|---|\n",
            '"',
            "'",
            "é",
            "\u00a0",
            "https://a.example/b",
        ),
        *("    ", "\t", "\r\n", "![a](b)", ": ", "---", "\u202e", "😀", "&nbsp;", "&#x41;", "\x00"),
    ]
)
answers = st.lists(PIECES, max_size=25).map("".join)


@quickly(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers)
def test_any_markdown_gives_only_what_an_answer_may_have(source: str) -> None:
    assert dangers(shown(source)) == foreign_ids(shown(source)) == []


@quickly(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers, st.integers(2, 6), st.sampled_from(["", "/p/", "https://a.example/?b&c#"]))
def test_place_keeps_the_text_and_is_safe_to_place_again(
    source: str, level: int, base: str
) -> None:
    html = shown(source)
    placed = place(html, level=level, link_base=base, id_prefix="x-")
    assert text_of(placed) == text_of(html)
    assert [tag for tag, _ in elements(placed) if tag[0] != "h"] == [
        tag for tag, _ in elements(html) if tag[0] != "h"
    ]
    assert ids(placed) == [f"x-{name}" for name in ids(html)]
    assert place(html, level=3, link_base="") == html


@quickly(max_examples=200, deadline=None)
@given(answers)
def test_one_source_gives_one_html(source: str) -> None:
    assert shown(source) == shown(source)


@pytest.mark.shared
def test_no_public_payload_runs_or_fetches_anything(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(shared / "tools")
    try:
        from xss_check import static_findings
    finally:
        sys.modules.pop("xss_check", None)
    payloads = json.loads((shared / "security" / "xss_public.json").read_text())["payloads"]
    found = []
    for payload in payloads:
        html = place(shown(payload["payload"]), level=4, link_base="/p/", id_prefix="x-")
        found += [
            (payload["id"], kind, detail)
            for kind, detail in static_findings(html)
            if kind in {"exec", "external", "active", "style", "clobber", "crash"}
        ]
    assert len(payloads) > 100
    assert found == []


# Crafted input takes time in proportion to its size.

CRAFTED = {
    "brackets": "[",
    "images": "![",
    "links left open": "[a](",
    "angles": "<",
    "tags": "<b>",
    "emphasis": "*a _b **c ",
    "backticks": "`a ``b ",
    "quotation marks": "\"' ",
    "apostrophes": "' \" a",
    "quotes": "> ",
    "lists": "- ",
    "footnotes": "[^1]",
    "footnotes left open": "[^",
    "headings": "# a\n\n",
    "entities": "&amp;&#1",
    "addresses": "a@b.c http://a.b/ ",
    "tables": "|a|b|\n|-|-|\n",
    "containers": "::: important\n",
    "definitions": "a\n: b\n\n",
    "reference links": "[a]: /b\n[a]\n\n",
    "one long word": "x",
    "one long line": "word ",
    "tildes": "~~a ",
    "backslashes": "\\",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", CRAFTED)
def test_crafted_input_takes_time_in_proportion(kind: str) -> None:
    piece = CRAFTED[kind]

    def seconds(size: int) -> float:
        source = piece * (size // len(piece))
        start = time.process_time()  # of this process alone, whatever else the machine does
        place(shown(source), level=4, link_base="/p/")
        return time.process_time() - start

    seconds(1_000)  # warm
    small = max(min(seconds(5_000) for _ in range(3)), 0.005)
    # Eight times the size: in proportion is eight times the time, quadratic sixty-four.
    assert min(seconds(40_000) for _ in range(2)) < 32 * small


@pytest.mark.parametrize("source", ["> ::: contact\n> ", "> ::: important\n>", "- ::: contact\n "])
def test_a_block_left_open_at_the_end_is_closed(source: str) -> None:
    assert "<div" in shown(source)


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    for piece in ("> ", "- ", "1. ", "*a ", "[", "::: important\n", "> - "):
        assert isinstance(place(shown(piece * 5_000 + "x"), level=4), str)
