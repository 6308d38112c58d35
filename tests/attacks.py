"""Texts that attack, a policy that has one in every field, and who tells whether one got through.

Each text tries to call `strike()` or to load something from `out.example`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import html5lib
from django.contrib.auth.models import User

from faq import images, publishing, reviewing
from faq.models import Policy
from faq.roles import ADMINISTRATOR
from tests.factory import DAY, DAY_1, make_policy, make_question, make_section, picture, publish

#: Each ends whatever it may stand in: text, an attribute, a script, a title, a comment, CDATA.
EVERYWHERE = (
    "\"'><script>strike()</script><img src=//out.example/a.png onerror=strike()>",
    "</title></style></textarea></script><svg onload=strike()><a href=javascript:strike()>x",
    "--></template></noscript>]]><iframe srcdoc='<script>strike()</script>'></iframe>",
    "' onmouseover=strike() autofocus onfocus='strike()' x=\" onclick=strike() y=\"",
    '\\";strike();//\u2028</ScRiPt ><ScRiPt\t>strike()</sCrIpT>{{ 7|add:7 }}{% now %}${strike()}',
    "&lt;script&gt;strike()&lt;/script&gt;&#60;img src=x onerror=strike()&#62;%3Cscript%3Estrike()",
    '=HYPERLINK("//out.example","x")\u202e<link rel=stylesheet href=//out.example/a.css>',
    "<base href=//out.example/><meta http-equiv=refresh content=0;url=//out.example/><x id=body>",
)
#: What Markdown might make of itself.
MARKDOWN = (
    "[a](javascript:strike()) [b](JaVaScRiPt&colon;strike()) [c](java\tscript:strike())",
    "[d](&#106;avascript:strike()) [e](%6aavascript:strike()) [f](data:text/html,<script>strike()",
    '[g](vbscript:strike) [h](<javascript:strike()>) [i]( javascript:strike() "title")',
    "<javascript:strike()> <data:text/html;base64,PHNjcmlwdD4=> javascript:strike()",
    '![j](//out.example/a.png) ![k](https://out.example/a.png "t") ![l](javascript:strike())',
    "[m]: javascript:strike()\n\n[m] [n][m] ![o][m]",
    "[p](https://x.example/\"onclick=strike()\") [q](/x' onclick='strike()) [r](//out.example/)",
    '[s](#"><script>strike()</script>) [](#<svg/onload=strike()>)',
    "`<script>strike()</script>` ``a`b <img src=x onerror=strike()>``",
    '```html"><script>strike()</script>\n<script>strike()</script>\n```',
    "    <script>strike()</script>",
    "<div>\n<script>strike()</script>\n</div>\n<!-- --!><img src=x onerror=strike()> -->",
    '<p title="*a*" onclick=strike()>*b*</p><style>*{background:url(//out.example/a)}</style>',
    "| <script>strike()</script> | [x](javascript:strike()) |\n| --- | :-: |\n| <b onclick=a> |",
    "Term<script>strike()</script>\n: ![t](//out.example/a.png)",
    'Note[^1"><script>strike()</script>] and[^1].\n\n[^1]: <img src=x onerror=strike()>',
    '::: important" onclick="strike()\n<script>strike()</script>\n:::',
    "::: contact\n<svg onload=strike()>\n:::",
    '# <img src=x onerror=strike()> {#"onclick=strike()}\n\n## " onclick=strike() id="body',
    "http://out.example/<script>strike()</script> a@out.example?subject=<script>strike()</script>",
    '[u](mailto:a@x.example?body="><script>strike()</script>) [v](tel:"onclick=strike())',
    "\\<script>strike()\\</script> <scr<script>ipt>strike()</scr</script>ipt>",
    "<math><mi><mglyph><style><img src=x onerror=strike()></style></mglyph></mi></math>",
    '<svg><p><style><a id="</style><img src=x onerror=strike()>">',
    "<form action=//out.example><input name=parentNode><button formaction=javascript:strike()>x",
    "\x07<scr\x08ipt>strike()</script> \ufeff<img\u3000src=x\u00a0onerror=strike()>",
)
#: Where a spreadsheet might take a text for a formula.
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1+1", "=cmd|' /C calc'!A0")
#: What may be in a link name: no quotes, no angle brackets, no white space.
NAME = "javascript:strike()"


def texts(number: int) -> str:
    """One of those for a field of one line; any number will do."""
    return EVERYWHERE[number % len(EVERYWHERE)]


def long_text(number: int) -> str:
    """All that Markdown might make something of, and one of the others before it."""
    return "\n\n".join((texts(number), *MARKDOWN))


def short_name(number: int) -> str:
    """Who did something, as long as a name may be."""
    return texts(number)[:150]


def write(policy: Policy, first: int, image: Any) -> None:
    """Put an attack into every field of the working copy, another one for every number."""
    policy.title, policy.introduction = texts(first)[:200], long_text(first)
    policy.contact, policy.changed_by = long_text(first + 1), short_name(first)
    policy.save()
    for place, item in enumerate((*policy.section_set.all(), *policy.question_set.all())):
        item.title, item.changed_by = texts(first + place), short_name(first + place)
        if hasattr(item, "answer"):
            item.in_short, item.also_asked = texts(first + place + 1), texts(first + place + 2)
            item.answer = long_text(first + place)
            item.answer += f"\n\n![{texts(first + place)}]({image.address})"
        else:
            item.introduction = long_text(first + place)
        item.save()


def make_attacked(at: datetime = DAY_1) -> SimpleNamespace:
    """A policy with an attack in every text that it and all that stands around it have."""
    by = short_name
    root = User.objects.create_superuser(
        "root", "root@example.org", "secret", first_name=texts(3)[:150], last_name=texts(0)[:150]
    )
    image = images.add(picture(), by=by(0), at=at)
    policy = make_policy(title=texts(0))
    section = make_section(policy, texts(1), anchor="section")
    for place in range(len(EVERYWHERE)):
        make_question(policy, texts(place), anchor=f"q{place}", older_names=f"{NAME}-{place}")
    make_question(policy, "In a section", anchor=f"{NAME}-s", section=section)
    gone = make_question(policy, texts(2), anchor="gone")
    write(policy, 0, image)
    publish(policy, at, by=by(0), note=long_text(0))
    first = policy.version_set.newest()
    publishing.write_note(first, by=by(1), at=at + DAY, text=long_text(1))
    publishing.retire(gone, by=by(2), at=at + DAY, reason=texts(2))
    write(policy, 1, image)
    publish(policy, at + DAY, by=by(3), note=long_text(2))
    publishing.withdraw(policy.version_set.newest(), by=by(4), at=at + 2 * DAY, reason=texts(3))
    write(policy, 2, image)
    publish(policy, at + 3 * DAY, by=by(5), note=long_text(3))
    hidden = policy.version_set.get(approval__number=1)
    publishing.withhold(hidden, by=by(6), at=at + 4 * DAY, reason=texts(4))
    write(policy, 3, image)
    publish(policy, at + 5 * DAY, by=by(7), note=texts(5), effective_at=at.replace(year=2999))
    write(policy, 4, image)
    back = publishing.freeze(policy, by=by(0), at=at + 6 * DAY, summary=texts(6), note=texts(7))
    publishing.reject(back, by=by(1), at=at + 6 * DAY, reason=texts(0))
    write(policy, 5, image)
    waiting = publishing.freeze(policy, by=by(2), at=at + 7 * DAY, summary=texts(1), note=texts(2))
    question = str(policy.question_set.first().pk)
    for place in range(len(EVERYWHERE)):
        said = {"text": long_text(place), "quote": texts(place + 1), "item": question}
        comment = reviewing.comment(waiting, by=by(place), at=at + 7 * DAY, **said)
    reviewing.resolve(comment, by=by(3), at=at + 7 * DAY)
    now = at.replace(year=2998)
    asked, draft = (
        reviewing.make_link(
            policy,
            by=by(4),
            at=now,
            name=texts(place)[:150],
            version=version,
            asks_for_sign_off=version is not None,
        )
        for place, version in enumerate((waiting, None))
    )
    reviewing.sign_off(
        asked, at=now, approves=False, comment=long_text(5)[:4000], digest=waiting.digest
    )
    reviewing.review(policy, by=by(6), at=at + 7 * DAY)
    write(policy, 6, image)
    people = User.objects.create_user("carol", "carol@example.org", is_staff=True)
    people.first_name, people.last_name = texts(4)[:150], texts(5)[:150]
    people.save()
    return SimpleNamespace(
        policy=policy,
        root=root,
        image=image,
        waiting=waiting,
        tokens=[reviewing.token_of(link) for link in (asked, draft)],
        role=ADMINISTRATOR,
    )


# Who tells

_OWN_SCRIPT = re.compile(r"/static/[\w/.-]+\.js|/admin/jsi18n/")
_DATA = {"application/ld+json", "application/json"}
_LOADS = {"src", "srcset", "poster", "background", "data", "action", "formaction", "ping", "srcdoc"}
_STRANGE = {"iframe", "frame", "object", "embed", "base", "applet", "math", "style", "marquee"}
_STRANGE |= {"foreignobject", "animate", "set", "template", "noscript", "plaintext", "portal"}
_SCHEMES = {"", "http", "https", "mailto", "tel"}


#: What the site is called by the test's client, and by itself.
HOSTS = ("testserver", "127.0.0.1:8000")


def got_through(html: str) -> list[str]:
    """Everything in a page that could run, load from elsewhere or stand for something else.

    The page is parsed as browsers do it. Own scripts and styles are files below /static/.
    """
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return sorted(set(_findings(tree)))


def _findings(tree: Any) -> Iterator[str]:
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2].lower()
        given = {str(name).rpartition("}")[2].lower(): v for name, v in element.attrib.items()}
        if tag in _STRANGE or "strike" in tag:
            yield f"<{tag}>"
        if tag == "script" and given.get("type") not in _DATA:
            own = _OWN_SCRIPT.fullmatch(given.get("src", ""))
            if not own or (element.text or "").strip():
                yield f"<script> {given} {element.text}"
        if tag == "meta" and "http-equiv" in given:
            yield f"<meta> {given}"
        if tag == "link":
            yield from _address("link@href", given["href"], loads=True)
        for name, value in given.items():
            if name.startswith("on") or name in {"style", "srcdoc", "is"} or "strike" in name:
                yield f"{tag}@{name}={value}"
            if name in {*_LOADS, "href", "cite"} and name != "data":
                yield from _address(f"{tag}@{name}", value, loads=name != "href")


def _address(where: str, value: str, *, loads: bool) -> Iterator[str]:
    # Browsers leave out white space and controls before and in a scheme.
    value = re.sub(r"[\x00-\x20]", "", value).replace("\\", "/")
    try:
        parts = urlsplit(value)
    except ValueError:
        yield f"{where}={value}"
        return
    if parts.scheme.lower() not in _SCHEMES:
        yield f"{where}={value}"
    elif loads and parts.netloc not in {"", *HOSTS}:
        yield f"{where}={value} loads from elsewhere"
