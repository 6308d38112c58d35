"""Anchors: the names in URLs that other sites link to, kept for ever."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from django.utils.translation import gettext as _

MAX_LENGTH = 200
SUGGESTED_LENGTH = 80
RESERVED = frozenset({"versions", ".", ".."})
RESERVED_ENDINGS = (".json", ".atom")
FORBIDDEN = re.compile(r"""[/?#%<>"'&\\]""")
# Unicode's explicit directional marks: they reorder what a person sees in an address.
BIDI_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc\u00b4`")


def fault(name: str) -> str | None:
    """Say what is wrong with a name as an anchor, in a sentence for the editor; None if nothing is.

    The rules are DESIGN 4's: NFC text of at most 200 characters that can stand in a path and in
    a fragment without being escaped, and that no other address of the policy needs.
    """
    if not name:
        return _("A link name cannot be empty.")
    if len(name) > MAX_LENGTH:
        return _("A link name has at most 200 characters.")
    if name != unicodedata.normalize("NFC", name):
        return _("Type the link name again: its accents are stored in an unusual form.")
    if any(c.isspace() or unicodedata.category(c) in {"Cc", "Cs", "Cn"} for c in name):
        return _("A link name has no spaces or control characters. Use hyphens.")
    if any(c in BIDI_MARKS for c in name):
        return _("A link name has no invisible direction marks. Type it again.")
    if FORBIDDEN.search(name):
        return _("A link name has none of these characters: / ? # % < > \" ' & \\")
    if name.startswith("_"):
        return _("A link name does not start with an underscore: those belong to the page itself.")
    if name in RESERVED or name.endswith(RESERVED_ENDINGS):
        return _("This link name is needed for another address of the policy. Choose another.")
    return None


def suggest(title: str, taken: Container[str] = ()) -> str:
    """Suggest an anchor for a title in any script: never empty, never cut within a word.

    `taken` holds the names that are not free; a number is added to stay clear of them. Only a
    single word longer than the limit is cut, because there is nowhere else to cut it.
    """
    words = _words(title)
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word
        if len(longer) > SUGGESTED_LENGTH:
            break
        name = longer
    name = name or (words[0][:SUGGESTED_LENGTH] if words else "question")
    candidate, number = name, 1
    while candidate in taken or fault(candidate):
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _words(title: str) -> list[str]:
    text = unicodedata.normalize("NFC", title.translate(APOSTROPHES)).lower()
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text)
    # Lower-casing can leave a form that is not NFC (the Turkish dotted capital I is one).
    return unicodedata.normalize("NFC", kept).split()
