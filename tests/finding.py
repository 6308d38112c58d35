"""What is found by which words: one table that the server and the script are both held to."""

from __future__ import annotations

from faq.models import Policy
from faq.page import Page, PageQuestion, PageSection
from tests.factory import DAY_1, make_policy, make_question, publish

#: By name, the questions of a policy: title, words also asked, in short, answer.
QUESTIONS = {
    "english": {
        "who": ("Who are we?", "controller, DPO", "", "We are the Example Company, in Harrowmere."),
        "cookies": (
            "When do we use cookies?",
            "session cookie, tracking",
            "Only to keep you logged in.",
            "A cookie is a small file. We set two.",
        ),
        "off": ("How do you turn them off?", "delete cookies, block", "", "In your browser."),
        "copy": (
            "How can I find out what you hold about me?",
            "get my data, subject access, SAR, free",
            "Ask us, and we send you a copy.",
            "We answer within one month. It costs nothing. Tell the police nothing.",
        ),
        "share": (
            "Do we share what we know?",
            "police, sell my data",
            "",
            "We transferred it to companies that deliver, and to nobody else for their policies.",
        ),
        "policy": ("How does this policy change?", "", "", "We tell you by e-mail & by post."),
        "delete": (
            "Can you delete what you have?",
            "right to be forgotten, erase my data",
            "Yes, unless a law says that we must keep it.",
            "Deleting takes a day. We get many requests, and my colleagues read each of them.",
        ),
    },
    "european": {
        "straße": ("Größe der Straße", "Datenschutzerklärung", "", "Ihre Rechte und Fragen."),
        "été": ("Données à caractère personnel", "l’accès, effacer", "", "Œuvre et été."),
        "istanbul": ("İstanbul ve Iğdır", "kişisel veri", "", "Çerezler"),
        "odos": ("Προσωπικά δεδομένα", "ΟΔΟΣ", "", "Στην οδός μας."),
        "mowa": ("Персональные данные", "", "", "Ещё и мой адрес."),
    },
    "unspaced": {
        "クッキー": ("クッキーはいつ使いますか？", "トラッキング", "", "ﾛｸﾞｲﾝのためです。"),
        "開示": (
            "個人情報の開示を請求できますか？",
            "SAR、自分のデータ",
            "",
            "第13条により、できます。",
        ),
        "中文": ("我们何时使用你的个人信息？", "", "", "按照法律。"),
        "ไทย": ("เราใช้ข้อมูลส่วนบุคคลเมื่อใด", "คุกกี้", "", "ตามกฎหมาย"),
        "한국": ("개인정보를 언제 사용합니까?", "", "", "법에 따라 처리합니다."),
    },
    "semitic": {
        "من": ("مَنْ نَحْنُ؟", "المراقب، المسؤول", "", "شركة في هاروميـــر."),
        "بيانات": ("متى نستخدم بياناتك؟", "حذف البيانات", "", "للخدمة والملفات فقط."),
        "עברית": ("מתי אנו משתמשים בעוגיות?", "", "", "בִּפְרָטִיּוּת"),
        "فارسی": ("چگونه از داده‌ها استفاده می‌کنیم؟", "", "", "طبق قانون."),
    },
}

