"""The editors' desk in the admin: who may do what, what is said, what changes and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from faq import publishing
from faq.models import Approval, Policy, Question, Section, Version
from tests.factory import make_policy, make_question, make_section, publish, reword

pytestmark = pytest.mark.django_db

NOTE = "We no longer keep call recordings."


@pytest.fixture
def editor(client: Client) -> Client:
    """A browser in which Alice, who may do everything, is logged in."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


def make_live_policy() -> Policy:
    """A policy with one version in force since an hour ago."""
    policy = make_policy(introduction="Welcome.", contact="Write to us.")
    make_question(policy)
    publish(policy, timezone.now() - timedelta(hours=1))
    return policy


def desk(name: str, *args: object) -> str:
    """The address of a page of the desk."""
    return reverse(f"admin:faq_{name}", args=args)


def question_fields(question: Question, **changed: str) -> dict[str, str]:
    """What the question's form sends."""
    names = ("title", "in_short", "answer", "also_asked", "anchor", "older_names")
    sent = {name: getattr(question, name) for name in names}
    return {**sent, "section": "", "started_from": str(question.revision), **changed}


def publish_fields(client: Client, policy: Policy, **fields: str) -> dict[str, str]:
    """What the Publish page's form sends, with the fingerprint it was shown with."""
    page = client.get(desk("policy_publish", policy.pk))
    shown = page.context["form"]["expected"].initial
    return {"when": "now", "kind": "minor", "note": "", "expected": shown, **fields}


def every_public_answer(client: Client, policy: Policy) -> list[bytes]:
    """What readers get by every address of the policy."""
    paths = [f"/{policy.slug}/", f"/{policy.slug}/versions/"]
    for number in range(1, policy.approval_set.count() + 1):
        paths += [f"/{policy.slug}/versions/{number}/", f"/{policy.slug}/versions/{number}.json"]
    return [client.get(path).content for path in paths]


# Who may do what


def desk_addresses(policy: Policy) -> list[str]:
    """Every page of the desk about a policy with one version."""
    question, version = policy.question_set.get(), policy.version_set.get()
    return [
        reverse("admin:index"),
        desk("start"),
        desk("policy_add"),
        desk("policy_change", policy.pk),
        desk("policy_questions", policy.pk),
        desk("policy_preview", policy.pk),
        desk("policy_publish", policy.pk),
        desk("policy_versions", policy.pk),
        desk("policy_version", policy.pk, version.pk),
        desk("policy_withdraw", policy.pk, version.pk),
        desk("question_change", question.pk),
        desk("question_delete", question.pk),
        f"{desk('question_add')}?policy={policy.pk}",
        f"{desk('section_add')}?policy={policy.pk}",
    ]


def test_every_page_of_the_desk_asks_strangers_to_log_in(client):
    for address in desk_addresses(make_live_policy()):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.url.startswith("/admin/login/"), address


def test_someone_who_may_do_nothing_sees_no_page_but_an_empty_first_one(client):
    policy = make_live_policy()
    client.force_login(User.objects.create_user("bob", is_staff=True))
    first, *others = desk_addresses(policy)
    assert policy.title not in client.get(first).content.decode()
    for address in others:
        assert client.get(address).status_code == 403, address


def test_someone_who_may_edit_cannot_publish_or_withdraw(client):
    policy = make_live_policy()
    bob = User.objects.create_user("bob", is_staff=True)
    names = ["view_policy", "change_policy", "view_question", "change_question", "add_question"]
    bob.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(bob)
    assert client.get(desk("policy_questions", policy.pk)).status_code == 200
    assert client.post(desk("policy_publish", policy.pk)).status_code == 403
    version = policy.version_set.get()
    assert client.post(desk("policy_withdraw", policy.pk, version.pk)).status_code == 403


def test_every_page_of_the_desk_answers_an_editor(editor):
    for address in desk_addresses(make_live_policy()):
        assert editor.get(address).status_code == 200, address


