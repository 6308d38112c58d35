"""An outsider approves of a candidate or objects to it, by a link that asks for it.

Nobody is logged in here and nothing is in a cookie, so a forged request has nobody's rights to
borrow: to send an answer one must know the token, and whoever knows it may answer anyway. Two
things are asked all the same, neither of which needs a cookie. The form holds a seal over the
link and the fingerprint of what it showed, so an answer comes from a page that was opened and
counts for that wording only. And a browser that says the form stood on another site is refused:
`Sec-Fetch-Site` says so whatever the Referrer-Policy is, while `Origin` is "null" in Chromium
under `no-referrer`, and so decides only for browsers that do not send the other.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from faq import reviewing
from faq.models import PreviewLink
from faq.page import frame
from faq.publishing import Refused
from faq.views import Asked
from faq.views.addresses import origin
from faq.views.preview import document_of, for_link, shown

_SALT = "faq.sign-off"
MAX_COMMENT = 4000


class SignOffForm(forms.Form):
    """Approve or object; `seen` seals the link and the fingerprint of the version it shows."""

    APPROVE, OBJECT = "approve", "object"

    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[
            (APPROVE, gettext_lazy("I approve of this version")),
            (OBJECT, gettext_lazy("I object to this version")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the two.")},
    )
    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("If you object, say what to."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, link: PreviewLink, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.link = link
        assert link.version is not None
        self.initial["seen"] = signing.dumps([link.key, link.version.digest], salt=_SALT)

    def digest(self) -> str:
        """The fingerprint that the form was made for; raises Refused if it is another link's."""
        try:
            key, digest = signing.loads(self.cleaned_data["seen"], salt=_SALT)
        except signing.BadSignature:
            key = digest = ""
        if key != self.link.key:
            raise Refused(_("This form was made for another page. Open the link again."))
        return str(digest)


@require_http_methods(["GET", "HEAD", "POST"])
@for_link
def sign_off(request: Asked, token: str, link: PreviewLink) -> HttpResponse:
    """Show what this person has answered so far, and take another answer."""
    if not link.asks_for_sign_off:
        return redirect("faq:preview", token)
    form = SignOffForm(request.POST if request.method == "POST" else None, link=link)
    status = 200
    if request.method == "POST" and came_from_elsewhere(request):
        form = SignOffForm(link=link)
        refusal, status = _("This answer came from another site. Send it from here."), 403
    elif form.is_valid():
        try:
            reviewing.sign_off(
                link,
                at=request.at,
                approves=form.cleaned_data["answer"] == form.APPROVE,
                comment=form.cleaned_data["comment"],
                digest=form.digest(),
            )
        except Refused as error:
            refusal = str(error)
        else:
            return redirect(f"{reverse('faq:preview-sign-off', args=[token])}#_recorded")
    else:
        refusal = ""
    context = {
        **shown(link, token),
        "page": frame(
            document_of(link),
            settings.POLICY_LANGUAGE,
            link_base=reverse("faq:preview", args=[token]),
        ),
        "form": form,
        "refusal": refusal,
        "answers": link.sign_offs.order_by("-pk"),
    }
    return render(request, "faq/preview_sign_off.html", context, status=status)


def came_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the browser says that a form was sent from a page of another site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    return request.headers.get("Origin", "null") not in {origin(request), "null"}