#: The policy, the query, what is found in this order, and whether that has all of the words.
CASES: list[tuple[str, str, list[str], bool]] = [
    # What is also asked in just these words comes first, whatever the others have.
    ("english", "get my data", ["copy", "delete"], True),
    ("english", "subject access", ["copy"], True),
    ("english", "SAR", ["copy"], True),
    ("english", "sar", ["copy"], True),
    ("english", "how do I get my data", ["copy", "delete"], True),
    ("english", "a subject access request", ["copy", "delete"], False),
    ("english", "police", ["share", "copy"], True),
    # The title, what is also asked, the short answer, the answer.
    ("english", "cookies", ["cookies", "off"], True),
    ("english", "delete", ["delete", "off"], True),
    ("english", "copy", ["copy"], True),
    ("english", "my data", ["copy", "share", "delete"], True),
    # Inflected, unfinished, in any case.
    ("english", "cookie", ["cookies", "off"], True),
    ("english", "COOKI", ["cookies", "off"], True),
    ("english", "deleting", ["delete", "off"], True),
    ("english", "policies", ["policy", "share"], True),
    ("english", "transfer", ["share"], True),
    ("english", "transfers", ["share"], True),
    ("english", "company", ["who", "share"], True),
    ("english", "request", ["delete"], True),
    ("english", "blocking", ["off"], True),
    ("english", "mail post", ["policy"], True),
    ("english", "e-mail", ["policy"], True),
    ("english", "who are you", ["who", "off", "copy", "delete", "cookies", "policy"], False),
    # All words, or else some of the rarer ones; none of the common ones alone.
    ("english", "what do we do about cookies", ["cookies", "off"], True),
    ("english", "SAR procedure", ["copy"], False),
    ("english", "browser harrowmere", ["who", "off"], False),
    ("english", "how do you frobnicate", [], False),
    ("english", "xyzzy", [], False),
    ("english", "", [], False),
    ("english", " ?! ", [], False),
    ("english", "amp", [], False),
    ("english", "constructor", [], False),
    ("english", "__proto__", [], False),
    # Accents, ligatures, capitals that have two letters, letters that have two capitals.
    ("european", "strasse", ["straße"], True),
    ("european", "STRASSE", ["straße"], True),
    ("european", "GRÖẞE", ["straße"], True),
    ("european", "grosse", ["straße"], True),
    ("european", "gro\u0308ße", ["straße"], True),
    ("european", "datenschutz", ["straße"], True),
    ("european", "Frage", ["straße"], True),
    ("european", "Rechten", ["straße"], True),
    ("european", "donnee", ["été"], True),
    ("european", "acces", ["été"], True),
    ("european", "l'accès", ["été"], True),
    ("european", "ete", ["été"], True),
    ("european", "istanbul", ["istanbul"], True),
    ("european", "IĞDIR", ["istanbul"], True),
    ("european", "iğdır", ["istanbul"], True),
    ("european", "cerez", ["istanbul"], True),
    ("european", "οδος", ["odos"], True),
    ("european", "προσωπικα", ["odos"], True),
    ("european", "данные", ["mowa"], True),
    ("european", "еще", ["mowa"], True),
    ("european", "ﬁ", [], False),
    # Scripts without spaces: anywhere. Wide and narrow forms are the same.
    ("unspaced", "クッキー", ["クッキー"], True),
    ("unspaced", "ｸｯｷｰ", ["クッキー"], True),
    ("unspaced", "ログイン", ["クッキー"], True),
    ("unspaced", "開示", ["開示"], True),
    ("unspaced", "ＳＡＲ", ["開示"], True),
    ("unspaced", "自分のデータ", ["開示"], True),
    ("unspaced", "第13条", ["開示"], True),
    ("unspaced", "个人信息", ["中文"], True),
    ("unspaced", "ข้อมูล", ["ไทย"], True),
    ("unspaced", "개인", ["한국"], True),
    ("unspaced", "정보", [], False),
    # Hebrew and Arabic: with what is written at a word's front, without points and strokes.
    ("semitic", "نحن", ["من"], True),
    ("semitic", "هارومير", ["من"], True),
    ("semitic", "مسؤول", ["من"], True),
    ("semitic", "المراقب", ["من"], True),
    ("semitic", "بيانات", ["بيانات"], True),
    ("semitic", "عوגيות", [], False),
    ("semitic", "עוגיות", ["עברית"], True),
    ("semitic", "פרטיות", ["עברית"], True),
    ("semitic", "داده‌ها", ["فارسی"], True),
    ("semitic", "دادهها", ["فارسی"], True),
]


def make_page(name: str) -> Page:
    """The questions of one of these policies, laid out."""
    questions = tuple(
        PageQuestion(
            id=anchor,
            anchor=anchor,
            ids=(),
            title=title,
            in_short=in_short,
            answer=f"<p>{answer.replace('&', '&amp;')}</p>\n",
            level=2,
            also_asked=split(also_asked),
        )
        for anchor, (title, also_asked, in_short, answer) in QUESTIONS[name].items()
    )
    section = PageSection(anchor="", ids=(), title="", introduction="", questions=questions)
    return Page("en", "Policy", "", "", (section,), (), ())


def split(also_asked: str) -> tuple[str, ...]:
    """Phrases as an editor writes them."""
    for comma in "、،":
        also_asked = also_asked.replace(comma, ",")
    return tuple(each.strip() for each in also_asked.split(",") if each.strip())


def make_findable(name: str) -> Policy:
    """One of these policies, published."""
    policy = make_policy(name, contact="Write to [us](mailto:us@example.org).")
    for anchor, (title, also_asked, in_short, answer) in QUESTIONS[name].items():
        make_question(
            policy, title, answer, anchor=anchor, also_asked=also_asked, in_short=in_short
        )
    publish(policy, DAY_1)
    return policy
