"""Folders of a site, one for each time that it changed, and the switch from one to the next.

    DIR/current            a link to the release that is served
    DIR/releases/7/site/…  its files
    DIR/releases/7/…       rules for servers, and manifest.json: the fingerprint of each file

A file that did not change is the one of the release before (a hard link), so its time stays as it
is. A release gets its name when it is whole, and the link is replaced in one step: at no moment is
there half a site. What a run that was cut off has left is removed by the next one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from faq.digest import fingerprint

try:
    import fcntl
except ImportError:  # Windows, where nobody else runs this meanwhile
    fcntl = None  # type: ignore[assignment]

#: Says whose folder it is, and who is writing there now.
MARK = ".export_site"
MANIFEST = "manifest.json"
#: Says that the folder shows the site of another moment, which nobody serves.
APART = ".apart"
NUMBER = re.compile("[1-9][0-9]*")


class BadFolder(Exception):
    """A folder cannot be used; the text says why."""


class Release:
    """A release that is being written beside the others; `former` is the one that is served."""

    def __init__(self, folder: Path, former: Path | None) -> None:
        self.folder = folder
        self.former = former
        self.files: dict[str, str] = {}
        self.written = 0
        self._known = _manifest(former) if former is not None else {}
        self._made: set[Path] = set()

    def has(self, name: str, data: bytes, endings: tuple[str, ...] = ()) -> bool:
        """Take a file over from the release before, with those that stand beside it.

        False if they are not there, or not as they were written: then `write` them.
        """
        names = [name, *(f"{name}{ending}" for ending in endings)]
        if self._known.get(name) != fingerprint(data) or self.former is None:
            return False
        for each in names:
            try:
                if fingerprint((self.former / each).read_bytes()) != self._known.get(each):
                    return False
            except OSError:
                return False
        for each in names:
            target = self._place(each)
            try:
                os.link(self.former / each, target)
            except OSError:  # a file system without hard links
                shutil.copy2(self.former / each, target)
            self.files[each] = self._known[each]
        return True

    def write(self, name: str, data: bytes) -> None:
        """Write a file that changed. Anybody may read it, whatever the umask says."""
        target = self._place(name)
        target.write_bytes(data)
        target.chmod(0o644)
        self.files[name] = fingerprint(data)
        self.written += 1
        if self.former is not None:
            with suppress(FileNotFoundError):
                # Servers tell two wordings apart by their times, in seconds.
                later = int((self.former / name).stat().st_mtime) + 1
                if later > target.stat().st_mtime:
                    os.utime(target, (later, later))

    @property
    def is_the_same(self) -> bool:
        """Whether it holds what the release before does, and nothing else."""
        return not self.written and self.files == self._known

    def _place(self, name: str) -> Path:
        target = self.folder / name
        if target.parent not in self._made:
            for folder in reversed([target.parent, *target.parent.parents]):
                if folder.is_relative_to(self.folder) and folder not in self._made:
                    folder.mkdir(exist_ok=True)
                    folder.chmod(0o755)
                    self._made.add(folder)
        return target


class Releases:
    """The releases in a folder that is ours alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = folder / "current"
        self._all = folder / "releases"
        self._link = folder / ".current.new"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Take the folder; raises BadFolder if somebody else has it, and OSError."""
        mark = self.folder / MARK
        if self.folder.exists() and not self.folder.is_dir():
            raise BadFolder(f"{self.folder} is a file. Give the name of a folder.")
        if self.folder.is_dir() and not mark.exists() and any(self.folder.iterdir()):
            raise BadFolder(
                f"{self.folder} holds files that are not ours. Give an empty folder, or a new one."
            )
        if not self.folder.exists():
            self.folder.mkdir()
            self.folder.chmod(0o755)  # a web server is to read it, whatever the umask
        with mark.open("a") as lock:
            if fcntl is not None:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise BadFolder(
                        f"Another export to {self.folder} is running. Wait until it has ended."
                    ) from None
            self._all.mkdir(exist_ok=True)
            self._all.chmod(0o755)
            self._clean_up()
            yield

    @contextmanager
    def new(self) -> Iterator[Release]:
        """A release to write. What was not switched to is removed in the end, whatever happens."""
        former = self.served()
        number = max(map(int, self._numbers()), default=0) + 1
        release = Release(self._all / f"{number}.unfinished", former)
        release.folder.mkdir()
        release.folder.chmod(0o755)
        try:
            yield release
        finally:
            shutil.rmtree(release.folder, ignore_errors=True)

    @contextmanager
    def kept_apart(self, is_apart: bool) -> Iterator[None]:
        """Keep the site of another moment apart from the one of now, which may be served.

        Raises BadFolder if the folder has that one. What is written as of now ends it.
        """
        mark = self.folder / APART
        if is_apart:
            if self.served() is not None and not mark.exists():
                raise BadFolder(
                    f"{self.current} is the site as it is now, and may be served: readers would "
                    "see that of another moment. Give --at another folder."
                )
            mark.touch()
        yield
        if not is_apart:
            mark.unlink(missing_ok=True)

    def switch_to(self, release: Release) -> bool:
        """Serve a release from now on, and keep the one before; False if nothing changed."""
        if release.is_the_same and release.former is not None:
            return False
        manifest = {"format": 1, "files": release.files}
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        (release.folder / MANIFEST).write_text(text, encoding="utf-8")
        os.sync()  # all is on the disk before anything leads there
        folder = release.folder.with_suffix("")
        os.rename(release.folder, folder)
        os.symlink(f"{self._all.name}/{folder.name}", self._link)
        os.replace(self._link, self.current)
        kept = {folder, release.former}
        for number in self._numbers():
            if self._all / number not in kept:
                shutil.rmtree(self._all / number, ignore_errors=True)
        return True

    def served(self) -> Path | None:
        """The release that is served; None before the first. Raises BadFolder."""
        if not self.current.is_symlink():
            if self.current.exists():
                raise BadFolder(f"{self.current} is no link of ours. Move it away.")
            return None
        target = Path(os.readlink(self.current))
        if target.parent.name != self._all.name or not NUMBER.fullmatch(target.name):
            raise BadFolder(f"{self.current} leads to {target}, which is no release of ours.")
        found = self._all / target.name
        return found if found.is_dir() else None

    def _numbers(self) -> list[str]:
        return [each.name for each in self._all.iterdir() if NUMBER.fullmatch(each.name)]

    def _clean_up(self) -> None:
        """Remove what a run has left that was cut off."""
        self._link.unlink(missing_ok=True)
        for each in self._all.glob("*.unfinished"):
            shutil.rmtree(each)


def _manifest(release: Path) -> Mapping[str, str]:
    """The fingerprints of a release's files; none if they cannot be read: all is written anew."""
    try:
        value = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
        files = value["files"] if value["format"] == 1 else {}
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
