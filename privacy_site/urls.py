"""Every address of the site, below the path of SITE_URL."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

_pages = [
    path("admin/", include("faq.admin.account_urls")),
    path("admin/", admin.site.urls),
    path("", include("faq.urls")),
]

_root = f"{settings.SITE_URL.path}/".lstrip("/")
urlpatterns = [path(_root, include(_pages))]

handler400 = "faq.views.errors.bad_request"
handler404 = "faq.views.errors.not_found"
handler500 = "faq.views.errors.server_error"
