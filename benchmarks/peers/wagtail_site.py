"""Wagtail, set up as its project template does it, with the policy as a page."""

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

from benchmarks.peers import site

site.set_up(
    __name__,
    apps=(
        "benchmarks.peers.wagtail_pages",
        "wagtail.contrib.forms",
        "wagtail.contrib.redirects",
        "wagtail.embeds",
        "wagtail.sites",
        "wagtail.users",
        "wagtail.snippets",
        "wagtail.documents",
        "wagtail.images",
        "wagtail.search",
        "wagtail.admin",
        "wagtail",
        "modelcluster",
        "taggit",
    ),
    MIDDLEWARE=[*site.MIDDLEWARE, "wagtail.contrib.redirects.middleware.RedirectMiddleware"],
    WAGTAIL_SITE_NAME="Benchmark",
    WAGTAILADMIN_BASE_URL="http://127.0.0.1",
)


def prepare() -> None:
    """Make the tables and the page, below the root of Wagtail's own first site."""
    from wagtail.models import Site

    from benchmarks.peers.wagtail_pages.models import PolicyPage

    call_command("migrate", verbosity=0)
    body = [
        {
            "type": "section",
            "value": {
                "anchor": each.anchor,
                "title": each.title,
                "questions": [
                    {
                        "type": "item",
                        "id": one.anchor,
                        "value": {"anchor": one.anchor, "title": one.title, "answer": one.html},
                    }
                    for one in each.questions
                ],
            },
        }
        for each in site.sections()
    ]
    found = PolicyPage(
        title=site.title(), slug="privacy", introduction=site.introduction(), body=body
    )
    root = Site.objects.get(is_default_site=True).root_page
    root.add_child(instance=found)
    found.save_revision().publish()


from wagtail import urls  # noqa: E402 (it needs the settings)

urlpatterns = [path("", include(urls))]
application = get_wsgi_application()
