"""Every address of the site, below the path of SITE_URL."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from faq.views import security

_pages = [
    path("admin/", include("faq.admin.account_urls")),
    path("admin/", admin.site.urls),
    path("", include("faq.urls")),
]

_root = f"{settings.SITE_URL.path}/".lstrip("/")
urlpatterns: list[URLPattern | URLResolver] = [path(_root, include(_pages))]

if _root:
    # It is looked for at the root of a host, whatever stands below it.
    urlpatterns.append(path(security.PATH, security.security_txt))

handler400 = "faq.views.errors.bad_request"
handler404 = "faq.views.errors.not_found"
handler500 = "faq.views.errors.server_error"
