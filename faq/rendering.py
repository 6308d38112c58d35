"""Markdown to safe HTML: the one renderer behind preview, freeze and admin.

`render` turns an editor's Markdown into sanitised HTML whose sub-headings start at h3. `place`
fits such HTML to where it stands: heading level, links and ids. The HTML of a version is frozen
with its source, so a change in this module never changes what was published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from functools import cache
from html import escape
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore, smartquotes
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from faq.anchors import RESERVED_ENDINGS, suggest

#: The level at which sub-headings of an answer are frozen.
FROZEN_LEVEL = 3
SCHEMES = {"http", "https", "mailto", "tel"}
#: Lists and quotations within one another. What is deeper would be left out without a word.
MAX_NESTING = 40
#: Pairing quotation marks takes quadratic time, and no paragraph of prose has so many.
MAX_QUOTES = 1000
#: Where pictures stand on the site; `place` puts them where a page can reach them.
IMAGE_BASE = "/images/"
#: The address of a picture by the fingerprint of its bytes, as it is written and frozen.
IMAGE = re.compile(r"/images/(?P<sha256>[0-9a-f]{64})\.(?P<extension>webp|png|jpg)")
HEADINGS = ("h2", "h3", "h4", "h5", "h6")

TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a", "sup"),
    *("ul", "ol", "li", "dl", "dt", "dd", "div", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *HEADINGS[1:],
}
ATTRIBUTES = {
    "a": {"href", "id", "title"},
    "li": {"id"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    **{heading: {"id"} for heading in HEADINGS[1:]},
}
CLASSES = {
    "a": {"footnote-back"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "div": {"contact", "important", "table-scroll"},
    "th": {"align-left", "align-center", "align-right"},
    "td": {"align-left", "align-center", "align-right"},
}


class Picture(NamedTuple):
    """A picture that Markdown asks for, and the words that stand for it."""

    address: str
    words: str


def render(
    source: str,
    *,
    prefix: str,
    titles: Mapping[str, str] | None = None,
    heading_ids: bool = True,
    images: Mapping[str, tuple[int, int]] | None = None,
) -> str:
    """Render Markdown to sanitised HTML with sub-headings from h3 down.

    `prefix` is the question's first public anchor: sub-headings get ids `<prefix>.<slug>`,
    footnotes `_<prefix>.fn1`. `titles` gives the title of every anchor, for links with empty
    text. Without `heading_ids` (introductions, contact) sub-headings get none. `images` gives the
    width and height of every picture that may be shown, by its address; of others, and of those
    without words, only the words are left.
    """
    env: MutableMapping[str, Any] = {
        "prefix": prefix,
        "titles": titles or {},
        "heading_ids": heading_ids,
        "images": images or {},
    }
    # The container plugin stumbles over a quoted block that ends with the text.
    return sanitise(_parser().render(f"{source}\n", env), images=bool(images))


def sanitise(html: str, *, images: bool = False) -> str:
    """Let through only the elements, attributes, classes and link schemes an answer may have."""
    return nh3.clean(
        html,
        tags=TAGS | {"img"} if images else TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        tag_attribute_values={"div": {"tabindex": {"0"}}, "img": {"loading": {"lazy"}}},
        attribute_filter=_filter_attribute,
        url_schemes=SCHEMES,
        link_rel=None,
    )


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img":
        return value if _may_be_in_image(attribute, value) else None
    return value if attribute != "href" or is_kept(value) else None


def _may_be_in_image(attribute: str, value: str) -> bool:
    if attribute == "src":
        return IMAGE.fullmatch(value) is not None
    return (
        attribute not in {"width", "height"} or re.fullmatch("[1-9][0-9]{0,4}", value) is not None
    )


def is_kept(href: str) -> bool:
    """Whether a link may stay: to another site, or in-site where it works from every page."""
    scheme, colon, _rest = href.partition(":")
    if colon and scheme.lower() in SCHEMES:
        return True
    return href.startswith(("/", "#")) and not href.startswith(("//", "/\\"))


def syntax() -> MarkdownIt:
    """A parser of the Markdown that answers may have, without what rendering adds to it."""
    options = {"html": False, "linkify": True, "typographer": True, "maxNesting": MAX_NESTING}
    parser = MarkdownIt("commonmark", options)
    # Only smart quotes of the typographic rules: "replacements" would turn 6(1)(c) into 6(1)©.
    parser.enable(["table", "strikethrough", "linkify", "smartquotes"])
    parser.core.ruler.at("smartquotes", _curl_quotes)
    if parser.linkify is not None:
        # A bare "policy.In" is a missing space more often than an address in India.
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    parser.use(footnote_plugin, inline=False)
    parser.use(deflist_plugin)
    parser.use(container_plugin, name="contact")
    parser.use(container_plugin, name="important")
    return parser


@cache
def _parser() -> MarkdownIt:
    parser = syntax()
    for rule in (_level_headings, _keep_contact_lines, _fill_empty_links, _mark_tables):
        parser.core.ruler.push(rule.__name__, rule)
    for name, write in (
        ("footnote_ref", _footnote_ref),
        ("footnote_block_open", _footnote_block_open),
        ("footnote_open", _footnote_open),
        ("footnote_anchor", _footnote_anchor),
        ("image", _image),
    ):
        parser.add_render_rule(name, write)
    return parser


def _curl_quotes(state: StateCore) -> None:
    """Make quotation marks curly, except where there are too many to be prose."""
    tokens = state.tokens
    state.tokens = [
        token
        for token in tokens
        if token.content.count('"') + token.content.count("'") <= MAX_QUOTES
    ]
    smartquotes(state)
    state.tokens = tokens


def _level_headings(state: StateCore) -> None:
    """Start headings at h3, skip no level on the way down, and give them their ids."""
    open_levels: list[int] = []
    slugs = _Slugs()
    opening: Token | None = None
    for position, token in enumerate(state.tokens):
        if token.type == "heading_open":
            written = int(token.tag[1])
            while open_levels and open_levels[-1] >= written:
                open_levels.pop()
            open_levels.append(written)
            token.tag = f"h{min(FROZEN_LEVEL + len(open_levels) - 1, 6)}"
            opening = token
            if state.env["heading_ids"]:
                slug = slugs.next(suggest(_text_of(state.tokens[position + 1])))
                token.attrSet("id", f"{state.env['prefix']}.{slug}")
        elif token.type == "heading_close" and opening is not None:
            token.tag = opening.tag


class _Slugs:
    """Gives equal headings of one answer different slugs, counting on from the last."""

    def __init__(self) -> None:
        # `cookies.json` is an address of the policy, so no heading may have it as its id.
        self.taken = {ending.removeprefix(".") for ending in RESERVED_ENDINGS}
        self.last: dict[str, int] = {}

    def next(self, name: str) -> str:
        slug, number = name, self.last.get(name, 1)
        while slug in self.taken:
            number += 1
            slug = f"{name}-{number}"
        self.last[name] = number
        self.taken.add(slug)
        return slug


def _text_of(inline: Token) -> str:
    written = {"text", "code_inline", "softbreak", "hardbreak"}
    return "".join(c.content or " " for c in inline.children or [] if c.type in written)


def _keep_contact_lines(state: StateCore) -> None:
    """Break lines in contact blocks where the editor broke them: an address is made of lines."""
    depth = 0
    for token in state.tokens:
        if token.type == "container_contact_open":
            depth += 1
        elif token.type == "container_contact_close":
            depth -= 1
        elif depth and token.type == "inline":
            for child in token.children or []:
                if child.type == "softbreak":
                    child.type, child.tag = "hardbreak", "br"


def _fill_empty_links(state: StateCore) -> None:
    """Give a link without text the title of the question it leads to, or its address."""
    for token in state.tokens:
        if token.type != "inline" or not token.children:
            continue
        filled: list[Token] = []
        for child in token.children:
            if child.type == "link_close" and filled and filled[-1].type == "link_open":
                href = str(filled[-1].attrGet("href") or "")
                text = Token("text", "", 0)
                name = _decoded(href[1:]) if href.startswith("#") else ""
                text.content = state.env["titles"].get(name, href)
                filled.append(text)
            filled.append(child)
        token.children = filled


def _decoded(fragment: str) -> str:
    """Markdown links are percent-encoded by the parser; anchors are kept as they are written."""
    return unquote(fragment)


def _mark_tables(state: StateCore) -> None:
    """Let wide tables scroll within themselves, and align cells by class instead of style."""
    marked: list[Token] = []
    for token in state.tokens:
        style = token.attrGet("style")
        if token.type in {"th_open", "td_open"} and isinstance(style, str):
            del token.attrs["style"]
            token.attrSet("class", f"align-{style.removeprefix('text-align:')}")
        if token.type == "table_open":
            wrapper = Token("table_scroll_open", "div", 1, block=True)
            wrapper.attrs = {"class": "table-scroll", "tabindex": "0"}
            marked.append(wrapper)
        marked.append(token)
        if token.type == "table_close":
            marked.append(Token("table_scroll_close", "div", -1, block=True))
    state.tokens = marked


def pictures_in(source: str) -> Iterator[Picture]:
    """Every picture that a Markdown text asks for, whether or not it may be shown."""
    if "![" not in source:
        return
    parser = _parser()
    for token in parser.parse(f"{source}\n", {"prefix": "", "titles": {}, "heading_ids": False}):
        for child in token.children or []:
            if child.type == "image":
                yield Picture(str(child.attrGet("src") or ""), _words_of(child))


def _words_of(picture: Token) -> str:
    """The words between the brackets of a picture, without their marks."""
    inside = "".join(
        _words_of(child) if child.type == "image" else child.content or " "
        for child in picture.children or []
        if child.type in {"text", "code_inline", "softbreak", "hardbreak", "image"}
    )
    return " ".join(inside.split())


def shown_in(html: str) -> set[str]:
    """The fingerprints of the pictures in rendered HTML."""
    if "<img " not in html:
        return set()
    finder = _Images()
    finder.feed(html)
    return finder.found


def _image(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    token = tokens[index]
    words = escape(_words_of(token))
    address = str(token.attrGet("src") or "")
    size = env["images"].get(address)
    if size is None or not words:
        return words  # what a picture says in words must not vanish
    return (
        f'<img src="{escape(address)}" alt="{words}" width="{size[0]}" height="{size[1]}" '
        'loading="lazy">'
    )


def _footnote_name(tokens: Sequence[Token], index: int, env: MutableMapping[str, Any]) -> str:
    return f"_{escape(env['prefix'])}.fn{tokens[index].meta['id'] + 1}"


def _footnote_ref(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    name = _footnote_name(tokens, index, env)
    meta = tokens[index].meta
    again = f"-{meta['subId'] + 1}" if meta.get("subId") else ""
    number = meta["id"] + 1
    return f'<sup class="footnote-ref"><a href="#{name}" id="{name}-ref{again}">{number}</a></sup>'


def _footnote_block_open(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    return '<section class="footnotes">\n<ol>\n'


def _footnote_open(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    return f'<li id="{_footnote_name(tokens, index, env)}">'


def _footnote_anchor(
    self: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    name = _footnote_name(tokens, index, env)
    sub = tokens[index].meta.get("subId") or 0
    again = f"-{sub + 1}" if sub else ""
    return f' <a href="#{name}-ref{again}" class="footnote-back">\u21a9\ufe0e</a>'


class _Rewriter(HTMLParser):
    """Rewrites ids, in-page links and heading levels of HTML that `render` wrote."""

    def __init__(
        self, *, shift: int, link_base: str, id_prefix: str, image_base: str, own: frozenset[str]
    ) -> None:
        super().__init__(convert_charrefs=False)
        self.shift, self.link_base, self.id_prefix, self.own = shift, link_base, id_prefix, own
        self.image_base = image_base
        base = urlsplit(link_base)
        self.site = f"{base.scheme}://{base.netloc}" if base.netloc else ""
        self.written: list[str] = []

    def _tag(self, tag: str) -> str:
        if tag in HEADINGS and self.shift:
            return f"h{max(2, min(int(tag[1]) + self.shift, 6))}"
        return tag

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parts = [self._tag(tag)]
        for name, value in attrs:
            text = value or ""
            if name == "id":
                text = self.id_prefix + text
            elif name == "href" and text.startswith("#"):
                own = _decoded(text[1:]) in self.own
                text = f"#{self.id_prefix}{text[1:]}" if own else f"{self.link_base}{text}"
            elif name in {"href", "src"} and IMAGE.fullmatch(text):
                moved = self.image_base + text.removeprefix(IMAGE_BASE)
                text = self.site + moved if moved.startswith("/") else moved
            elif name == "href" and text.startswith("/"):
                text = self.site + text
            parts.append(f'{name}="{escape(text)}"')
        self.written.append(f"<{' '.join(parts)}>")

    def handle_endtag(self, tag: str) -> None:
        self.written.append(f"</{self._tag(tag)}>")

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = IMAGE.fullmatch(dict(attrs).get("src") or "") if tag == "img" else None
        if address:
            self.found.add(address["sha256"])


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.extend(value for name, value in attrs if name == "id" and value)


def _all_ids(html: str) -> list[str]:
    if ' id="' not in html:
        return []
    finder = _Ids()
    finder.feed(html)
    return finder.found


def ids_in(html: str) -> list[str]:
    """The promised ids in rendered HTML: those of sub-headings, not of footnotes."""
    return [name for name in _all_ids(html) if not name.startswith("_")]


def place(
    html: str,
    *,
    level: int = FROZEN_LEVEL,
    link_base: str = "",
    id_prefix: str = "",
    image_base: str = IMAGE_BASE,
) -> str:
    """Fit rendered HTML to where it stands.

    `level` (2 to 6) is that of its highest sub-heading there; deeper ones follow and none goes
    below h6. `link_base` is put before links to other parts of the policy (`/privacy/` on a
    page of its own); if it is a whole address, as in a feed, links to other pages of the site
    become whole too. `id_prefix` keeps ids apart where the same answer stands more than once;
    links within the answer follow it. `image_base` is where the pictures are for whoever reads
    it: on the site itself, whatever path it stands below, or behind a login.
    """
    moves_images = image_base != IMAGE_BASE and IMAGE_BASE in html
    if level == FROZEN_LEVEL and not link_base and not id_prefix and not moves_images:
        return html
    rewriter = _Rewriter(
        shift=level - FROZEN_LEVEL,
        link_base=link_base,
        id_prefix=id_prefix,
        image_base=image_base,
        own=frozenset(_all_ids(html)),
    )
    rewriter.feed(html)
    rewriter.close()
    return "".join(rewriter.written)
