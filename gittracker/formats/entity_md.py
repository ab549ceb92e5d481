"""Records as markdown files with front matter: read, render, patch."""

from __future__ import annotations

from gittracker.formats import frontmatter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from gittracker.domain.fields import Raw, Record

    R = TypeVar("R", bound=Record)

# Kinds whose text is written without quotes.
_TYPED_KINDS = ("number", "date", "moment", "flag", "ref")


class Finding:
    """What is wrong with one line of a file."""

    __slots__ = ("path", "line", "message")

    def __init__(self, path: str, line: int, message: str) -> None:
        self.path = path
        self.line = line
        self.message = message


def read(cls: type[R], data: bytes, path: str = "") -> tuple[R, list[Finding]]:
    """Read a file as a record; a value that doesn't fit its field is left unset and reported.

    Raises InvalidDataError where the front matter as a whole can't be read.
    """
    plain = frontmatter.read_plain(data)
    if plain is not None:
        raws, body = plain
        try:
            return _record(cls, raws, body), []
        except ValueError:
            pass  # the careful way knows the line
    return _read_carefully(cls, data, path)


def _record(cls: type[R], raws: dict[str, Raw], body: str) -> R:
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    fields = cls.FIELDS
    for key, raw in raws.items():
        field = fields.get(key)
        if field is None:
            if key != "body":  # the name that the text below the fence goes by
                extra[key] = raw
        elif raw is not None:
            values[key] = field.kind.read(raw)
    return cls.of_some(values, read_body(body), extra)


def _read_carefully(cls: type[R], data: bytes, path: str) -> tuple[R, list[Finding]]:
    document = frontmatter.parse(data, path)
    raws = {key: span.value for key, span in document.spans.items()}
    findings: list[Finding] = []
    for key, raw in list(raws.items()):
        if key not in cls.FIELDS or raw is None:
            continue
        try:
            cls.FIELDS[key].kind.read(raw)
        except ValueError as error:
            shown = ", ".join(raw) if isinstance(raw, list) else raw
            findings.append(Finding(path, document.line_of(key), f'{key} is "{shown}"; expected {error}'))
            raws[key] = None
    return _record(cls, raws, document.body), findings


def read_body(body: str) -> str:
    """Give the text below the fence without the line ends around it."""
    return body.replace("\r\n", "\n").strip("\n")


def write_body(text: str, eol: str = "\n") -> str:
    """Give the text as it stands below the fence."""
    text = text.replace("\r\n", "\n").strip("\n")
    return text.replace("\n", eol) + eol if text else ""


def render(record: Record) -> bytes:
    """Write a new file for a record, a blank line between keys so that git merges edits of neighbours."""
    parts = []
    for name, field in record.FIELDS.items():
        raw = field.kind.write(record.__dict__[name])
        if field.always or raw not in (None, []):
            plain = field.kind.name in _TYPED_KINDS
            parts.append("".join(frontmatter.render(name, raw or None, "\n", plain)))
    for name, raw in record.extra.items():
        parts.append("".join(frontmatter.render(name, raw, "\n")))
    return ("---\n" + "\n".join(parts) + "---\n" + write_body(record.body)).encode()


def patch(cls: type[Record], data: bytes, changes: dict[str, Any], path: str = "") -> bytes:
    """Give the file with only the changed fields' lines replaced.

    `changes` holds values by field name, text or lists by any other key, and `body`.
    """
    document = frontmatter.parse(data, path)
    raws: dict[str, Raw] = {}
    for name, value in changes.items():
        field = cls.FIELDS.get(name)
        if name == "body":
            lead = len(document.body) - len(document.body.lstrip("\r\n"))
            document.body = document.body[:lead] + write_body(value, document.eol)
            if not document.fence.endswith("\n"):
                document.fence += document.eol
        else:
            raws[name] = field.kind.write(value) if field else value
    always = frozenset(n for n, f in cls.FIELDS.items() if f.always)
    typed = frozenset(n for n, f in cls.FIELDS.items() if f.kind.name in _TYPED_KINDS)
    return frontmatter.patch(document, raws, tuple(cls.FIELDS), always, typed)


def differences(old: Record, new: Record) -> dict[str, tuple[Any, Any]]:
    """Give the fields in which two records differ, as (old, new)."""
    before, after = old.__dict__, new.__dict__
    changed = {n: (before[n], after[n]) for n in old.FIELDS if before[n] != after[n]}
    for key in {**old.extra, **new.extra}:
        if old.extra.get(key) != new.extra.get(key):
            changed[key] = old.extra.get(key), new.extra.get(key)
    if old.body != new.body:
        changed["body"] = old.body, new.body
    return changed
