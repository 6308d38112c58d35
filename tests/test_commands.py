"""The commands of the terminal: what they do, what they print, what they refuse."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from faq import immutable, publishing
from faq.management.commands import _common
from faq.models import Anchor, Approval, Policy, Version
from tests.factory import (
    DAY,
    DAY_1,
    DAY_2,
    DAY_3,
    FAR_AHEAD,
    NOON,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)

FILE = "# Privacy policy\n\n## Who are we?\n\nA company.\n\n## Why?\n\nSo.\n"


def run(*args: str) -> str:
    """Run a command and return what it printed."""
    out = io.StringIO()
    call_command(*args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refusal(*args: str) -> str:
    """Run a command that fails; return its one line, and prove that no row was written."""
    before = rows()
    with pytest.raises(CommandError) as refused:
        run(*args)
    assert rows() == before
    assert "\n" not in str(refused.value)
    return str(refused.value)


def rows() -> dict[str, list]:
    """Every row of the app."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in apps.get_app_config("faq").get_models()
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.md"
    path.write_text(FILE, encoding="utf-8")
    return path


# import_policy


@pytest.mark.django_db
def test_import_makes_a_policy_and_says_what_it_read(file):
    said = run("import_policy", str(file), "--policy", "privacy")
    assert said.splitlines() == [
        "Read 0 sections, 2 questions, 9 words.",
        "In the draft: 2 new.",
        "Saved as draft. To publish it: manage.py publish privacy --note TEXT",
    ]
    policy = Policy.objects.get(slug="privacy")
    assert policy.title == "Privacy policy"
    assert not policy.version_set.exists()


@pytest.mark.django_db
def test_import_twice_changes_nothing(file):
    run("import_policy", str(file), "--policy", "privacy")
    before = rows()
    assert "nothing new" in run("import_policy", str(file), "--policy", "privacy")
    assert rows() == before


@pytest.mark.django_db
def test_import_takes_the_title_that_it_is_given(file):
    run("import_policy", str(file), "--policy", "privacy", "--title", "Our policy")
    assert Policy.objects.get().title == "Our policy"
    run("import_policy", str(file), "--policy", "privacy", "--title", "Another")
    assert Policy.objects.get().title == "Another"


@pytest.mark.django_db
def test_import_reads_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FILE.encode())))
    run("import_policy", "-", "--policy", "privacy")
    assert Policy.objects.get().question_set.count() == 2


@pytest.mark.django_db
def test_import_can_freeze(file):
    said = run("import_policy", str(file), "--policy", "privacy", "--freeze", "--by", "bob")
    version = Version.objects.get()
    assert f"Waiting for approval: {version.digest}" in said
    assert version.frozen_by == "bob"
    assert not Approval.objects.exists()


@pytest.mark.django_db
def test_import_can_publish_and_date_a_first_version_back(file):
    said = run(
        *("import_policy", str(file), "--policy", "privacy", "--freeze", "--approve"),
        *("--effective", "2020-02-03", "--note", "A first one.", "--by", "bob"),
    )
    approval = Approval.objects.get()
    assert said.splitlines()[-1] == (
        "Version 1 of “Privacy policy” is in force since 2020-02-03 00:00: "
        "http://127.0.0.1:8000/privacy/"
    )
    assert (approval.approved_by, approval.material) == ("bob", True)
    assert approval.version.note() == "A first one."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "policy.md: The file is empty."),
        (b"\0\1\2", "policy.md: This is not a text file."),
        (b"# P\n\n## Caf\xe9\n", "policy.md, line 3: A character is not in UTF-8."),
        (b"---\ntitle: P\n---\n", "policy.md: There are no questions in the file."),
        (b"Words.\n", "policy.md: There are no questions in the file."),
        (b"## A {#a}\n\nx\n", "policy.md: The file has no title."),
        (b"# P\n\n## A {#a}\n\n## B {#a}\n", "policy.md, line 5: The link name “a” stands at"),
        (b"<h1>P</h1>\n<h2>A</h2>\n", "policy.md: There are no questions in the file."),
    ],
)
def test_import_refuses_a_bad_file_in_one_line_and_changes_nothing(file, data, said):
    file.write_bytes(data)
    assert said in refusal("import_policy", str(file), "--policy", "privacy")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--policy", "Privacy!"], "An address has only small letters"),
        (["--policy", "admin"], "This address is needed for another page."),
        (["--policy", "privacy", "--note", "x"], "--note is about publishing. Add --approve."),
        (["--policy", "privacy", "--approve", "--effective", "soon"], "“soon” is not a date."),
        (["--policy", "privacy", "--title", "x" * 201], "at most 200 characters"),
    ],
)
def test_import_refuses_bad_options_in_one_line_and_changes_nothing(file, options, said):
    assert said in refusal("import_policy", str(file), *options)


