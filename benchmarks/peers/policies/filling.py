"""Writes the policy into the tables."""

from django.core.management import call_command

from benchmarks.peers import site
from benchmarks.peers.policies.models import Policy


def fill() -> None:
    """Make the tables and the rows."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    policy = Policy.objects.create(
        slug="privacy", title=site.title(), introduction=site.introduction()
    )
    for place, each in enumerate(site.sections()):
        section = policy.sections.create(anchor=each.anchor, title=each.title, position=place)
        for number, one in enumerate(each.questions):
            section.questions.create(
                anchor=one.anchor,
                title=one.title,
                markdown=one.markdown,
                html=one.html,
                position=number,
            )
