"""How fast the redline is, and how much memory it takes: python -m benchmarks.redline [--short].

Every neighbouring pair of versions of the real policies in ../shared/corpus/docs, and the first
and last of each, are compared twice: question by question, and as one long answer. Then come
made-up answers of 12,000 and 40,000 words, each in a process of its own. Times are those of the
processor, the median of three; difflib.SequenceMatcher over words is measured in the same run.

Ends with 1 if a pair of real versions takes over 300 ms, or a long answer more than 200 MB. With
--short, which is for machines whose speed nobody knows, only made-up answers are compared, and the
ratio to difflib and the memory decide, each with much room.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from statistics import median

from faq.anchors import suggest
from faq.document import Document, Question, Section, Wording
from faq.redline import html, redline
from faq.rendering import render, sanitise

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "docs"

MOST_MILLISECONDS = 300
MOST_MEGABYTES = 200
#: Of the time of difflib: the made-up answers take 2 to 6 % of it, so this leaves much room.
MOST_OF_DIFFLIB = 0.5

SHAPES = ("edited", "rewritten", "unrelated")
#: Words in a paragraph.
LAYOUTS = {"paragraphs": 100, "one paragraph": 1_000_000}


def main() -> int:
    """Measure, print, and say whether it is fast enough."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="a few seconds, judged by ratios only")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of real policies")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        shape, size, layout = options.one
        return measure_one(shape, int(size), layout)
    faults = [] if options.short else measure_corpus(options.corpus)
    faults += measure_long(3_000 if options.short else 12_000, with_difflib=True)
    if not options.short:
        faults += measure_long(40_000, with_difflib=False)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def measure_corpus(corpus: Path) -> list[str]:
    """Compare every pair of real versions; say which are too slow."""
    if not corpus.is_dir():
        print(f"{corpus} is not here: real policies are left out.")
        return []
    by_question: list[float] = []
    by_answer: list[float] = []
    by_difflib: list[float] = []
    faults = []
    for name, old, new in real_pairs(corpus):
        documents, answers = (document(old), document(new)), (answer(old), answer(new))
        questions_ms = milliseconds(lambda: redline(*documents, "en"))  # noqa: B023
        answer_ms = milliseconds(lambda: html(*answers))  # noqa: B023
        by_question.append(questions_ms)
        by_answer.append(answer_ms)
        by_difflib.append(milliseconds(lambda: difflib(*answers), times=1))  # noqa: B023
        for how, taken in (("by question", questions_ms), ("as one answer", answer_ms)):
            if taken > MOST_MILLISECONDS:
                faults.append(f"{name} {how}: {taken:.0f} ms is over {MOST_MILLISECONDS} ms")
    print(f"{len(by_question)} pairs of real versions, ms      median   p95   max   total")
    report("question by question", by_question)
    report("as one answer", by_answer)
    report("difflib, words only", by_difflib)
    print(f"as one answer to difflib: {sum(by_answer) / sum(by_difflib):.2f}")
    print(f"peak memory of this process: {peak_megabytes():.0f} MB")
    return faults


def measure_long(size: int, *, with_difflib: bool) -> list[str]:
    """Compare made-up answers of so many words, each pair in a process of its own."""
    faults = []
    print(f"\n{size:,} words                          ms   peak in MB   of difflib's time")
    for shape in SHAPES:
        for layout in LAYOUTS:
            arguments = [
                sys.executable,
                "-m",
                "benchmarks.redline",
                "--one",
                shape,
                str(size),
                layout,
            ]
            done = subprocess.run(arguments, capture_output=True, text=True, check=True)
            taken, megabytes = map(float, done.stdout.split())
            of_difflib = ""
            if with_difflib and layout == "paragraphs":
                texts = made_up(shape, size, layout)
                ratio = taken / milliseconds(lambda: difflib(*texts), times=1)  # noqa: B023
                of_difflib = f"{ratio:.3f}"
                if ratio > MOST_OF_DIFFLIB:
                    faults.append(f"{size:,} words, {shape}: {ratio:.2f} of the time of difflib")
            print(f"{shape:12}{layout:16}{taken:10.0f}{megabytes:15.0f}   {of_difflib:>10}")
            if megabytes > MOST_MEGABYTES:
                faults.append(f"{size:,} words, {shape}, {layout}: {megabytes:.0f} MB")
    return faults


