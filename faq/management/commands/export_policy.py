"""Write a policy as JSON or Markdown."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from faq.document import BadDocument, Document
from faq.exchange.markdown import write
from faq.management.commands._common import find_policy
from faq.models import Policy, Version


class Command(BaseCommand):
    help = (
        "Write a policy as JSON or Markdown: the version in force, another one, or the draft. "
        "The JSON of a version is its stored bytes, without a line end, so that its SHA-256 is "
        "its fingerprint. The Markdown can be imported again."
    )

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        # Every command of Django's has a --version of its own, which prints Django's.
        return super().create_parser(*args, conflict_handler="resolve", **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("policy", metavar="SLUG", help="the policy's address, such as privacy")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--version", metavar="N", type=int, help="this version instead of the one in force"
        )
        which.add_argument("--working-copy", action="store_true", help="the draft")
        parser.add_argument("--format", choices=["json", "md"], required=True)
        parser.add_argument(
            "--output",
            metavar="FILE",
            default="-",
            help="where to write it; standard output if you leave it out. A file that is there "
            "already is replaced, in one step when everything is written",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        policy = find_policy(options["policy"])
        if options["working_copy"]:
            document = policy.to_document()
            data = _markdown(document) if options["format"] == "md" else document.to_json()
        else:
            version = self._version(policy, options["version"])
            document = self._document_of(version)
            data = _markdown(document) if options["format"] == "md" else version.data()
        if options["output"] == "-":
            self._print(data)
        else:
            _save(data, Path(options["output"]))

    def _version(self, policy: Policy, number: int | None) -> Version:
        versions = policy.version_set.with_facts()
        if number is None:
            version = versions.in_force(timezone.now())
            if version is None:
                raise CommandError(
                    f"No version of “{policy.slug}” is in force. "
                    "Choose --version N or --working-copy."
                )
        else:
            version = versions.filter(approval__number=number).first()
            if version is None:
                newest = policy.version_set.filter(approval__isnull=False).count()
                raise CommandError(
                    f"“{policy.slug}” has no version {number}; the newest is {newest}."
                    if newest
                    else f"“{policy.slug}” has no versions yet. Choose --working-copy."
                )
        if hasattr(version, "withholding"):
            self.stderr.write(
                f"Readers do not see the wording of this version: {version.withholding.reason}"
            )
        return version

    def _document_of(self, version: Version) -> Document:
        try:
            return version.to_document()
        except BadDocument as error:
            raise CommandError(f"{version}: {error}") from None

    def _print(self, data: bytes) -> None:
        stream = getattr(self.stdout, "buffer", None)
        if stream is None:  # somebody else's stream, which takes text
            self.stdout.write(data.decode(), ending="")
        else:
            stream.write(data)
            stream.flush()


def _markdown(document: Document) -> bytes:
    return write(document, settings.POLICY_LANGUAGE).encode()


def _save(data: bytes, path: Path) -> None:
    """Write a file in one step: it is there whole, or as it was."""
    try:
        target = path.resolve()
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.chmod(file.name, _mode(target))
                os.replace(file.name, target)
            except OSError:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from None


def _mode(path: Path) -> int:
    """The permissions of the file that is there, or those a new one gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
