"""The headers of every answer: what a page may load and do, and which sites may use it.

They depend on the kind of answer alone. No rule has an exception or a nonce, so that the same
bytes serve every reader.
"""

from __future__ import annotations

from django.http.response import HttpResponseBase


def _rules(**sources: str) -> str:
    """A Content-Security-Policy that allows nothing but what is named."""
    rules = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", **sources}
    rules["frame-ancestors"] = "'none'"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


#: For pages: own files only, nothing inline, no frames, forms that lead to the site itself.
PAGE = _rules(
    **dict.fromkeys(("script-src", "style-src", "img-src", "connect-src", "form-action"), "'self'")
)
#: For everything else, should a browser show it as a page.
NO_PAGE = _rules()

#: What a page could ask a browser for. The desk uses passkeys; "Link" and "Copy" copy an address.
_FEATURES = (
    *("accelerometer", "autoplay", "camera", "display-capture", "fullscreen", "geolocation"),
    *("gyroscope", "idle-detection", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "screen-wake-lock", "usb", "xr-spatial-tracking"),
)
_PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")


def _permissions(*allowed: str) -> str:
    features = sorted({*_FEATURES, *_PASSKEYS, "clipboard-write"})
    return ", ".join(f"{name}={'(self)' if name in allowed else '()'}" for name in features)


FOR_READERS = _permissions("clipboard-write")
FOR_THE_DESK = _permissions("clipboard-write", *_PASSKEYS)

#: Feeds are read on other sites, with the pictures in them. JSON is open by CORS.
_FOR_ANY_SITE = "image/"


def complete(response: HttpResponseBase, *, private: bool) -> None:
    """Give an answer the headers that it lacks; `private` is what needs logging in."""
    kind = response.headers.get("Content-Type", "text/html")
    is_page = kind.startswith("text/html")
    open_to_all = kind.startswith(_FOR_ANY_SITE) and not private
    for name, value in (
        ("Content-Security-Policy", PAGE if is_page else NO_PAGE),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "cross-origin" if open_to_all else "same-origin"),
        ("Permissions-Policy", FOR_THE_DESK if private else FOR_READERS),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    ):
        response.headers.setdefault(name, value)
    if private:
        # With "no-referrer" Chromium sends "Origin: null" and every form would be refused.
        response.headers["Referrer-Policy"] = "same-origin"
