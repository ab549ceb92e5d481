"""Types come from bytes: real files of real writers, cut, empty, disguised."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import struct
import tarfile
import wave
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats.sniff import ACTIVE, HEAD, is_active, sniff
from tests.strategies import PROPERTY


def told(data: bytes) -> str:
    """Name the type of a whole file."""
    return sniff(data[:HEAD], len(data))


def png() -> bytes:
    """Make a picture of one pixel."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b""))


def zipped(**files: bytes) -> bytes:
    """Make a zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred() -> bytes:
    """Make a tar archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return target.getvalue()


def waved() -> bytes:
    """Make a sound."""
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8)
    return target.getvalue()


DOCX = zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"})
ODT = zipped(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<x/>"})

MADE = {
    "image/png": png(), "application/zip": zipped(a=b"b"), "application/gzip": gzip.compress(b"a"),
    "application/x-bzip2": bz2.compress(b"a"), "application/x-xz": lzma.compress(b"a"), "application/x-tar": tarred(),
    "audio/wav": waved(), "application/json": json.dumps({"a": [1, 2]}).encode(), "application/x-empty": b"",
    "text/plain": "Grüße, 日本\n".encode(), "application/octet-stream": b"\x01\x02text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": DOCX,
    "application/vnd.oasis.opendocument.text": ODT,
}


@pytest.mark.parametrize("kind", MADE)
def test_what_real_writers_write_is_told(kind: str) -> None:
    assert told(MADE[kind]) == kind


def test_a_database_is_told(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as made:
        made.execute("CREATE TABLE a(b)")
    assert told((tmp_path / "a.db").read_bytes()) == "application/vnd.sqlite3"


@pytest.mark.parametrize(("data", "kind"), [
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"), (b"GIF89a\1\0\1\0", "image/gif"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"), (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    (b"\0\0\0\x20ftypisom\0\0\2\0", "video/mp4"), (b"\0\0\0\x1cftypavif", "image/avif"),
    (b"\0\0\0\x14ftypqt  ", "video/quicktime"), (b"\x1aE\xdf\xa3\x01\0", "video/webm"),
    (b"ID3\x04\0", "audio/mpeg"), (b"\xff\xfb\x90\x64\0", "audio/mpeg"), (b"\x7fELF\2\1\1", "application/x-executable"),
    (b"PK\x05\x06" + bytes(18), "application/zip"),
    (b"BM" + bytes(8) + b"\x36\0\0\0\x28\0\0\0", "image/bmp"), (b"BM is short for bookmark", "text/plain")])
def test_magic_bytes_are_known(data: bytes, kind: str) -> None:
    assert told(data) == kind


@pytest.mark.parametrize(("text", "kind"), [
    ("<!DOCTYPE html><p>hi", "text/html"), ("\n  <HTML lang=de>", "text/html"), ("<script>a()</script>", "text/html"),
    ("<!-- a --><b>hi</b>", "text/html"), ("<p>hi", "text/html"), ("<B>", "text/html"), ("<br/>", "text/html"),
    ("\ufeff<body onload=x>", "text/html"), ('<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    ('<?xml version="1.0"?>\n<!-- made --><svg onload="x()"/>', "image/svg+xml"),
    ("<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN'><svg/>", "image/svg+xml"),
    ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "application/xhtml+xml"),
    ('<?xml version="1.0"?><feed/>', "application/xml"), ("<project> is not set", "text/plain"),
    ("<alice@example.com> wrote", "text/plain"), ("a <script>", "text/plain"), ("{}", "application/json"),
    ("[1, 2]", "application/json"), ("[ ] buy milk", "text/plain"), ("{name}, hello", "text/plain"),
    ("a,b\r\n1,2\r\n", "text/plain"), ("\x1b[31mred\x1b[0m\n", "text/plain"), ("nul\0", "application/octet-stream")])
def test_texts_are_told_apart(text: str, kind: str) -> None:
    assert told(text.encode()) == kind
    assert is_active(kind) == (kind in ACTIVE)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_page_in_another_encoding_is_active_too(encoding: str) -> None:
    assert told("<html><script>alert(1)</script>".encode(encoding)) == "text/html"
    assert told("Grüße".encode(encoding)) == "text/plain"


def test_a_cut_character_or_a_cut_object_is_no_fault() -> None:
    assert sniff(("é" * HEAD).encode()[1:][:HEAD][1:], HEAD * 3) == "text/plain"
    assert sniff(("x" + "é" * HEAD).encode()[:HEAD], HEAD * 3) == "text/plain"
    assert told(b"x" * (HEAD - 1) + "é".encode()) == "text/plain"
    long = json.dumps([{"number": n} for n in range(20_000)]).encode()
    assert len(long) > HEAD and told(long) == "application/json"
    assert told(b"[" * HEAD) == "text/plain"
    assert told(b"\xc3") == "application/octet-stream"


@PROPERTY
@given(st.binary(max_size=300))
def test_any_bytes_have_a_type(data: bytes) -> None:
    kind = told(data)
    assert kind.count("/") == 1 and kind.isascii() and " " not in kind


@PROPERTY
@given(st.binary(min_size=1, max_size=300))
def test_no_text_is_taken_for_a_picture(data: bytes) -> None:
    text = data.decode("latin-1").encode()
    if told(text).startswith("text/"):
        assert not text.startswith((b"\x89PNG", b"%PDF-", b"PK\x03\x04"))