def measure_one(shape: str, size: int, layout: str) -> int:
    """Print the time of one comparison of made-up answers, and the peak memory of the process."""
    texts = made_up(shape, size, layout)
    print(milliseconds(lambda: html(*texts)), peak_megabytes())
    return 0


def milliseconds(run: Callable[[], object], times: int = 3) -> float:
    """The median time of the processor."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append(1000 * (time.process_time() - start))
    return median(taken)


def difflib(old_html: str, new_html: str) -> object:
    """What the standard library takes for the words alone, without its rule of thumb for junk."""
    old, new = (re.sub("<[^>]*>", " ", text).split() for text in (old_html, new_html))
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def peak_megabytes() -> float:
    """The most memory this process ever had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def report(name: str, taken: list[float]) -> None:
    """One line of figures."""
    ordered = sorted(taken)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name:32}{median(ordered):7.1f}{p95:7.1f}{ordered[-1]:7.1f}{sum(ordered):9.0f}")


def real_pairs(corpus: Path) -> Iterator[tuple[str, Path, Path]]:
    """Each version with its successor, and the first with the last."""
    for folder in sorted(corpus.glob("*/*")):
        versions = sorted(folder.iterdir())
        pairs = list(pairwise(versions))
        if len(versions) > 2:
            pairs.append((versions[0], versions[-1]))
        for old, new in pairs:
            yield f"{folder.parent.name}/{folder.name} {old.stem} {new.stem}", old, new


def answer(path: Path) -> str:
    """A real version as the HTML of one answer."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return sanitise(text) if path.suffix == ".html" else render(text, prefix="q")


def document(path: Path) -> Document:
    """A real version with a question for each heading of the second level."""
    text = path.read_text(encoding="utf-8", errors="replace")
    is_html = path.suffix == ".html"
    parts = ["", f"Everything\n{text}"] if is_html else re.split("(?m)^## ", text)
    make: Callable[[str], str] = sanitise if is_html else rendered
    taken: set[str] = set()
    questions = []
    for part in parts[1:]:
        title, _newline, source = part.partition("\n")
        name = suggest(title, taken)
        taken.add(name)
        wording = {"en": Wording(source, make(source))}
        questions.append(Question(name, name, {"en": title.strip()}, wording))
    return Document(
        policy="privacy",
        languages=("en",),
        title={"en": "Privacy policy"},
        introduction={"en": Wording(parts[0], make(parts[0]))},
        contact={},
        prevails="en",
        sections=(Section(None, None, None, tuple(questions)),),
    )


def rendered(source: str) -> str:
    """Markdown as the HTML of an answer."""
    return render(source, prefix="q")


def made_up(shape: str, size: int, layout: str) -> tuple[str, str]:
    """Two answers of made-up words, as rare and as common as those of real texts."""
    chance = random.Random(size)
    stock = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(6000)]

    def words() -> list[str]:
        return [stock[min(int(chance.paretovariate(0.7)), len(stock) - 1)] for _ in range(size)]

    def changed(rate: float) -> list[str]:
        found = []
        for word in old:
            fate = chance.random()
            found += [] if fate < rate else [word]
            found += [chance.choice(stock)] if fate > 1 - rate else []
        return found

    def laid_out(found: list[str]) -> str:
        ended = [f"{word}." if place % 15 == 14 else word for place, word in enumerate(found)]
        step = LAYOUTS[layout]
        return "\n".join(
            f"<p>{' '.join(ended[place : place + step])}</p>" for place in range(0, size, step)
        )

    old = words()
    new = {"edited": lambda: changed(0.01), "rewritten": lambda: changed(0.2), "unrelated": words}
    return laid_out(old), laid_out(new[shape]())


if __name__ == "__main__":
    sys.exit(main())