@pytest.mark.django_db
def test_import_refuses_a_file_that_is_not_there(tmp_path):
    path = str(tmp_path / "none.md")
    assert refusal("import_policy", path, "--policy", "privacy").endswith(
        "No such file or directory."
    )
    assert "directory" in refusal("import_policy", str(tmp_path), "--policy", "privacy")


@pytest.mark.django_db
def test_import_undoes_the_draft_when_publishing_is_refused(file):
    policy = make_policy()
    make_question(policy, answer="Before.")
    publish(policy, DAY_1)
    publish_options = ["--policy", "privacy", "--approve"]
    assert "write what changed" in refusal("import_policy", str(file), *publish_options)
    assert "in the past" in refusal(
        "import_policy", str(file), *publish_options, "--note", "x", "--effective", "2020-01-05"
    )
    assert policy.question_set.get().answer == "Before."


# publish


@pytest.mark.django_db
def test_publish_publishes_the_draft():
    policy = make_policy()
    question = make_question(policy)
    assert "is in force since" in run("publish", "privacy", "--by", "bob")
    reword(question, "Another company.")
    run("publish", "privacy", "--note", "We have another name.", "--by", "bob")
    version = policy.version_set.newest()
    assert (version.approval.number, version.note()) == (2, "We have another name.")
    assert version.approval.approved_by == "bob"


@pytest.mark.django_db
def test_publish_can_wait_for_a_date():
    policy = make_policy()
    make_question(policy)
    said = run("publish", "privacy", "--effective", "2999-03-01 09:30", "--minor")
    assert "will apply from 2999-03-01 09:30" in said
    assert not Approval.objects.get().material


@pytest.mark.django_db
def test_publish_records_the_login_name_unless_it_is_told_another(monkeypatch):
    monkeypatch.setenv("LOGNAME", "carol")
    make_question(make_policy())
    run("publish", "privacy")
    assert Approval.objects.get().approved_by == "carol"


@pytest.mark.django_db
def test_publish_refuses_in_one_line_and_changes_nothing():
    assert refusal("publish", "privacy") == "There is no policy “privacy”. There is none yet."
    policy = make_policy()
    assert "has no questions yet" in refusal("publish", "privacy")
    question = make_question(policy)
    publish(policy, DAY_1)
    assert "There is: privacy." in refusal("publish", "other", "--note", "x")
    assert "Nothing has changed" in refusal("publish", "privacy", "--note", "x")
    reword(question, "Changed.")
    assert "write what changed" in refusal("publish", "privacy")
    past = ("publish", "privacy", "--note", "x", "--effective", "2020-01-05")
    assert "is in the past" in refusal(*past)
    publish(policy, DAY_2, effective_at=FAR_AHEAD)
    reword(question, "Changed again.")
    assert "Choose a later time" in refusal("publish", "privacy", "--note", "x")
    assert "not a date" in refusal("publish", "privacy", "--effective", "32 May")


# export_policy


@pytest.mark.django_db
def test_export_writes_the_bytes_that_were_hashed(capfdbinary):
    policy = make_published(2)
    version = policy.version_set.order_by("pk").last()
    call_command("export_policy", "privacy", "--format", "json")
    printed = capfdbinary.readouterr().out
    assert hashlib.sha256(printed).hexdigest() == version.digest


@pytest.mark.django_db
def test_export_writes_the_version_that_it_is_asked_for():
    policy = make_published(2)
    first, second = policy.version_set.order_by("pk")
    assert run("export_policy", "privacy", "--format", "json") == second.data().decode()
    assert run("export_policy", "privacy", "--version", "1", "--format", "json") == (
        first.data().decode()
    )
    reword(policy.question_set.get(), "Only a draft.")
    draft = run("export_policy", "privacy", "--working-copy", "--format", "md")
    assert "Only a draft." in draft
    assert "Only a draft." in run("export_policy", "privacy", "--working-copy", "--format", "json")
    assert "Only a draft." not in run("export_policy", "privacy", "--format", "md")


