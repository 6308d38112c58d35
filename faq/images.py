"""Pictures in answers: taken in as new bytes of our own, checked and noted when frozen."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import PIL.Image
import PIL.ImageOps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from faq.document import Document, Wordings
from faq.models import Image, ImageUse, Version
from faq.rendering import IMAGE, pictures_in, shown_in

#: The largest file that is read.
MAX_BYTES = 10_000_000
#: Unpacked, a picture takes four bytes a pixel.
MAX_PIXELS = 30_000_000
#: The longer side of what is kept: twice the widest that a page shows.
MAX_SIDE = 1600
#: What is larger without loss is kept as a photograph is.
MAX_LOSSLESS = 400_000
FORMATS = ("PNG", "JPEG", "WEBP")


class BadImage(ValueError):
    """A file that is not taken in as a picture; the text says why and what to do."""


@dataclass(frozen=True)
class Recoded:
    """A picture in new bytes that hold nothing but its pixels."""

    data: bytes
    width: int
    height: int


def add(data: bytes, *, by: str, at: datetime) -> Image:
    """Keep a picture, written anew; the same pixels are kept once."""
    recoded = recode(data)
    sha256 = hashlib.sha256(recoded.data).hexdigest()
    try:
        with transaction.atomic():
            known = Image.objects.filter(sha256=sha256).first()
            return known or Image.objects.create(
                sha256=sha256,
                extension="webp",
                width=recoded.width,
                height=recoded.height,
                content=recoded.data,
                added_by=by,
                added_at=at,
            )
    except IntegrityError:  # somebody added the same picture at the same moment
        return Image.objects.get(sha256=sha256)


def recode(data: bytes) -> Recoded:
    """Decode a PNG, JPEG or WebP file and write its pixels as WebP.

    Nothing else of the file is left: no place where it was taken, no second file hidden in it.
    Raises BadImage for other formats, for moving pictures, and for too many bytes or pixels.
    """
    if len(data) > MAX_BYTES:
        raise BadImage(_("This file is too large: 10 MB at most."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the size, which is looked at here
            with PIL.Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                return _written(_pixels(opened))
    except BadImage:
        raise
    except PIL.UnidentifiedImageError:
        raise BadImage(_("Choose a PNG, JPEG or WebP picture.")) from None
    except (OSError, ValueError, SyntaxError, struct.error, PIL.Image.DecompressionBombError):
        raise BadImage(_("This picture is damaged. Save it again and add that file.")) from None


def fault_in(source: str) -> str | None:
    """Say what is wrong with the pictures of a Markdown text; None if nothing is."""
    if settings.IMAGES:
        for picture in pictures_in(source):
            if IMAGE.fullmatch(picture.address) and not picture.words:
                return _(
                    "A picture has no words for readers who cannot see it: say what it shows "
                    "between the square brackets, ![like this](…)."
                )
    return None


def fault(document: Document) -> str | None:
    """Say what is wrong with the pictures of a whole policy, and where; None if nothing is."""
    for title, wordings in _texts(document):
        for wording in wordings.values():
            if found := fault_in(wording.source):
                return f"“{title}”: {found}"
    return None


def note_uses(version: Version, document: Document) -> None:
    """Write which pictures a version shows: from then on readers of it may have them."""
    ImageUse.objects.bulk_create(
        [ImageUse(version=version, image_id=sha256) for sha256 in sorted(shown_by(document))]
    )


def shown_by(document: Document) -> set[str]:
    """The fingerprints of the pictures that a document shows."""
    shown: set[str] = set()
    for _title, wordings in _texts(document):
        for wording in wordings.values():
            shown |= shown_in(wording.html)
    return shown


def _texts(document: Document) -> Iterator[tuple[str, Wordings]]:
    """Every Markdown text of a document, with the title of where it stands."""

    def said(title: dict[str, str] | None) -> str:
        return (title or {}).get(document.prevails, "")

    yield said(document.title), document.introduction
    yield said(document.title), document.contact
    for section in document.sections:
        yield said(section.title), section.introduction or {}
    for question in document.questions():
        yield said(question.title), question.answer


def _pixels(opened: PIL.Image.Image) -> PIL.Image.Image:
    """The upright pixels of a picture, not larger than they need be, in an image without more."""
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise BadImage(_("This picture has too many pixels. Make it smaller and add that."))
    if getattr(opened, "n_frames", 1) > 1:
        raise BadImage(_("Moving pictures are not taken. Choose one that stands still."))
    lossless = opened.format == "PNG"
    opened.load()
    turned = PIL.ImageOps.exif_transpose(opened)
    plain = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    if max(plain.size) > MAX_SIDE:
        plain = PIL.ImageOps.contain(plain, (MAX_SIDE, MAX_SIDE))
    bare = PIL.Image.new(plain.mode, plain.size)
    bare.paste(plain)
    bare.info["lossless"] = lossless
    return bare


def _written(bare: PIL.Image.Image) -> Recoded:
    lossless = bare.info.pop("lossless")
    data = _webp(bare, lossless=lossless)
    if lossless and len(data) > MAX_LOSSLESS:
        data = _webp(bare, lossless=False)
    return Recoded(data, *bare.size)


def _webp(bare: PIL.Image.Image, *, lossless: bool) -> bytes:
    written = io.BytesIO()
    bare.save(written, "WEBP", lossless=lossless, quality=80, method=4)
    return written.getvalue()
