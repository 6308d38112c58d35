"""Check the public record of a policy without any of the software that made it.

    python3 verify.py https://example.org/privacy/
    python3 verify.py FOLDER
    python3 verify.py https://example.org/privacy/ --head 3:0f4c... --save FOLDER

It needs Python 3.8 or newer and nothing else. What it computes again from the published files:

- the fingerprint (SHA-256) of every version's text;
- the chain, in which every approval and withdrawal covers the one before it;
- that numbers follow one another, and that times do not go backwards.

A chain cannot show by itself that its end was cut off, or that all of it was written anew. For
that, note the head that this program prints, or that stands at the foot of the policy's page or
in its feed, and give it back later with --head: it must still be in the record.

A FOLDER holds versions.json and the texts as 1.json, 2.json and so on, as --save puts them there.

Ends with 0 if all is as it was recorded, with 1 if something is not, and with 2 if it could not
look. Text that the publisher has hidden, and says so, is reported and is no error.
"""

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

GENESIS = "0" * 64
HEAD = re.compile("([1-9][0-9]*):([0-9a-f]{64})")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class CannotLook(Exception):
    """The record could not be read at all."""


class Site:
    """A record as its publisher serves it."""

    def __init__(self, url):
        self.base = url.rpartition("versions.json")[0] if url.endswith("versions.json") else url
        self.base = self.base.rstrip("/")

    def versions(self):
        return self._fetch("versions.json")

    def text(self, number):
        """The bytes of a version; None where the site says that they are hidden."""
        try:
            return self._fetch(f"versions/{number}.json")
        except HTTPError as error:
            if error.code == 410:
                return None
            raise

    def _fetch(self, name):
        with urlopen(self.base + "/" + name, timeout=60) as answer:
            return answer.read()


class Folder:
    """A record as somebody downloaded it."""

    def __init__(self, path):
        self.path = Path(path)

    def versions(self):
        return (self.path / "versions.json").read_bytes()

    def text(self, number):
        """The bytes of a version; None where there is no such file."""
        file = self.path / f"{number}.json"
        return file.read_bytes() if file.exists() else None


class Check:
    """One look at a record: what was found, and what is wrong."""

    def __init__(self, source, save):
        self.source = source
        self.save = save
        self.wrong = []
        self.said = []
        #: For each chain value, the number of the newest version when it was written.
        self.heads = {}
        self.head = None

    def run(self):
        data = self.source.versions()
        self._keep("versions.json", data)
        try:
            versions = json.loads(data.decode("utf-8"))
            entries = list(entries_of(versions))
            numbers = [each["number"] for each in versions]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CannotLook(f"versions.json is not a list of versions: {error!r}") from None
        if not versions:
            raise CannotLook("versions.json lists no version.")
        if numbers != list(range(1, len(numbers) + 1)):
            self.wrong.append(
                f"The list of versions has the numbers {', '.join(map(str, numbers))}: they "
                f"should be 1 to {len(numbers)}, in that order."
            )
        for each in versions:
            self._text(each)
        self._chain(entries)

    def _text(self, each):
        number = each["number"]
        if each["url"] is None:
            self.said.append(
                f"Version {number}: withdrawn before anybody could read it. It has no public text."
            )
            return
        data = self.source.text(number)
        if each["withheld"]:
            self.said.append(
                f"Version {number}: its wording is hidden since "
                f"{each['withheld']['recorded_at'][:10]}: {each['withheld']['reason']}"
            )
        if data is None:
            if not each["withheld"]:
                self.wrong.append(f"Version {number}: its text is not there.")
            return
        self._keep(f"{number}.json", data)
        if sha256(data) != each["digest"]:
            self.wrong.append(
                f"Version {number}: its text does not match its fingerprint. {each['digest']} "
                f"was recorded, {sha256(data)} is what the text gives."
            )
        elif not each["withheld"]:
            self.said.append(
                # In UTC: midnight where the policy applies may be the evening before.
                f"Version {number}: from {each['effective_at'][:10]} "
                f"{each['effective_at'][11:16]} UTC; its text matches its fingerprint."
            )

    def _chain(self, entries):
        """Every entry of the chain in its order; after the first wrong one nothing can be said."""
        previous, newest, recorded_at = GENESIS, 0, ""
        standing = {}
        for place, entry in enumerate(entries, 1):
            where = (
                f"Entry {entry['seq']} of the chain ({entry['kind']} of version {entry['number']})"
            )
            if entry["seq"] != place:
                self.wrong.append(
                    f"{where}: entry {place} should come here. One is missing, or was put in."
                )
                return
            if entry["kind"] == "approval":
                newest += 1
                if entry["number"] != newest:
                    self.wrong.append(f"{where}: version {newest} should come here.")
                    return
                if standing and entry["effective_at"] <= max(standing.values()):
                    self.wrong.append(
                        f"{where}: it applies before a version that was approved before it."
                    )
                standing[entry["number"]] = entry["effective_at"]
            elif standing.pop(entry["number"], None) is None:
                self.wrong.append(f"{where}: that version did not stand then.")
            if not all(MOMENT.fullmatch(entry[name]) for name in ("recorded_at", "effective_at")):
                self.wrong.append(f"{where}: its times are not written as they should be.")
            if entry["recorded_at"] < recorded_at:
                self.wrong.append(f"{where}: it was recorded before the entry before it.")
            if entry["previous"] != previous:
                self.wrong.append(f"{where}: it does not follow the entry before it.")
                return
            lines = [entry[name] for name in ("previous", "seq", "kind", "digest", "number")]
            lines += [entry["recorded_at"], entry["effective_at"]]
            if sha256("".join(f"{line}\n" for line in lines).encode("utf-8")) != entry["chain"]:
                self.wrong.append(
                    f"{where}: its chain value does not match. It was changed, or what the list "
                    "says of its version."
                )
                return
            previous, recorded_at = entry["chain"], entry["recorded_at"]
            self.heads[previous] = newest
        self.head = f"{newest}:{previous}"

    def noted(self, head):
        """Whether a head that somebody noted earlier is still in the record."""
        noted, last = f"The head noted as {short(head)}", max(self.heads.values(), default=0)
        number, chain = HEAD.fullmatch(head).groups()
        found = self.heads.get(chain)
        if found == int(number):
            self.said.append(f"{noted} is in the record.")
        elif found is not None:
            self.wrong.append(f"{noted} is in the record, but with version {found} as the newest.")
        elif self.head is None:
            self.wrong.append(f"{noted} is not in the part of the chain that could be followed.")
        elif int(number) > last:
            self.wrong.append(
                f"{noted} is not in the record, which ends with version {last}: its end is cut off."
            )
        else:
            self.wrong.append(
                f"{noted} is not in the record: its end was cut off, or it was written anew."
            )

    def _keep(self, name, data):
        if self.save:
            (self.save / name).write_bytes(data)