@pytest.mark.django_db
def test_what_was_exported_imports_to_the_same_policy(tmp_path):
    make_published()
    output = tmp_path / "out.md"
    run("export_policy", "privacy", "--format", "md", "--output", str(output))
    assert "nothing new" in run("import_policy", str(output), "--policy", "privacy")
    run("import_policy", str(output), "--policy", "other")
    assert run("export_policy", "other", "--format", "md", "--working-copy") == output.read_text()


@pytest.mark.django_db
def test_export_replaces_a_file_in_one_step_and_keeps_its_permissions(tmp_path):
    make_published()
    output = tmp_path / "out.json"
    output.write_text("old")
    output.chmod(0o640)
    run("export_policy", "privacy", "--format", "json", "--output", str(output))
    assert output.read_bytes() == Version.objects.get().data()
    assert output.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


@pytest.mark.django_db
def test_export_refuses_in_one_line(tmp_path):
    assert "There is no policy" in refusal("export_policy", "x", "--format", "md")
    policy = make_policy()
    make_question(policy)
    assert "is in force" in refusal("export_policy", "privacy", "--format", "md")
    assert "no versions yet" in refusal(
        "export_policy", "privacy", "--version", "1", "--format", "md"
    )
    publish(policy, DAY_1)
    assert "the newest is 1" in refusal(
        "export_policy", "privacy", "--version", "2", "--format", "md"
    )
    options = ("export_policy", "privacy", "--format", "md", "--output")
    assert "No such file" in refusal(*options, str(tmp_path / "none" / "out.md"))
    assert "directory" in refusal(*options, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_export_of_a_hidden_version_says_that_it_is_hidden():
    policy = make_published(2)
    first = policy.version_set.order_by("pk").first()
    publishing.withhold(first, by="alice", at=NOON + 2 * DAY, reason="A name was in it.")
    errors = io.StringIO()
    call_command(
        *("export_policy", "privacy", "--version", "1", "--format", "json"),
        stdout=io.StringIO(),
        stderr=errors,
    )
    assert "A name was in it." in errors.getvalue()


# verify_record


def tamper(sql: str, *values: object) -> None:
    """Change the record as somebody with the database's password could."""
    immutable.drop(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    immutable.install(connection.alias)


def make_record() -> Policy:
    """Three versions, the second withdrawn."""
    policy = make_policy()
    question = make_question(policy, answer="One.\n\n### Inside\n\nText.")
    publish(policy, DAY_1)
    reword(question, "Two.")
    second = publish(policy, DAY_2).version
    publishing.withdraw(second, by="alice", at=DAY_3, reason="A mistake.")
    reword(question, "Three.")
    publish(policy, DAY_3 + DAY)
    return policy


@pytest.mark.django_db
def test_verify_says_how_much_it_verified():
    make_record()
    publishing.freeze(make_published_once("other"), by="alice", at=NOON + DAY)
    assert run("verify_record").splitlines() == [
        "Verified 2 policies, 5 versions, 5 decisions and 3 link names: all as recorded."
    ]


def make_published_once(slug: str) -> Policy:
    policy = make_published(slug=slug)
    reword(policy.question_set.get(), "Changed.")
    return policy


@pytest.mark.django_db
def test_verify_says_where_it_is_when_it_takes_long(monkeypatch):
    make_record()
    monkeypatch.setattr(_common, "PATIENCE", 0)
    errors = io.StringIO()
    call_command("verify_record", stdout=io.StringIO(), stderr=errors)
    assert "2 versions so far; right up to privacy, version 2 …" in errors.getvalue()


@pytest.mark.django_db
def test_verify_of_an_empty_record_is_right():
    assert "Verified 0 policies, 0 versions" in run("verify_record")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "values", "said"),
    [
        (
            "UPDATE faq_version SET document = %s WHERE id = (SELECT MIN(id) FROM faq_version)",
            [b"{}"],
            "privacy, version 1: its text does not match its fingerprint",
        ),
        (
            "UPDATE faq_approval SET effective_at = %s WHERE number = 3",
            [NOON],
            "privacy, approval with seq 4: its chain value is wrong.",
        ),
        (
            "UPDATE faq_approval SET chain = %s WHERE number = 1",
            ["0" * 64],
            "privacy, approval with seq 1: its chain value is wrong.",
        ),
        (
            "UPDATE faq_withdrawal SET recorded_at = %s",
            [DAY_2],
            "privacy, withdrawal with seq 3: its chain value is wrong.",
        ),
        ("DELETE FROM faq_withdrawal", [], "privacy, approval with seq 4: 3 should come next"),
        (
            "UPDATE faq_approval SET number = 7 WHERE number = 3",
            [],
            "privacy, approval with seq 4: its number should be 3.",
        ),
        (
            "UPDATE faq_version SET base = %s WHERE id = (SELECT MAX(id) FROM faq_version)",
            ["0" * 64],
            "privacy, approval with seq 4: its version was made from another state",
        ),
        (
            "DELETE FROM faq_anchor WHERE name = %s",
            ["who-are-we.inside"],
            "privacy, version 1: the link name “who-are-we.inside” is not in the record.",
        ),
    ],
)
def test_verify_names_the_first_thing_that_is_wrong(sql, values, said):
    make_record()
    tamper(sql, *values)
    with pytest.raises(CommandError) as broken:
        run("verify_record")
    assert str(broken.value).startswith(said)
    assert broken.value.returncode == 1


