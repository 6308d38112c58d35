"""The page for developers, and every example on it, run as it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.request import urlopen

import html5lib
import pytest
from django.conf import settings

from faq import publishing
from faq.models import Policy, Withholding
from faq.page import lay_out
from privacy_site.environment import Environment
from tests.factory import (
    DAY,
    MARKER,
    NOON,
    make_every_kind_of_version,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)

EXAMPLES = {
    "link.html",
    "check_links.py",
    "check_links.sh",
    "show_form.py",
    "sign_up.html",
    "sign_up.js",
    "ask_again.py",
    "ask_again.sh",
    "verify.sh",
    "verify_all.sh",
}
JUNK = "sessionid=junk; session=junk; csrftoken=junk; csrf=junk; messages=junk"


def tree_of(page: bytes) -> Any:
    """The page as a browser parses it."""
    return html5lib.parse(page, namespaceHTMLElements=False, transport_encoding="utf-8")


def examples_on(page: bytes) -> dict[str, str]:
    """The code blocks of the page by file name, as a reader would copy them."""
    blocks = tree_of(page).iter("code")
    return {
        block.attrib["data-file"]: "".join(block.itertext())
        for block in blocks
        if "data-file" in block.attrib
    }


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a server in front of the test's own database."""
    values = {"SITE_URL": live_server.url}
    settings.SITE_URL = Environment(values).site_url("SITE_URL", "")
    return live_server.url


