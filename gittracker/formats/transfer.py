"""Our own export as JSON lines: a header, then a record's file a line, with its fields in the open.

A file that our fields would not give back byte for byte stands in its line whole, as `raw`.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.fields import Record
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md

HEADER, VERSION = "gittracker", 1
TEXT, BYTES, RAW = "text", "base64", "raw"
Line = dict[str, Any]


def header() -> Line:
    """Give the first line of an export."""
    return {"type": HEADER, "version": VERSION}


def write(line: Line) -> str:
    """Write one line; what no UTF-8 text can hold is escaped."""
    text = json.dumps(line, ensure_ascii=False, separators=(", ", ": "))
    return (text if text.isprintable() or _is_whole(text) else json.dumps(line)) + "\n"


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def of_file(noun: str, path: str, data: bytes) -> Line:
    """Give the line of one file."""
    line: Line = {"type": noun, "path": path}
    cls = CLASSES.get(noun)
    if cls is None or not cls.FIELDS:
        return {**line, **_content(data)}
    try:
        record, findings = entity_md.read(cls, data, path)
    except InvalidDataError:
        return {**line, **_content(data)}
    line["record"] = {name: field.kind.to_json(record.__dict__[name]) for name, field in cls.FIELDS.items()}
    if record.extra:
        line["extra"] = record.extra
    line["body"] = record.body
    if findings or entity_md.render(record) != data:
        line[RAW] = _content(data)
    return line


def to_file(line: Line) -> tuple[Record | None, bytes]:
    """Give a line's record, if it is one, and the bytes of its file; raises ValueError with what is wrong."""
    cls = CLASSES.get(str(line.get("type")))
    raw = line.get(RAW, line)
    if not isinstance(raw, dict):
        raise ValueError(f'"{RAW}" is no object')
    whole = TEXT in raw or BYTES in raw
    record = _record(cls, line) if cls and "record" in line else None
    if whole:
        return record, _bytes(raw)
    if record is None:
        raise ValueError(f'neither "record" nor "{TEXT}" nor "{BYTES}"')
    return record, entity_md.render(record)


def _content(data: bytes) -> Line:
    try:
        return {TEXT: data.decode()}
    except UnicodeDecodeError:
        return {BYTES: base64.b64encode(data).decode()}


def _bytes(raw: Line) -> bytes:
    if TEXT in raw:
        text = raw[TEXT]
        if not isinstance(text, str):
            raise ValueError(f'"{TEXT}" is no text')
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(raw[BYTES], validate=True)
    except (TypeError, ValueError) as error:
        raise ValueError(f'"{BYTES}" is no base64') from error


def _record(cls: type[Record], line: Line) -> Record:
    values, extra, body = line["record"], line.get("extra") or {}, line.get("body") or ""
    if not isinstance(values, dict) or not isinstance(extra, dict) or not isinstance(body, str):
        raise ValueError('"record" and "extra" are objects, "body" is text')
    own: dict[str, Any] = {}
    for name, value in values.items():
        if name not in cls.FIELDS:
            extra = {**extra, name: value}
            continue
        try:
            own[name] = cls.FIELDS[name].kind.read(_raw(value))
        except ValueError as error:
            raise ValueError(f"{name} is {json.dumps(value)}; expected {error}") from error
    return cls(body=entity_md.read_body(body), extra={k: _kept(v) for k, v in extra.items()}, **own)


def _raw(value: Any) -> Any:
    """Give a JSON value as front matter has it."""
    if value is None or value is False or value == "":
        return None
    if isinstance(value, list):
        return [str(_raw(item) or "") for item in value]
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return json.dumps(value)


def _kept(value: Any) -> Any:
    """Give a custom field's value: text or a list of texts, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return json.dumps(value, ensure_ascii=False)
