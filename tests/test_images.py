"""Pictures in answers: off unless switched on, written anew, and public only with a version."""

from __future__ import annotations

import hashlib
from io import BytesIO

import PIL.Image
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from faq import images, publishing
from faq.feeds import _Place
from faq.models import Image, ImageUse
from faq.page import lay_out
from faq.publishing import Refused
from faq.redline import html as redline
from faq.rendering import pictures_in, place, render

from .factory import DAY, NOON, make_policy, make_question, picture, publish, reword

ADD = "/admin/images/"
SECRET = b"taken at 51.5N 0.1W"
SHA = "a" * 64
ADDRESS = f"/images/{SHA}.webp"
SIZES = {ADDRESS: (40, 30)}
IMG = f'<img src="{ADDRESS}" alt="A map" width="40" height="30" loading="lazy">'


@pytest.fixture
def editor(db, settings) -> Client:
    settings.IMAGES = True
    client = Client()
    client.force_login(User.objects.create_superuser("alice"))
    return client


def file(data: bytes, name: str = "x.png") -> dict[str, SimpleUploadedFile]:
    return {"picture": SimpleUploadedFile(name, data, "image/png")}


def test_a_known_picture_with_words_is_shown_and_no_other() -> None:
    assert render(f"![A map]({ADDRESS})", prefix="q", images=SIZES) == f"<p>{IMG}</p>\n"
    other = f"/images/{'b' * 64}.webp"
    for source in (f"![A map]({other})", "![A map](https://example.org/x.png)", "![A map](/x.png)"):
        assert render(source, prefix="q", images=SIZES) == "<p>A map</p>\n"
    assert "<img" not in render(f"![]({ADDRESS})", prefix="q", images=SIZES)
    assert render(f"![A map]({ADDRESS})", prefix="q") == "<p>A map</p>\n"
    assert "<img" not in render(f'<img src="{ADDRESS}" alt="A map">', prefix="q", images=SIZES)


def test_the_words_of_a_picture_cannot_leave_their_attribute() -> None:
    html = render(f'![a" onerror="x() <b>*c*]({ADDRESS})', prefix="q", images=SIZES)
    assert html.startswith(f'<p><img src="{ADDRESS}" alt="a') and html.count("<") == 3
    assert ' onerror="' not in html


def test_pictures_are_put_where_whoever_reads_them_finds_them() -> None:
    assert place(IMG) == IMG
    moved = f'src="/legal/images/{SHA}.webp"'
    assert moved in place(IMG, image_base="/legal/images/")
    whole = {"link_base": "https://example.org/legal/privacy/", "image_base": "/legal/images/"}
    assert f'src="https://example.org{moved[5:]}' in place(IMG, **whole)
    assert ADDRESS in place(f"<p>{ADDRESS}</p>", image_base="/legal/images/")


def test_a_redline_names_pictures_by_their_words_and_links_to_them() -> None:
    found = redline("<p>A.</p>", f"<p>A. {IMG}</p>")
    assert f'<ins><a href="{ADDRESS}">[A map]</a></ins>' in found.html
    assert redline(f"<p>{IMG}</p>", f"<p>{IMG.replace(SHA, 'b' * 64)}</p>").changed
    assert not redline(f"<p>{IMG}</p>", f"<p>{IMG}</p>").changed


def test_the_words_of_every_picture_are_found() -> None:
    source = f"![a *b*]({ADDRESS})\n\n- ![]({ADDRESS})\n\n`![no]({ADDRESS})`"
    assert [each.words for each in pictures_in(source)] == ["a b", ""]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_written_anew_without_anything_else_of_its_file(kind: str) -> None:
    exif = PIL.Image.Exif()
    exif[0x010E] = SECRET.decode()
    data = picture(kind, (40, 30), exif=exif) + b"<?php evil ?>"
    recoded = images.recode(data)
    assert (recoded.width, recoded.height) == (40, 30)
    assert SECRET not in recoded.data and b"php" not in recoded.data
    with PIL.Image.open(BytesIO(recoded.data)) as written:
        assert (written.format, dict(written.getexif())) == ("WEBP", {})
        assert not {"exif", "icc_profile", "xmp"} & set(written.info)


def test_a_picture_stands_upright_and_is_no_larger_than_a_page_shows() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    assert images.recode(picture("JPEG", (40, 30), exif=exif)).width == 30
    assert images.recode(picture("JPEG", (3200, 200))).width == images.MAX_SIDE


def test_transparency_stays() -> None:
    data = BytesIO()
    PIL.Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(data, "PNG")
    with PIL.Image.open(BytesIO(images.recode(data.getvalue()).data)) as written:
        assert written.mode == "RGBA"


