"""Pages of the wiki: write, append, move, delete; all by path, with what lies beside and below."""

from __future__ import annotations

from gittracker.domain import ids, names
from gittracker.domain import page as paths
from gittracker.domain.errors import ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.domain.page import Page
from gittracker.domain.texts import one_line
from gittracker.formats import entity_md
from gittracker.services import records, wording
from gittracker.services.refresh import recording
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.records import HeldRecord
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing


class Given:
    """What is to be written: text and title where given, labels to add and to remove; `new` wants no page there yet."""

    __slots__ = ("body", "title", "add", "remove", "new")

    def __init__(self, body: str | None = None, title: str | None = None, add: list[str] | None = None,
                 remove: list[str] | None = None, new: bool = False) -> None:
        self.body = body
        self.title = title
        self.add = add or []
        self.remove = remove or []
        self.new = new

    def changes(self, old: Page) -> dict[str, Any]:
        """Give the fields that differ from what a page has now as they are typed."""
        found: dict[str, Any] = {"labels": tuple(sorted({*old.labels, *self.add} - set(self.remove)))}
        if self.body is not None:
            found["body"] = entity_md.read_body(self.body)
        if self.title is not None:
            found["title"] = "" if self.title.lower() == "none" else one_line("the title", self.title)
        return found


def write(writing: Writing, path: str, given: Given, project: str = "") -> HeldRecord:
    """Replace a page's text, title and labels, or make the page.

    Raises UsageError and ConflictError for a path that can't be, an empty text without `--force`, or a page that is
    there where a new one is wanted.
    """
    held = None if given.new else _there(writing, path, project)
    if held is None:
        return _create(writing, path_of(writing.tracker, path, project), given)
    old = held.record
    if given.body is not None:
        writing.check_text(f"{held.name}'s text", old.body, given.body)
    if records.change(writing, held, {**given.changes(old), **_identity(writing, held)}):
        writing.say(f"{held.name} {wording.changes(entity_md.differences(old, held.record), 'text')}")
    return held


def append(writing: Writing, path: str, text: str, project: str = "") -> HeldRecord:
    """Add a paragraph to the end of a page, which is made where it isn't there."""
    if not text.strip():
        raise UsageError("there is no text to append", "--body TEXT or --body-file FILE")
    held = _there(writing, path, project)
    body = held.record.body if held else ""
    return write(writing, path, Given(f"{body}\n\n{text}" if body else text), project)


def path_of(tracker: Tracker, path: str, project: str = "") -> str:
    """Give the full path that a typed one means; raises UsageError, and NotFoundError for an unknown project."""
    key = tracker.settings.project(project)
    first, slash, rest = path.partition("/")
    if not project or (slash and first.upper() == key):
        return paths.full(path, tracker.settings.projects, key)
    if slash and first in tracker.settings.projects:
        raise UsageError(f'"{path}" is in project {first}, not {key}', f"gittracker page show {first}/{rest}")
    return f"{key}/{paths.plain(path)}"


def _there(writing: Writing, path: str, project: str) -> HeldRecord | None:
    """Find the page to write by path, alias or ref, never by a prefix: that could be the path of a new one."""
    name = path_of(writing.tracker, path, project)
    pending = records.pending(writing, Page.NOUN, name) or records.pending(writing, Page.NOUN, path)
    row = None if pending else (records.named(writing.tracker, Page.NOUN, name)
                                or records.named(writing.tracker, Page.NOUN, path))
    if row and writing.read(row.path) is not None:
        return records.about(writing, Page.NOUN, row.record.ref or row.name)
    held = pending or records.pending_alias(writing, Page.NOUN, name)
    return records.about(writing, Page.NOUN, held.name) if held else None


def _create(writing: Writing, wanted: str, given: Given) -> HeldRecord:
    name = paths.check(wanted)
    _check_free(writing, name, names.Present(_names(writing)))
    if writing.request.if_match:
        raise ConflictError(f'there is no page "{name}" that could have the etag "{writing.request.if_match}"',
                            f"gittracker page list {name.rpartition('/')[2]}")
    if not (given.body or "").strip() and not writing.request.force:
        raise UsageError("a page needs a text", f"gittracker page write {name} --body 'What everybody should know.'")
    writing.check_text("the text", "", given.body or "")
    blank = Page(ref=writing.new_ref(ids.PAGE), created_at=writing.tracker.now(),
                 created_by=writing.tracker.principal.name)
    page = blank.replace(**given.changes(blank))
    held = records.create(writing, layout.page_file(name), page, name)
    writing.say(f"{name} created" + (f": {page.title}" if page.title else ""))
    return held


def _identity(writing: Writing, held: HeldRecord) -> dict[str, str]:
    """Make what a page by hand can't know; one that is nothing but text gets front matter."""
    if held.record.ref:
        return {}
    held.data = recording.with_front_matter(held.record, held.data)
    made = {"ref": writing.new_ref(ids.PAGE), "created_at": writing.tracker.now(),
            "created_by": writing.tracker.principal.name}
    return {name: value for name, value in made.items() if not held.record.__dict__[name]}


