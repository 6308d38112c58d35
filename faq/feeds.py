"""The Atom feed (RFC 4287) of a policy's versions, written by Django's feed generator."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from io import BytesIO
from itertools import accumulate
from sys import getsizeof
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models.functions import Length
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.digest import fingerprint
from faq.document import Document
from faq.models import Approval, Version
from faq.page import lay_out
from faq.public_record import public_head
from faq.remembered import ByFingerprint
from faq.timeline import predecessor
from faq.views import Asked
from faq.views.access import versions_of
from faq.views.addresses import absolute, address, images_base
from faq.views.showing import ask_each_time

#: The newest versions that one feed holds, each with its whole text: so many, as long as their
#: Documents come to so many bytes. A Document is some twice as long as its text in a feed, which is
#: made, kept and fetched as a whole.
MOST, LARGEST = 50, 2_000_000
MATERIAL = "material"

#: Characters that XML cannot hold; some of them get into Markdown by copying.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class VersionsFeed(Atom1Feed):
    """Atom as Django writes it, with the whole text and a link to what changed."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Add `content`, and a `related` link to the redline if there is one."""
        super().add_item_elements(handler, item)
        if item["redline"]:
            link = {"rel": "related", "href": item["redline"], "title": _("What changed")}
            handler.addQuickElement("link", "", link)
        handler.addQuickElement("content", item["content"], {"type": "html"})


class Wording(NamedTuple):
    """What a version says, ready for a feed: its title, and its text with whole addresses."""

    title: str
    html: SafeString


class _Place(NamedTuple):
    """A Document by its fingerprint, and where its text stands in a feed."""

    digest: str
    language: str
    link_base: str
    id_prefix: str
    image_base: str

    def worded(self, data: bytes) -> Wording:
        """What it says, from its frozen bytes."""
        page = lay_out(
            Document.from_json(data),
            self.language,
            link_base=self.link_base,
            id_prefix=self.id_prefix,
            image_base=self.image_base,
        )
        return Wording(page.title, render_to_string("faq/feed_wording.html", {"page": page}))


#: Feeds are fetched by the hour, and fitting the links of fifty long texts takes seconds.
_worded: ByFingerprint[Wording] = ByFingerprint(LARGEST, lambda wording: getsizeof(wording.html))


@require_safe
def versions_atom(request: Asked, slug: str) -> HttpResponse:
    """The newest public versions of a policy; the list of versions, to which it links, has all."""
    public = versions_of(slug).public(request.at).with_facts().defer("document")
    newest = public.annotate(size=Length("document")).order_by("-approval__number")
    versions = _as_many_as_fit(list(newest[:MOST]))
    if not versions:
        raise Http404
    wordings = _wordings(request, slug, versions)
    title = next((wording.title for wording in wordings.values()), slug)
    first = Approval.objects.get(policy__slug=slug, number=1)
    feed = VersionsFeed(
        title=_clean(_("%(title)s: all versions") % {"title": title}),
        link=address(request, "history", slug),
        description="",
        language=settings.POLICY_LANGUAGE,
        author_name=_clean(settings.ORGANISATION or settings.SITE_URL.host),
        subtitle=_("Head of the record: %(head)s")
        % {"head": public_head(versions_of(slug), request.at)},
        feed_url=address(request, "atom", slug),
        feed_guid=_lasting_id(f"{first.chain}/versions.atom"),
    )
    for version in versions:
        wording = wordings.get(version.pk)
        # All but the oldest ones replaced one that is here as well.
        replaced = predecessor(version, versions) or public.replaced_by(version)
        hidden = wording is None or hasattr(replaced, "withholding")
        redline = "" if hidden or replaced is None else _redline(request, slug, replaced, version)
        number = version.approval.number
        named = {"title": wording.title if wording else title, "number": number}
        note = version.note() or _("Version %(number)d") % named
        context = {
            "version": version,
            "wording": wording,
            "replaced": replaced,
            "redline": redline,
            "withdrawn": version.withdrawn_by(request.at),
        }
        feed.add_item(
            title=_clean(_("%(title)s, version %(number)d") % named),
            link=address(request, "version", slug, number),
            description=_clean(linebreaks(note if wording else _("Wording hidden"), True)),
            content=_clean(render_to_string("faq/feed_entry.html", context)),
            unique_id=_lasting_id(version.approval.chain),
            pubdate=_published(version),
            updateddate=_updated(version, request.at),
            categories=[MATERIAL] if version.approval.material else [],
            redline=redline,
        )
    return _answer(request, feed)


def _answer(request: Asked, feed: VersionsFeed) -> HttpResponse:
    written = BytesIO()  # as a text it would stand there three times, in up to four bytes a letter
    feed.write(written, "utf-8")
    body = written.getvalue()
    etag = f'"{fingerprint(body)}"'
    response = HttpResponse(body, content_type=feed.content_type)
    response.headers["ETag"] = etag
    response = get_conditional_response(request, etag=etag, response=response) or response
    return ask_each_time(response)


def _as_many_as_fit(versions: list[Version]) -> list[Version]:
    """The newest of these versions, which have a `size`; one at least, if there is one."""
    sizes = accumulate(
        0 if hasattr(version, "withholding") else version.size  # type: ignore[attr-defined]
        for version in versions
    )
    fitting = sum(size <= LARGEST for size in sizes)
    return versions[: max(1, fitting)]


def _wordings(request: Asked, slug: str, versions: list[Version]) -> dict[int, Wording]:
    """The wordings that are not hidden, by the key of their version and in the same order."""
    places = {
        version.pk: _Place(
            digest=version.digest,
            language=settings.POLICY_LANGUAGE,
            link_base=address(request, "version", slug, version.approval.number),
            id_prefix=f"{slug}-v{version.approval.number}-",
            image_base=absolute(request, images_base()),
        )
        for version in versions
        if not hasattr(version, "withholding")
    }
    found = {pk: _worded.get(place) for pk, place in places.items()}
    unknown = [pk for pk, wording in found.items() if wording is None]
    rows = Version.objects.filter(pk__in=unknown).values_list("pk", "document")
    data = {pk: bytes(document) for pk, document in rows}
    return {
        pk: wording or _worded.keep(places[pk], places[pk].worded(data[pk]))
        for pk, wording in found.items()
    }


def _redline(request: Asked, slug: str, old: Version, new: Version) -> str:
    return address(request, "redline", slug, old.approval.number, new.approval.number)


def _lasting_id(name: str) -> str:
    """An id made from the record alone, so that it stays when the site moves to another address."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name).urn


def _published(version: Version) -> datetime:
    """When readers could first read it: as it began, or before, as it was announced."""
    moments = [version.approval.effective_at]
    if hasattr(version, "announcement"):
        moments.append(version.announcement.recorded_at)
    return min(moments)


def _updated(version: Version, at: datetime) -> datetime:
    """When anything in its entry last changed."""
    moments = [_published(version)]
    if version.was_ever_in_force(at):
        moments.append(version.approval.effective_at)
    moments += [
        fact.recorded_at
        for fact in (getattr(version, kind, None) for kind in ("withdrawal", "withholding"))
        if fact is not None
    ]
    # A note that came with the approval was there from the start, also in an imported history.
    approved = version.approval.recorded_at
    moments += [note.recorded_at for note in version.notes.all() if note.recorded_at > approved]
    return max(moments)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