def moving() -> bytes:
    data = BytesIO()
    frames = [PIL.Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (0, 90, 180)]
    frames[0].save(data, "WEBP", save_all=True, append_images=frames[1:])
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"%PDF-1.4",
        picture("BMP"),
        picture("PNG", (40, 30))[:60],
        picture("JPEG", (400, 300))[:900],
        picture("PNG", (6000, 5001)),
        moving(),
        b"x" * (images.MAX_BYTES + 1),
    ],
    ids=["empty", "svg", "gif", "pdf", "bmp", "cut-png", "cut-jpeg", "bomb", "moving", "large"],
)
def test_what_is_no_picture_of_ours_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(images.BadImage, match=r"\."):
        images.recode(data)


def test_an_upload_gives_the_address_of_its_bytes(editor) -> None:
    address = editor.post(ADD, file(picture())).content.decode()
    image = Image.objects.get()
    assert address == image.address
    assert image.sha256 == hashlib.sha256(image.data()).hexdigest()
    assert editor.post(ADD, file(picture())).content.decode() == address
    assert Image.objects.count() == 1


def test_an_upload_needs_the_switch_the_permission_and_a_picture(editor, settings) -> None:
    assert editor.post(ADD).status_code == 400
    assert editor.post(ADD, file(b"<svg/>")).status_code == 400
    assert editor.get(ADD).status_code == 405
    carol = Client()
    carol.force_login(User.objects.create_user("carol", is_staff=True))
    assert carol.post(ADD, file(picture())).status_code == 403
    assert Client().post(ADD, file(picture())).status_code == 302
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(User.objects.get(username="alice"))
    assert forged.post(ADD, file(picture())).status_code == 403
    settings.IMAGES = False
    assert editor.post(ADD, file(picture())).status_code == 404
    assert not Image.objects.exists()


def test_readers_get_a_picture_only_while_a_public_version_shows_it(editor) -> None:
    address = editor.post(ADD, file(picture())).content.decode()
    policy = make_policy()
    question = make_question(policy, answer=f"![A map]({address})")
    reader = Client()
    assert reader.get(address).status_code == 404
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    assert ImageUse.objects.get().version == candidate
    assert reader.get(address).status_code == 404
    assert editor.get(f"/admin{address}").status_code == 200
    assert reader.get(f"/admin{address}").status_code == 302
    publishing.approve(candidate, by="bob", at=NOON, material=False)
    shown = reader.get(address)
    assert shown.content == Image.objects.get().data()
    assert shown["Content-Type"] == "image/webp"
    assert shown["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reader.get(address, headers={"If-None-Match": shown["ETag"]}).status_code == 304
    assert f'<img src="{address}"' in reader.get("/privacy/").content.decode()
    assert reader.get(address.replace(".webp", ".png")).status_code == 404
    assert reader.post(address).status_code == 405
    reword(question, "No picture.")
    publish(policy, NOON + DAY)
    assert reader.get(address).status_code == 200
    publishing.withhold(candidate, by="bob", at=NOON + 2 * DAY, reason="A face.")
    assert reader.get(address).status_code == 404


def test_a_picture_without_words_is_neither_saved_nor_frozen(editor) -> None:
    address = editor.post(ADD, file(picture())).content.decode()
    policy = make_policy()
    question = make_question(policy, answer=f"![]({address})")
    with pytest.raises(Refused, match="Who are we.*no words"):
        publishing.freeze(policy, by="alice", at=NOON)
    sent = {"title": "Who?", "anchor": "who", "answer": f"![ ]({address})", "started_from": "0"}
    page = editor.post(f"/admin/faq/question/{question.pk}/change/", sent)
    assert "A picture has no words" in page.content.decode()
    question.refresh_from_db()
    assert question.title == "Who are we?"


def test_with_pictures_switched_off_their_words_are_left(editor, settings) -> None:
    address = editor.post(ADD, file(picture())).content.decode()
    policy = make_policy()
    make_question(policy, answer=f"![A map]({address})")
    settings.IMAGES = False
    document = publishing.freeze(policy, by="alice", at=NOON).to_document()
    assert next(document.questions()).answer["en"].html == "<p>A map</p>\n"
    assert not ImageUse.objects.exists()


def test_the_desk_shows_pictures_that_readers_may_not_have_yet(editor) -> None:
    address = editor.post(ADD, file(picture())).content.decode()
    policy = make_policy()
    make_question(policy, answer=f"![A map]({address})")
    page = editor.get(f"/admin/faq/policy/{policy.pk}/preview/").content.decode()
    assert f'src="/admin{address}"' in page


def test_a_feed_has_whole_addresses_of_pictures(editor) -> None:
    address = editor.post(ADD, file(picture())).content.decode()
    policy = make_policy()
    make_question(policy, answer=f"![A map]({address})")
    document = publishing.freeze(policy, by="alice", at=NOON).to_document()
    whole = "https://example.org/legal/images/"
    where = _Place("x", "en", "https://example.org/legal/p/", id_prefix="x", image_base=whole)
    html = where.worded(document.to_json()).html
    assert f'src="https://example.org/legal{address}"' in html
    assert lay_out(document, "en").sections[0].questions[0].answer.count(address) == 1