@pytest.mark.django_db
def test_verify_finds_bytes_whose_fingerprint_was_changed_with_them():
    make_record()
    tamper(
        "UPDATE faq_version SET document = %s, digest = %s "
        "WHERE id = (SELECT MIN(id) FROM faq_version)",
        b"{}",
        hashlib.sha256(b"{}").hexdigest(),
    )
    with pytest.raises(CommandError, match="approval with seq 1: its chain value is wrong"):
        run("verify_record")


@pytest.mark.django_db
def test_verify_finds_a_name_that_leads_to_something_else():
    policy = make_record()
    other = make_question(policy, "Other?")
    tamper("UPDATE faq_anchor SET question_id = %s", other.pk.hex if sqlite() else other.pk)
    with pytest.raises(CommandError, match="“who-are-we” belongs to something else"):
        run("verify_record")


@pytest.mark.django_db
def test_verify_finds_a_name_that_no_version_has():
    policy = make_record()
    candidate = publishing.freeze(make_published_once("other"), by="alice", at=NOON + DAY)
    immutable.drop(connection.alias)
    Anchor.objects.create(
        policy=policy, name="invented", question=policy.question_set.get(), version=candidate
    )
    immutable.install(connection.alias)
    with pytest.raises(CommandError, match="link name “invented”: no approved version"):
        run("verify_record")


def sqlite() -> bool:
    return connection.vendor == "sqlite"


@pytest.mark.django_db
def test_verify_finds_that_a_trigger_is_missing():
    name, table = next(iter(immutable.installed(connection).items()))
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"' + ("" if sqlite() else f' ON "{table}"'))
    with pytest.raises(CommandError, match="1 triggers are missing, the first is"):
        run("verify_record")
    immutable.install(connection.alias)


@pytest.mark.django_db
def test_verify_reports_wording_that_was_hidden_and_then_erased():
    policy = make_record()
    first = policy.version_set.order_by("pk").first()
    publishing.withhold(first, by="alice", at=NOON, reason="A name was in it.")
    said = "privacy, version 1: its wording is hidden on purpose."
    assert run("verify_record").splitlines()[0] == said
    tamper("UPDATE faq_version SET document = %s WHERE id = %s", b"", first.pk)
    assert run("verify_record").splitlines()[0] == said


# What a script sees


def manage(*args: str, database: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a process of its own, on a database of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": f"sqlite:///{database}",
            "DATA_DIR": str(database.parent),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.slow
def test_exit_codes_and_streams_suit_scripts(tmp_path, file):
    database = tmp_path / "site.sqlite3"
    assert manage("prepare_site", database=database).returncode == 0
    done = manage(
        *("import_policy", str(file), "--policy", "privacy", "--approve"), database=database
    )
    assert (done.returncode, done.stderr) == (0, "")
    refused = manage("publish", "privacy", database=database)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert manage("export_policy", "privacy", database=database).returncode == 2
    verified = manage("verify_record", database=database)
    assert (verified.returncode, verified.stderr) == (0, "")
    exported = manage("export_policy", "privacy", "--format", "json", database=database)
    page = manage("export_policy", "privacy", "--format", "md", database=database)
    assert exported.stdout.startswith("{") and exported.stdout.endswith("}")
    assert page.stdout.startswith("# Privacy policy\n")
    for command in ("import_policy", "publish", "export_policy", "verify_record", "prepare_site"):
        assert "usage:" in manage(command, "--help", database=database).stdout