def move(writing: Writing, old: str, new: str, project: str = "") -> None:
    """Move a page or a folder of pages, with all that lies beside and below; the old paths become aliases.

    Raises NotFoundError, UsageError, ConflictError.
    """
    name = _source(writing, old, project)
    target = paths.check(path_of(writing.tracker, new, project))
    if target == name:
        records.keep(writing, records.about(writing, Page.NOUN, name))
        return
    files = {path: _moved_data(writing, path) for path in _files(writing, name)}
    moved = {path: f"{layout.PAGES}/{target}{path[len(layout.PAGES) + 1 + len(name):]}" for path in files}
    kept = names.Present(one for one in _names(writing) if layout.page_file(one) not in files)
    for path, there in moved.items():
        if kinds.noun(path) == Page.NOUN:
            _check_free(writing, there[len(layout.PAGES) + 1:-3], kept)
        elif there not in files and writing.read(there) is not None:
            raise ConflictError(f'"{there}" is there already', f"gittracker page move {old} ANOTHER/PATH")
    for path in files:
        writing.homes.follow(moved[path], path)
        writing.put(path, None)
        writing.records.pop(path, None)
    for path, there in moved.items():
        _put_moved(writing, path, there, files[path])
    writing.say(f"{name} moved to {target}{_with_pages_below(name, list(files))}")


def _moved_data(writing: Writing, path: str) -> bytes:
    """Give what all worktrees have made of a file that is to be moved; a page that is not here is moved where it is."""
    if kinds.noun(path) == Page.NOUN:
        writing.read(path)
    own = writing.peek(path) or b""
    return own if path in writing.after else writing.shown(path) or own


def delete(writing: Writing, path: str, recursive: bool = False, project: str = "") -> None:
    """Delete a page with its comments and files, and with `recursive` all that is below its path."""
    name = _source(writing, path, project)
    files = _files(writing, name)
    own = kinds.files_of(files, f"{layout.PAGES}/{name}")
    if not recursive and layout.page_file(name) not in own:
        raise NotFoundError("page", name, f"gittracker page delete {name} --recursive")
    gone = files if recursive else own
    for one in gone:
        if kinds.noun(one) == Page.NOUN:
            ref = _page(one, writing.read(one) or b"").ref
            writing.touch("page.deleted", ref, kinds.name_of(kinds.place(one)), one, {}, "")
    for one in gone:
        writing.put(one, None)
        writing.records.pop(one, None)
    writing.say(f"{name} deleted{_with_pages_below(name, gone)}")


def _with_pages_below(name: str, files: list[str]) -> str:
    count = sum(kinds.noun(one) == Page.NOUN for one in files if one != layout.page_file(name))
    return f" with {count} page(s) below it" if count else ""


def _source(writing: Writing, path: str, project: str) -> str:
    """Give the full path of the page or the folder of pages that a command is about; raises NotFoundError."""
    typed = path_of(writing.tracker, path, project)
    if any(paths.is_below(one, typed) and one != typed for one in _names(writing)) and not any(
            one == typed for one in _names(writing)):
        return typed
    held = records.about(writing, Page.NOUN, typed if project else path)
    return held.name


def _files(writing: Writing, name: str) -> list[str]:
    """List the files of a page and of all that is below its path."""
    base = f"{layout.PAGES}/{name}"
    heads = (f"{base}/", f"{base}{layout.PAGE_COMMENTS}/", f"{base}{layout.PAGE_FILES}/")
    return [path for path in writing.files_shown(base.rpartition("/")[0])
            if path == layout.page_file(name) or path.startswith(heads)]


def _names(writing: Writing) -> list[str]:
    """List the full paths of all pages as the command leaves them."""
    known = {row.path: row.name for row in records.every(writing.tracker, Page.NOUN)}
    known.update({path: kinds.name_of(kinds.place(path)) for path in writing.after if kinds.noun(path) == Page.NOUN})
    return [name for path, name in known.items() if writing.after.get(path, b"") is not None]


def _check_free(writing: Writing, name: str, present: names.Present) -> None:
    names.check_free("the page", name, present, f"gittracker page tree {present.clash(name)}")
    if writing.read(layout.page_file(name)) is not None and layout.page_file(name) not in writing.after:
        raise InvalidDataError("can't be read as a page", "gittracker doctor", layout.page_file(name))


def _put_moved(writing: Writing, old: str, new: str, data: bytes) -> None:
    """Put a moved file in its place; a page notes where it was."""
    if kinds.noun(new) != Page.NOUN:
        writing.put(new, data)
        return
    before, after = kinds.name_of(kinds.place(old)), kinds.name_of(kinds.place(new))
    page = _page(old, data)
    try:
        aliases = tuple(sorted({*page.aliases, before} - {after}))
        data = entity_md.patch(Page, data, {"aliases": aliases}, old)
        page = page.replace(aliases=aliases)
    except InvalidDataError:
        pass  # it has no front matter that could be read; it moves as it is
    writing.put(new, data)
    writing.records[new] = records.HeldRecord(new, after, page, data)
    writing.touch("page.moved", page.ref, after, new, {"path": (before, after)}, "")


def _page(path: str, data: bytes) -> Page:
    try:
        page: Any = recording.parse(path, data)[0]
    except InvalidDataError:
        page = Page(body=data.decode(errors="replace"))
    return page  # type: ignore[no-any-return]