def test_the_first_page_lists_policies_and_users_and_no_table_of_the_record(editor):
    make_live_policy()
    page = editor.get(reverse("admin:index")).content.decode()
    for said in ("Privacy policy", "Edit questions", "Preview", "Publish…", "View page", "Users"):
        assert said in page
    for table in ("Approval", "Anchor", "Withdrawal", "Group", "faq/version/"):
        assert table not in page


def test_the_editor_packages_own_views_are_not_mounted(client):
    def names(patterns, prefix=""):
        for entry in patterns:
            route = f"{prefix}{entry.pattern}"
            yield route
            yield from names(getattr(entry, "url_patterns", []), route)

    assert not [route for route in names(get_resolver().url_patterns) if "markdownx" in route]
    for address in ("/markdownx/upload/", "/markdownx/markdownify/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 405  # like any page for readers


# Editing


def test_saving_a_question_says_what_readers_still_see(editor):
    question = make_live_policy().question_set.get()
    fields = question_fields(question, answer="Another company.")
    page = editor.post(desk("question_change", question.pk), fields, follow=True)
    assert "Saved as draft. Readers still see version 1." in page.content.decode()


def test_editing_changes_nothing_that_readers_get_by_any_address(editor):
    policy = make_live_policy()
    before = every_public_answer(Client(), policy)
    question = policy.question_set.get()
    fields = question_fields(question, title="SECRET title", answer="SECRET", anchor="secret")
    editor.post(desk("question_change", question.pk), fields)
    editor.post(
        desk("policy_change", policy.pk),
        {"title": "SECRET", "slug": "privacy", "introduction": "SECRET", "contact": "SECRET"}
        | {"started_from": policy.revision},
    )
    editor.post(
        f"{desk('question_add')}?policy={policy.pk}", {"title": "SECRET?", "answer": "SECRET"}
    )
    policy.refresh_from_db()
    assert (policy.title, policy.question_set.count()) == ("SECRET", 2)
    assert every_public_answer(Client(), policy) == before


def test_a_new_question_gets_a_link_name_from_its_title_that_is_free(editor):
    policy = make_live_policy()
    for _ in range(2):
        editor.post(
            f"{desk('question_add')}?policy={policy.pk}", {"title": "Who are we?", "answer": "Us."}
        )
    names = set(policy.question_set.values_list("anchor", flat=True))
    assert names == {"who-are-we", "who-are-we-2", "who-are-we-3"}


def test_a_new_question_stands_at_the_end_of_its_section(editor):
    policy = make_live_policy()
    section = make_section(policy)
    make_question(policy, "First?", section=section)
    address = f"{desk('question_add')}?policy={policy.pk}&section={section.pk}"
    assert str(section.pk) in editor.get(address).content.decode()
    editor.post(address, {"title": "Last?", "answer": "Yes.", "section": section.pk})
    assert [q.title for q in section.questions.all()] == ["First?", "Last?"]


@pytest.mark.parametrize("name", ["who-are-we", "who-are-we.inside", "an-older-name"])
def test_a_link_name_that_belongs_to_another_question_is_refused(editor, name):
    policy = make_policy()
    question = make_question(policy, answer="## Inside\n\nText.", older_names="an-older-name")
    publish(policy, timezone.now())
    question.anchor, question.older_names = "renamed", ""
    question.save()
    other = make_question(policy, "Another?")
    page = editor.post(desk("question_change", other.pk), question_fields(other, anchor=name))
    assert "belongs to “Who are we?”" in page.content.decode()
    other.refresh_from_db()
    assert other.anchor == "another"


@pytest.mark.parametrize(
    "name", ["with space", "a/b", "_top", "versions", "x.json", "a\u202eb", "what?", "a" * 201]
)
def test_a_link_name_that_cannot_stand_in_an_address_is_refused(editor, name):
    question = make_live_policy().question_set.get()
    editor.post(desk("question_change", question.pk), question_fields(question, anchor=name))
    question.refresh_from_db()
    assert question.anchor == "who-are-we"


def test_the_address_of_a_published_policy_cannot_be_edited(editor):
    policy = make_live_policy()
    fields = {"title": "New title", "slug": "elsewhere", "started_from": policy.revision}
    editor.post(desk("policy_change", policy.pk), fields)
    policy.refresh_from_db()
    assert (policy.slug, policy.title) == ("privacy", "New title")


@pytest.mark.parametrize("slug", ["admin", "Static", "en", "a b", "health", "preview", "ä"])
def test_an_address_that_another_page_needs_is_refused(editor, slug):
    editor.post(desk("policy_add"), {"title": "Policy", "slug": slug})
    assert not Policy.objects.exists()


def test_moving_down_and_up_changes_the_order_and_nothing_else(editor):
    policy = make_policy()
    for title in ("One?", "Two?", "Three?"):
        make_question(policy, title)
    one = policy.question_set.get(title="One?")

    def move(to: str) -> list[str]:
        editor.post(desk("policy_move", policy.pk), {"item": f"question:{one.pk}", "to": to})
        return [question.title for question in policy.question_set.all()]

    assert move("down") == ["Two?", "One?", "Three?"]
    assert move("down") == ["Two?", "Three?", "One?"]
    assert move("down") == ["Two?", "Three?", "One?"]
    assert move("up") == ["Two?", "One?", "Three?"]


def test_moving_works_where_all_positions_are_the_same(editor):
    policy = make_policy()
    sections = [make_section(policy, title, position=0) for title in ("One", "Two")]
    first = policy.section_set.first()
    editor.post(desk("policy_move", policy.pk), {"item": f"section:{first.pk}", "to": "down"})
    assert policy.section_set.last() == first
    assert len(sections) == 2


@pytest.mark.parametrize("item", ["", "question:", "question:nonsense", "section:' OR 1=1"])
def test_moving_something_that_is_not_there_is_a_404(editor, item):
    policy = make_live_policy()
    answer = editor.post(desk("policy_move", policy.pk), {"item": item, "to": "up"})
    assert answer.status_code == 404


# Preview


def preview_address(question: Question) -> str:
    kind = "question-in-section" if question.section_id else "question"
    return reverse("admin:faq_policy_preview_text", args=[question.policy_id, kind, question.pk])


@pytest.mark.parametrize("in_section", [True, False])
def test_the_live_preview_is_byte_for_byte_what_readers_get(editor, in_section):
    policy = make_policy()
    section = make_section(policy) if in_section else None
    question = make_question(policy, section=section)
    source = (
        '# Heading\r\n\r\n"Quoted" 6(1)(c)[^1] [](#who-are-we)\r\n\r\n[^1]: Note.\r\n\r\n'
        "| a | b |\r\n|---|--:|\r\n| 1 | 2 |\r\n\r\n<script>alert(1)</script>"
    )
    previewed = editor.post(preview_address(question), {"content": source}).content.decode()
    reword(question, source)
    publish(policy, timezone.now())
    assert previewed
    assert previewed in Client().get("/privacy/").content.decode()


@pytest.mark.parametrize("kind", ["introduction", "contact"])
def test_the_policys_own_texts_are_previewed_as_they_will_stand(editor, kind):
    policy = make_live_policy()
    address = reverse("admin:faq_policy_preview_text", args=[policy.pk, kind])
    previewed = editor.post(address, {"content": "## Heading\n\nText"}).content.decode()
    Policy.objects.filter(pk=policy.pk).update(**{kind: "## Heading\n\nText"})
    publish(policy, timezone.now())
    assert previewed in Client().get("/privacy/").content.decode()


def test_the_live_preview_works_before_anything_is_saved(editor):
    address = reverse("admin:faq_policy_preview_text", args=[0, "introduction"])
    assert editor.post(address, {"content": "*Hello*"}).content == b"<p><em>Hello</em></p>\n"
    policy = make_live_policy()
    address = reverse("admin:faq_policy_preview_text", args=[policy.pk, "question"])
    assert b"<p>New</p>" in editor.post(address, {"content": "New"}).content


def test_the_live_preview_refuses_strangers_forged_forms_and_long_texts(editor):
    question = make_live_policy().question_set.get()
    address = preview_address(question)
    assert Client().post(address, {"content": "x"}).status_code == 302
    assert editor.get(address).status_code == 405
    assert editor.post(address, {"content": "x" * 200_001}).status_code == 413
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(User.objects.get())
    assert forged.post(address, {"content": "x"}).status_code == 403
    nowhere = reverse("admin:faq_policy_preview_text", args=[question.policy_id, "nonsense"])
    assert editor.post(nowhere, {"content": "x"}).status_code == 404


def test_the_preview_of_the_working_copy_shows_it_and_keeps_it_private(editor):
    policy = make_live_policy()
    reword(policy.question_set.get(), "The DRAFT answer.")
    answer = editor.get(desk("policy_preview", policy.pk))
    assert "The DRAFT answer." in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "DRAFT" not in Client().get("/privacy/").content.decode()


# Publishing


def test_publishing_now_makes_the_next_version_and_says_so(editor):
    policy = make_live_policy()
    reword(policy.question_set.get(), "Another company.")
    fields = publish_fields(editor, policy, kind="material", note=NOTE)
    page = editor.post(desk("policy_publish", policy.pk), fields, follow=True)
    assert "Version 2 is in force. Readers see it now." in page.content.decode()
    readers = Client().get("/privacy/").content.decode()
    assert "Another company." in readers
    approval = policy.approval_set.get(number=2)
    assert (approval.material, approval.approved_by) == (True, "alice")
    assert approval.version.note() == NOTE


def test_the_publish_page_lists_every_kind_of_change(editor):
    policy = make_policy()
    questions = {
        title: make_question(policy, f"{title}?")
        for title in ("Stays", "Reworded", "Retitled", "Retired", "Moved")
    }
    publish(policy, timezone.now() - timedelta(hours=1))
    reword(questions["Reworded"], "Other words.")
    Question.objects.filter(pk=questions["Retitled"].pk).update(title="Better title?")
    publishing.retire(questions["Retired"], at=timezone.now(), reason="Gone.")
    Question.objects.filter(pk=questions["Moved"].pk).update(section=make_section(policy))
    make_question(policy, "Added?")
    page = editor.get(desk("policy_publish", policy.pk))
    shown = {change.title: change.kinds for change in page.context["status"].shown_changes()}
    assert shown == {
        "Your rights": ("New",),
        "Reworded?": ("Reworded",),
        "Better title?": ("New title",),
        "Retired?": ("Removed",),
        "Moved?": ("Moved",),
        "Added?": ("New",),
    }
    assert "was: Retitled?" in page.content.decode()


def test_neither_kind_of_change_is_chosen_beforehand(editor):
    policy = make_live_policy()
    reword(policy.question_set.get(), "Another company.")
    page = editor.get(desk("policy_publish", policy.pk)).content.decode()
    assert page.count('name="kind"') == 2
    assert "checked" not in page.partition('name="kind"')[2].partition('name="note"')[0]


def test_a_first_version_needs_no_note_and_no_kind_and_may_be_dated_back(editor):
    policy = make_policy()
    make_question(policy)
    fields = publish_fields(editor, policy, when="since", moment="2018-05-25T00:00")
    del fields["kind"]
    editor.post(desk("policy_publish", policy.pk), fields)
    approval = policy.approval_set.get()
    assert timezone.localtime(approval.effective_at).isoformat() == "2018-05-25T00:00:00+01:00"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "material"}, "write what changed"),
        ({"kind": ""}, "This field is required"),
        ({"when": "later"}, "Choose the date and time."),
        ({"when": "later", "moment": "2020-01-01T00:00"}, "This is in the past"),
        ({"when": "later", "moment": "nonsense"}, "Enter a valid date/time."),
        ({"when": "later", "moment": "2027-03-28T01:30"}, "does not exist here"),
        ({"when": "later", "moment": "2027-10-31T01:30"}, "happens twice here"),
        ({"when": "since", "moment": "2020-01-01T00:00"}, "Select a valid choice"),
        ({"expected": "0" * 64}, "The draft has changed since you opened this page"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_published(editor, fields, said):
    policy = make_live_policy()
    reword(policy.question_set.get(), "Another company.")
    sent = publish_fields(editor, policy, **fields)
    page = editor.post(desk("policy_publish", policy.pk), sent)
    assert said in page.content.decode()
    assert (Version.objects.count(), Approval.objects.count()) == (1, 1)


def test_after_the_draft_has_changed_the_page_can_be_sent_again(editor):
    policy = make_live_policy()
    question = reword(policy.question_set.get(), "Another company.")
    fields = publish_fields(editor, policy)
    reword(question, "Yet another company.")
    page = editor.post(desk("policy_publish", policy.pk), fields)
    again = {**fields, "expected": page.context["form"]["expected"].value()}
    editor.post(desk("policy_publish", policy.pk), again)
    assert policy.approval_set.count() == 2


def test_a_second_click_on_publish_says_the_same_and_publishes_once(editor):
    policy = make_live_policy()
    reword(policy.question_set.get(), "Another company.")
    fields = publish_fields(editor, policy)
    first, second = (editor.post(desk("policy_publish", policy.pk), fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert policy.approval_set.count() == 2


def test_publishing_before_a_scheduled_version_is_refused_and_withdrawing_it_helps(editor):
    policy = make_live_policy()
    question = reword(policy.question_set.get(), "Scheduled.")
    later = publish_fields(editor, policy, when="later", moment="2099-01-01T00:00")
    page = editor.post(desk("policy_publish", policy.pk), later, follow=True)
    assert "It applies from 1 January 2099, 00:00." in page.content.decode()
    reword(question, "At once.")
    now = publish_fields(editor, policy)
    page = editor.post(desk("policy_publish", policy.pk), now)
    assert "withdraw that version first" in page.content.decode()
    scheduled = policy.version_set.get(approval__number=2)
    editor.post(desk("policy_withdraw", policy.pk, scheduled.pk), {"reason": "A mistake."})
    editor.post(desk("policy_publish", policy.pk), publish_fields(editor, policy))
    assert "At once." in Client().get("/privacy/").content.decode()


def test_a_refused_publish_is_not_called_published_because_of_a_withdrawn_version(editor):
    policy = make_live_policy()
    reword(policy.question_set.get(), "Scheduled.")
    fields = publish_fields(editor, policy, when="later", moment="2099-01-01T00:00")
    editor.post(desk("policy_publish", policy.pk), fields)
    scheduled = policy.version_set.get(approval__number=2)
    editor.post(desk("policy_withdraw", policy.pk, scheduled.pk), {"reason": "A mistake."})
    wrong = publish_fields(editor, policy, when="later", moment="2020-01-01T00:00")
    page = editor.post(desk("policy_publish", policy.pk), wrong, follow=True)
    assert "is approved" not in page.content.decode()
    assert "This is in the past." in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"when": "later", "moment": "2020-01-01T00:00"}, "This is in the past."),
        ({"when": "since", "moment": "2099-01-01T00:00"}, "This has not come yet."),
    ],
)
def test_a_first_version_is_dated_as_its_editor_said(editor, fields, said):
    policy = make_policy()
    make_question(policy)
    sent = publish_fields(editor, policy, **fields)
    page = editor.post(desk("policy_publish", policy.pk), sent)
    assert said in page.content.decode()
    assert not Approval.objects.exists()