def entries_of(versions):
    """The entries of the chain in their order: an approval of each version, and withdrawals."""
    found = []
    for each in versions:
        entry = {name: each[name] for name in ("seq", "previous", "chain", "digest", "number")}
        if not (type(entry["number"]) is type(entry["seq"]) is int):
            raise ValueError("a number is not a number")
        entry["kind"] = "approval"
        entry["recorded_at"], entry["effective_at"] = each["approved_at"], each["effective_at"]
        found.append(entry)
        end = each["withdrawal"]
        if end and end["seq"] is not None:  # else its place in the chain is not public yet
            entry = dict(
                entry, kind="withdrawal", **{n: end[n] for n in ("seq", "previous", "chain")}
            )
            entry["recorded_at"] = entry["effective_at"] = end["recorded_at"]
            found.append(entry)
    return sorted(found, key=lambda entry: entry["seq"])


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def plain(text):
    """What a stranger wrote, without anything that a terminal would obey."""
    return "".join(char for char in text if char.isprintable())


def short(head):
    return head.partition(":")[0] + ":" + head.partition(":")[2][:12] + "..."


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("record", help="the address of a policy, or a folder of downloaded files")
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="NUMBER:CHAIN",
        help="a head that was noted earlier; can be given more than once",
    )
    parser.add_argument("--save", metavar="FOLDER", help="keep what was downloaded in this folder")
    options = parser.parse_args()
    for head in options.head:
        if not HEAD.fullmatch(head):
            parser.error("a head is like 3:0f4c..., with 64 digits after the colon, not " + head)
    return options


def main():
    options = arguments()
    is_site = re.match("https?://", options.record)
    source = Site(options.record) if is_site else Folder(options.record)
    try:
        save = Path(options.save) if options.save else None
        if save:
            save.mkdir(parents=True, exist_ok=True)
        check = Check(source, save)
        check.run()
    except HTTPError as error:
        print(f"Cannot look: {error.url} answers {error.code}.", file=sys.stderr)
        return 2
    except (CannotLook, OSError, URLError) as error:
        print(f"Cannot look: {error}", file=sys.stderr)
        return 2
    for head in options.head:
        check.noted(head)
    for line in check.said:
        print(plain(line))
    for line in check.wrong:
        print("WRONG: " + plain(line), file=sys.stderr)
    if check.wrong:
        return 1
    versions = max(check.heads.values())
    print(
        f"All is as recorded: {versions} version{'' if versions == 1 else 's'}, "
        f"{len(check.heads)} entries. Note this head, to check it later:"
    )
    print(check.head)
    return 0


if __name__ == "__main__":
    sys.exit(main())