@pytest.fixture
def run(site: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run an example of the page as it stands, in a folder of its own."""
    environment = {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    }

    def run(file: str, *words: str) -> subprocess.CompletedProcess[str]:
        with urlopen(f"{site}/developers/", timeout=10) as answer:
            (tmp_path / file).write_text(examples_on(answer.read())[file], encoding="utf-8")
        program = sys.executable if file.endswith(".py") else "sh"
        return subprocess.run(
            [program, file, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


MISSING = [name for name in ("curl", "jq") if not shutil.which(name)]
needs_curl = pytest.mark.skipif(bool(MISSING), reason=f"{MISSING} not here")
live = pytest.mark.django_db(transaction=True)


def make_renamed() -> Policy:
    """A policy with a live name, an older one, and one of a removed question."""
    policy = make_published(title="Privacy policy")
    cookies = make_question(policy, "When do we use cookies?")
    fax = make_question(policy, "Do we use fax?")
    publish(policy, NOON + DAY)
    cookies.anchor = "كعكات"
    cookies.save()
    publishing.retire(fax, at=NOON + 2 * DAY, reason="None left.")
    publish(policy, NOON + 2 * DAY)
    return policy


# The page


@pytest.mark.django_db
def test_it_has_each_example_with_the_addresses_of_this_site(client):
    make_published(2)
    examples = examples_on(client.get("/developers/").content)
    assert examples.keys() == EXAMPLES
    root = settings.SITE_URL.origin
    assert examples["link.html"] == f'<a href="{root}/privacy/#who-are-we">Who are we?</a>\n'
    assert f"curl -fsS {root}/privacy/versions/2.json" in examples["verify.sh"]
    assert all("{{" not in text and "{%" not in text for text in examples.values())


@pytest.mark.django_db
def test_every_example_is_run_by_a_test_here():
    tests = Path(__file__).read_text(encoding="utf-8").partition("# The examples")[2]
    assert {name for name in EXAMPLES if f'"{name}"' in tests} == EXAMPLES


@pytest.mark.django_db
def test_it_works_without_a_policy(client):
    page = client.get("/developers/")
    assert page.status_code == 200
    assert examples_on(page.content).keys() == EXAMPLES
    assert "Nothing is published here yet" in page.content.decode()


@pytest.mark.django_db
def test_it_tells_nothing_of_a_policy_that_is_not_in_force(client):
    policy = make_policy("secret", title=MARKER)
    make_question(policy, MARKER, anchor="secret-name")
    page = client.get("/developers/").content
    publish(policy, NOON, effective_at=NOON.replace(year=2099), announce=False)
    assert client.get("/developers/").content == page
    assert b"secret" not in page


@pytest.mark.django_db
def test_it_shows_the_address_of_a_version_only_if_it_can_be_read(client):
    make_every_kind_of_version()
    examples = examples_on(client.get("/developers/").content)
    assert "/privacy/versions/5.json" in examples["verify.sh"]


@pytest.mark.django_db
def test_hidden_wording_in_force_leaves_the_page_with_made_up_names(client):
    policy = make_published(2)
    first, second = (policy.version_set.get(approval__number=number) for number in (1, 2))
    publishing.withdraw(second, by="bob", at=NOON + 3 * DAY, reason="A mistake.")
    Withholding.objects.create(
        version=first, reason="A court said so.", withheld_by="bob", recorded_at=NOON
    )
    assert b"when-do-we-use-cookies" in client.get("/developers/").content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/privacy/", 200),
        ("/privacy/versions/", 200),
        ("/privacy/versions/1/", 200),
        ("/privacy/versions/2/", 410),
        ("/developers/", 200),
        ("/nothing/", 404),
    ],
)
def test_every_page_leads_there_from_its_foot(client, path, status):
    make_every_kind_of_version()
    answer = client.get(path)
    assert answer.status_code == status
    (foot,) = tree_of(answer.content).iter("footer")
    links = {link.attrib["href"]: "".join(link.itertext()) for link in foot.iter("a")}
    assert links["/developers/"] == "For developers"


@pytest.mark.django_db
def test_the_list_of_policies_leads_there_too(client):
    make_published()
    make_published(slug="cookies")
    (foot,) = tree_of(client.get("/").content).iter("footer")
    assert [link.attrib["href"] for link in foot.iter("a")] == ["/developers/"]


@pytest.mark.django_db
def test_each_link_on_it_leads_somewhere(client):
    make_published(2)
    root = settings.SITE_URL.origin
    (main,) = tree_of(client.get("/developers/").content).iter("main")
    links = {link.attrib["href"].removeprefix(root) for link in main.iter("a")}
    assert len(links) >= 5
    assert {client.get(path).status_code for path in links} == {200}


@pytest.mark.django_db
def test_its_headings_follow_one_another_and_its_ids_belong_to_the_page(client):
    tree = tree_of(client.get("/developers/").content)
    levels = [int(each.tag[1]) for each in tree.iter() if each.tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}
    ids = [each.attrib["id"] for each in tree.iter() if "id" in each.attrib]
    assert len(ids) == len(set(ids))
    assert all(name.startswith("_") for name in ids)


@pytest.mark.django_db
def test_it_can_only_be_read_and_sets_no_cookie(client):
    plain = client.get("/developers/")
    junk = client.get("/developers/", headers={"Cookie": JUNK})
    assert junk.content == plain.content
    assert "Set-Cookie" not in junk.headers
    assert plain.headers["Cache-Control"] == "no-cache"
    assert client.post("/developers/").status_code == 405


# The examples


@live
@pytest.mark.browser
def test_the_link_lands_on_the_answer(site, page):
    make_published()
    page.goto(f"{site}/developers/")
    page.set_content(page.locator('[data-file="link.html"]').inner_text())
    page.get_by_role("link", name="Who are we?").click()
    assert page.locator("h2:has(:target)").inner_text() == "Who are we?"


@live
@pytest.mark.parametrize(
    "check", ["check_links.py", pytest.param("check_links.sh", marks=needs_curl)]
)
def test_the_check_passes_links_that_work_and_names_those_that_do_not(check, site, run, tmp_path):
    make_renamed()
    pages = tmp_path / "docs"
    pages.mkdir()
    good = pages / "good.html"
    good.write_text(
        f'<a href="{site}/privacy/#who-are-we">a</a> <a href={site}/privacy/#do-we-use-fax>b</a>\n'
        f"[c]({site}/privacy/#when-do-we-use-cookies) and <{site}/privacy/#كعكات>, "
        f"'{site}/privacy/#%D9%83%D8%B9%D9%83%D8%A7%D8%AA' https://example.org/#nothing\n",
        encoding="utf-8",
    )
    words = [str(good)] if check.endswith(".py") else ["docs"]
    done = run(check, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "leads nowhere" not in done.stdout
    bad = pages / "bad.html"
    bad.write_text(f'<a href="{site}/privacy/#who-is-we">a</a>', encoding="utf-8")
    done = run(check, *words, *([str(bad)] if check.endswith(".py") else []))
    assert done.returncode == 1
    assert "who-is-we leads nowhere" in done.stdout
    assert done.stdout.count("leads nowhere") == 1


@live
def test_the_check_says_what_older_links_should_become(site, run, tmp_path):
    make_renamed()
    page = tmp_path / "page.md"
    page.write_text(f"[c]({site}/privacy/#when-do-we-use-cookies)", encoding="utf-8")
    done = run("check_links.py", str(page))
    better = f"{site}/privacy/#%D9%83%D8%B9%D9%83%D8%A7%D8%AA"
    assert done.stdout.endswith(f"#when-do-we-use-cookies works; now {better}\n")


@live
@needs_curl
def test_the_check_passes_a_site_without_any_link(site, run, tmp_path):
    make_published()
    (tmp_path / "docs").mkdir()
    assert run("check_links.sh", "docs").returncode == 0
    assert run("check_links.py").returncode == 0


@live
def test_what_the_server_puts_into_its_form_is_the_version_in_force(site, run):
    policy = make_published(2)
    done = run("show_form.py")
    digest = policy.version_set.get(approval__number=2).digest
    assert done.stderr == ""
    assert 'name="policy_version" value="2"' in done.stdout
    assert f'name="policy_digest" value="{digest}"' in done.stdout
    assert f'href="{site}/privacy/versions/2/"' in done.stdout


class Shop(ThreadingHTTPServer):
    """Another site, with the form and the script of the examples; it keeps what is posted."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self.posted: list[dict[str, list[str]]] = []
        super().__init__(("127.0.0.1", 0), ShopPages)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class ShopPages(BaseHTTPRequestHandler):
    """Its pages."""

    server: Shop

    def do_GET(self) -> None:
        self._answer(self.server.files.get(self.path, ""), self.path.endswith(".js"))

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.server.posted.append(parse_qs(self.rfile.read(size).decode()))
        self._answer("Welcome.", False)

    def _answer(self, text: str, script: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: object) -> None:
        """Print nothing."""


@pytest.fixture
def shop(site: str) -> Iterator[Shop]:
    make_published()
    with urlopen(f"{site}/developers/", timeout=10) as answer:
        examples = examples_on(answer.read())
    shop = Shop({"/": examples["sign_up.html"], "/sign_up.js": examples["sign_up.js"]})
    thread = threading.Thread(target=shop.serve_forever)
    thread.start()
    yield shop
    shop.shutdown()
    thread.join()
    shop.server_close()


@live
@pytest.mark.browser
def test_the_form_posts_the_version_that_was_shown_not_the_one_in_force_at_the_click(
    site, shop, page
):
    page.goto(f"{shop.url}/")
    page.get_by_role("checkbox").check()
    button = page.get_by_role("button")
    page.wait_for_function("!document.querySelector('button').disabled")
    policy = Policy.objects.get()
    first = policy.version_set.get()
    reword(policy.question_set.get(), "Another company.")
    publish(policy, NOON + DAY)
    assert page.get_by_role("link").get_attribute("href") == f"{site}/privacy/versions/1/"
    button.click()
    page.get_by_text("Welcome.").wait_for()
    (posted,) = shop.posted
    assert posted == {
        "policy_version": ["1"],
        "policy_digest": [first.digest],
        "agreed": ["on"],
    }


@live
@pytest.mark.browser
def test_the_form_cannot_be_sent_without_a_version(site, shop, page):
    page.route("**/privacy.json", lambda route: route.abort())
    page.goto(f"{shop.url}/")
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("button").is_disabled()


def make_steps() -> Policy:
    """Version 1; 2, wording only; 3, which readers must know of."""
    policy = make_published()
    question = policy.question_set.get()
    for number, material in ((2, False), (3, True)):
        reword(question, f"A company, version {number}.")
        publish(policy, NOON + number * DAY, material=material)
    return policy


@live
@pytest.mark.parametrize("agreed", [1, 2, 3])
def test_a_customer_hears_of_a_change_only_if_readers_must_know(site, run, agreed):
    make_steps()
    done = run("ask_again.py", str(agreed))
    redline = f"{site}/privacy/versions/{agreed}...3/"
    assert done.stderr == ""
    assert done.stdout == ("No.\n" if agreed == 3 else f"Yes. What changed: {redline}\n")


@live
def test_a_change_of_wording_only_is_no_reason_to_ask_again(run):
    policy = make_published()
    reword(policy.question_set.get(), "The same company.")
    publish(policy, NOON + DAY, material=False)
    assert run("ask_again.py", "1").stdout == "No.\n"


@live
def test_a_version_that_was_withdrawn_or_only_announced_counts_for_nothing(run):
    policy = make_steps()
    third = policy.version_set.get(approval__number=3)
    publishing.withdraw(third, by="bob", at=NOON + 4 * DAY, reason="A mistake.")
    reword(policy.question_set.get(), "Soon another company.")
    publish(policy, NOON + 5 * DAY, effective_at=NOON.replace(year=2099))
    assert run("ask_again.py", "1").stdout == "No.\n"
    assert run("ask_again.py", "2").stdout == "No.\n"
    assert run("ask_again.py", "3").stdout.startswith("Yes: version 3 was withdrawn")


@live
@needs_curl
def test_the_shell_gives_the_same_answers(run):
    policy = make_steps()
    assert [run("ask_again.sh", str(number)).stdout for number in (1, 2, 3)] == [
        "true\n",
        "true\n",
        "false\n",
    ]
    third = policy.version_set.get(approval__number=3)
    publishing.withdraw(third, by="bob", at=NOON + 4 * DAY, reason="A mistake.")
    assert [run("ask_again.sh", str(number)).stdout for number in (1, 2, 3)] == [
        "false\n",
        "false\n",
        "true\n",
    ]


@live
@needs_curl
def test_the_shell_prints_the_fingerprint_of_the_version_in_force(site, run):
    policy = make_published(2)
    digest = policy.version_set.get(approval__number=2).digest
    assert run("verify.sh").stdout.split()[0] == digest


@live
@needs_curl
def test_the_whole_history_verifies_from_outside(run):
    policy = make_every_kind_of_version()
    done = run("verify_all.sh")
    head = policy.approval_set.get(number=7).chain
    assert done.stderr == ""
    assert done.stdout.endswith(
        f"All is as recorded: 7 versions, 9 entries. Note this head, to check it later:\n7:{head}\n"
    )


@pytest.mark.django_db
def test_the_examples_name_the_first_question_of_the_page(client):
    policy = make_every_kind_of_version()
    document = policy.version_set.get(approval__number=5).to_document()
    first = lay_out(document, "en").sections[0].questions[0]
    assert f"#{first.anchor}" in examples_on(client.get("/developers/").content)["link.html"]
