"""An organisation's own colours: a small CSS file that gives the tokens of the pages other values.

It holds `:root { --token: #colour; … }` for light screens and paper, `html:root { … }` within
`@media screen and (prefers-color-scheme: dark) { … }` for dark ones, comments, and nothing else.
So whoever reads it knows every colour there is, and contrast can be computed. The stronger selector
keeps what a theme says of light screens from dark ones, of which it may say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

#: Below which name the theme and the logo are served.
OWN = "own"

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DARK = re.compile(
    r"@media\s+screen\s+and\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)\s*"
    r"\{\s*html:root\s*\{([^{}]*)\}\s*\}"
)
_LIGHT = re.compile(r"(?<![\w-]):root\s*\{([^{}]*)\}")
_TOKEN = re.compile(r"--(?P<name>[a-z-]+)\s*:\s*(?P<colour>#(?:[0-9a-f]{3}|[0-9a-f]{6}))", re.I)

#: Text, and the grounds that it stands on. Deleted and inserted words stand in the body's ink.
TEXTS = ("ink", "ink-soft", "link", "link-visited")
GROUNDS = ("paper", "panel", "alert", "mark")
MARKED = ("inserted", "deleted")
#: Lines that say something, which need less (WCAG 1.4.11).
LINES = ("alert-line",)
TEXT_CONTRAST, LINE_CONTRAST = 7.0, 3.0


class BadTheme(ValueError):
    """A theme file that cannot be read; the text says what is wrong with it."""


@dataclass(frozen=True)
class Theme:
    """Colours by token, such as `{"paper": "#fff"}`, for light and for dark screens."""

    light: dict[str, str]
    dark: dict[str, str]

    def over(self, other: Theme) -> Theme:
        """This theme where it says something, and the other one elsewhere."""
        return Theme({**other.light, **self.light}, {**other.dark, **self.dark})


def served_as(path: PurePath) -> str:
    """The name by which a file of the organisation's own is served."""
    return f"{OWN}/{path.name}"


def read_theme(css: str) -> Theme:
    """Read a theme file. Raises BadTheme if anything else stands in it."""
    css = _COMMENT.sub(" ", css.removeprefix("\ufeff"))  # which some editors put first
    theme = colours_of(css)
    rest = _LIGHT.sub(" ", _DARK.sub(" ", css)).split()
    if rest:
        raise BadTheme(
            "only :root { … } and, for dark screens, @media screen and "
            "(prefers-color-scheme: dark) { html:root { … } } may stand there, "
            f"not “{rest[0]}”."
        )
    return theme


def colours_of(css: str) -> Theme:
    """The colours that a style sheet of ours gives its tokens, whatever else stands in it."""
    css = _COMMENT.sub(" ", css)
    dark = "".join(f"{body};" for body in _DARK.findall(css))
    light = "".join(f"{body};" for body in _LIGHT.findall(_DARK.sub(" ", css)))
    return Theme(_tokens(light), _tokens(dark))


def unknown_tokens(theme: Theme, known: Theme) -> list[str]:
    """The tokens of a theme that no page uses."""
    return sorted({*theme.light, *theme.dark} - {*known.light, *known.dark})


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(theme: Theme) -> list[str]:
    """What of a whole theme is hard to read, each as a sentence with the contrast it has."""
    return [*_too_faint(theme.light, "light"), *_too_faint(theme.dark, "dark")]


def _too_faint(colours: dict[str, str], scheme: str) -> Iterator[str]:
    for front, ground, needed in _pairs():
        found = contrast(colours[front], colours[ground])
        if found < needed:
            # Rounded down: 6.96 is not 7.
            shown = int(found * 10) / 10
            yield f"{scheme}: --{front} on --{ground} has {shown}:1, and needs {needed:g}:1"


def _pairs() -> Iterator[tuple[str, str, float]]:
    for ground in GROUNDS:
        for text in TEXTS:
            if (text, ground) != ("ink-soft", "mark"):  # links land on titles only
                yield text, ground, TEXT_CONTRAST
    for ground in MARKED:
        yield "ink", ground, TEXT_CONTRAST
    yield "paper", "edge", TEXT_CONTRAST  # the words on buttons
    for line in LINES:
        yield line, "paper", LINE_CONTRAST


def _tokens(declarations: str) -> dict[str, str]:
    found = {}
    for declaration in filter(None, map(str.strip, declarations.split(";"))):
        token = _TOKEN.fullmatch(declaration)
        if token is None:
            raise BadTheme(f"write colours like “--link: #0b4a82;”, not “{declaration}”.")
        found[token["name"]] = token["colour"].lower()
    return found


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
