"""Read a policy from a Markdown file into the working copy, and publish it if asked to."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from faq import editing, publishing
from faq.exchange.markdown import MAX_BYTES, BadPolicyFile, apply, decode, read
from faq.management.commands._common import (
    acting,
    add_by,
    add_publishing,
    moment,
    one_line_errors,
    published,
)
from faq.models import Policy
from faq.models.working_copy import check_slug


class Command(BaseCommand):
    help = (
        "Read a policy from a Markdown file into the draft. # is the title, ## a question, ### a "
        "heading in its answer; where ## headings only group ### headings, those are the "
        "questions. What the draft has and the file lacks is removed. Nothing is changed if "
        "anything is wrong. Readers see the draft once it is published. docs/markdown.md has the "
        "whole format, with an example."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the Markdown file; - for standard input")
        parser.add_argument(
            "--policy",
            metavar="SLUG",
            required=True,
            help="its address: “privacy” for /privacy/; made if there is none",
        )
        parser.add_argument(
            "--title", metavar="TITLE", default="", help="the title, instead of the one in the file"
        )
        parser.add_argument(
            "--freeze", action="store_true", help="make the draft a candidate for approval"
        )
        parser.add_argument("--approve", action="store_true", help="approve it as well: publish it")
        add_publishing(parser)
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["approve"]:
            for name in ("note", "effective", "minor"):
                if options[name]:
                    raise CommandError(f"--{name} is about publishing. Add --approve.")
        now, by = timezone.now(), acting(options["by"])
        name = "standard input" if options["file"] == "-" else options["file"]
        with one_line_errors(name), transaction.atomic():
            file = read(decode(self._bytes(options["file"])))
            policy = self._policy(options["policy"], options["title"] or file.title, by, now)
            report = apply(file, policy, by=by, at=now)
            if options["title"] and policy.title != options["title"]:
                policy.title = options["title"].strip()
                policy.full_clean()
                editing.overwrite(policy, {"title": policy.title}, by=by, at=now)
            said = [*report.lines(), self._go_on(policy, options, now)]
        for line in said:
            self.stdout.write(line)

    def _bytes(self, name: str) -> bytes:
        try:
            if name == "-":
                return sys.stdin.buffer.read(MAX_BYTES + 1)
            with Path(name).open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}.") from None

    def _policy(self, slug: str, title: str, by: str, at: datetime) -> Policy:
        policy = Policy.objects.filter(slug=slug).first()
        if policy is not None:
            return policy
        check_slug(slug)
        if not title:
            raise BadPolicyFile(
                "The file has no title. Add a line such as “# Privacy policy”, or --title."
            )
        policy = Policy(slug=slug, title=title)
        policy.full_clean()
        editing.start(policy, by=by, at=at)
        return policy

    def _go_on(self, policy: Policy, options: dict[str, Any], now: datetime) -> str:
        """Freeze and approve as asked; say what was done, or what to do next."""
        by = acting(options["by"])
        if options["approve"]:
            approval = publishing.publish(
                policy,
                by=by,
                at=now,
                effective_at=moment(options["effective"], now),
                material=not options["minor"],
                note=options["note"],
            )
            return published(approval, now)
        if options["freeze"]:
            version = publishing.freeze(policy, by=by, at=now)
            return f"Waiting for approval: {version.digest}"
        return f"Saved as draft. To publish it: manage.py publish {policy.slug} --note TEXT"