def test_an_address_of_the_desk_with_nonsense_in_it_is_a_404(editor):
    assert editor.get("/admin/faq/question/foo/delete/").status_code == 404
    assert editor.get(f"/admin/faq/question/add/?policy={'9' * 5000}").status_code == 404


def test_versions_are_listed_and_can_be_read_but_not_changed(editor):
    policy = make_live_policy()
    question = reword(policy.question_set.get(), "Second.")
    publish(policy, timezone.now())
    reword(question, "Third.")
    publish(policy, timezone.now(), effective_at=timezone.now() + timedelta(days=9), note=NOTE)
    page = editor.get(desk("policy_versions", policy.pk)).content.decode()
    for said in ("Applies from", "In force", "Replaced", NOTE):
        assert said in page
    assert "<input" not in page.partition('id="content-main"')[2]
    scheduled = policy.version_set.get(approval__number=3)
    assert "Third." in editor.get(desk("policy_version", policy.pk, scheduled.pk)).content.decode()


def test_withdrawing_the_version_in_force_brings_the_one_before_back(editor):
    policy = make_live_policy()
    reword(policy.question_set.get(), "Wrong.")
    publish(policy, timezone.now())
    version = policy.version_set.get(approval__number=2)
    page = editor.get(desk("policy_withdraw", policy.pk, version.pk)).content.decode()
    assert "Withdraw version 2: version 1 applies again at once." in page
    assert editor.post(desk("policy_withdraw", policy.pk, version.pk), {}).status_code == 200
    editor.post(desk("policy_withdraw", policy.pk, version.pk), {"reason": "Wrong text."})
    assert "A company." in Client().get("/privacy/").content.decode()


