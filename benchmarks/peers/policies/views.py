"""The view."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from benchmarks.peers.policies.models import Policy


def policy(request: HttpRequest, slug: str, template: str = "policy.html") -> HttpResponse:
    """A policy with all its questions, in three queries."""
    found = get_object_or_404(Policy.objects.prefetch_related("sections__questions"), slug=slug)
    return render(request, template, {"policy": found})