# Removing


def test_removing_a_published_question_needs_a_reason_and_keeps_its_links(editor):
    policy = make_live_policy()
    other = make_question(policy, "What now?")
    publish(policy, timezone.now())
    question = policy.question_set.get(anchor="who-are-we")
    address = desk("question_delete", question.pk)
    assert editor.post(address, {}).status_code == 200
    editor.post(address, {"reason": "Merged.", "successor": other.pk})
    editor.post(desk("policy_publish", policy.pk), publish_fields(editor, policy))
    page = Client().get("/privacy/").content.decode()
    assert 'id="who-are-we"' in page
    assert "A company." not in page.partition("<main")[2].partition("Who are we?")[2]


def test_a_removed_question_can_be_brought_back(editor):
    policy = make_live_policy()
    question = policy.question_set.get()
    editor.post(desk("question_delete", question.pk), {"reason": "By mistake."})
    assert "Bring back" in editor.get(desk("policy_questions", policy.pk)).content.decode()
    editor.post(desk("question_back", question.pk))
    question.refresh_from_db()
    assert question.retired_at is None


def test_removing_a_question_nobody_has_read_deletes_it(editor):
    policy = make_live_policy()
    question = make_question(policy, "Never mind?")
    page = editor.get(desk("question_delete", question.pk)).content.decode()
    assert "It was never published, so it is deleted." in page
    editor.post(desk("question_delete", question.pk), {})
    assert not Question.objects.filter(pk=question.pk).exists()


def test_a_section_with_questions_is_not_removed(editor):
    policy = make_policy()
    section = make_section(policy)
    make_question(policy, section=section)
    page = editor.post(desk("section_delete", section.pk), {})
    assert "still has questions" in page.content.decode()
    assert Section.objects.exists()


def test_a_published_policy_cannot_be_deleted(editor):
    policy = make_live_policy()
    address = reverse("admin:faq_policy_delete", args=[policy.pk])
    assert editor.post(address, {"post": "yes"}).status_code == 403
    assert Policy.objects.exists()


# Starting


def test_an_empty_site_offers_three_ways_to_start(editor):
    page = editor.get(reverse("admin:index")).content.decode()
    for way in ("Start from our outline", "Import a file", "Start blank"):
        assert way in page


def test_the_outline_makes_a_draft_with_every_topic(editor):
    editor.post(desk("start"), {"outline": "yes"})
    policy = Policy.objects.get()
    assert policy.question_set.count() == 20
    assert policy.section_set.count() == 2
    assert Client().get("/privacy/").status_code == 404


def test_an_uploaded_file_becomes_a_draft(editor):
    file = SimpleUploadedFile("policy.md", b"# Our policy\n\nHi.\n\n## Who are we?\n\nUs.\n")
    page = editor.post(desk("start"), {"file": file, "slug": "privacy"}, follow=True)
    assert "Imported as a draft. Readers see nothing yet." in page.content.decode()
    assert [q.title for q in Policy.objects.get().question_set.all()] == ["Who are we?"]


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        (b"", "privacy"),
        (b"\x00\xff\xfe", "privacy"),
        (b"no headings", "privacy"),
        (b"# T\n\n## Q?\n\nA.", "admin"),
        (b"# T\n\n## Q?\n\nA.", "taken"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_and_nothing_is_made(editor, content, slug):
    make_policy(slug="taken")
    file = SimpleUploadedFile("policy.md", content)
    page = editor.post(desk("start"), {"file": file, "slug": slug})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert Policy.objects.count() == 1
