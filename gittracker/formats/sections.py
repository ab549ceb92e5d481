"""Markdown by level-two sections: the workpad."""

from __future__ import annotations


def split(text: str) -> list[tuple[str, str]]:
    """Cut markdown into (heading, text with its heading line); text before the first heading has heading ""."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    fence = ""
    for line in _lines(text):
        fence = _fence(line, fence)
        if not fence and line.startswith("## "):
            parts.append((line[3:].strip(), []))
        parts[-1][1].append(line)
    return [(heading, "".join(lines)) for heading, lines in parts if heading or lines]


def _lines(text: str) -> list[str]:
    """Cut at line feeds only: str.splitlines cuts at U+2028 and form feeds too."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _fence(line: str, inside: str) -> str:
    """Give the code fence that is open behind this line: the marks that opened it, or nothing."""
    text = line.strip()
    marks = text[:len(text) - len(text.lstrip(text[:1]))] if text[:1] in ("`", "~") else ""
    if inside:
        closes = marks == text and marks.startswith(inside)
        return "" if closes else inside
    return marks if len(marks) >= 3 and not (marks[0] == "`" and "`" in text[len(marks):]) else ""


def find(text: str, section: str) -> str | None:
    """Give the text of a section without its heading; None where it is absent."""
    for heading, part in split(text):
        if heading.lower() == section.lower():
            return part.partition("\n")[2].replace("\r\n", "\n").strip("\n")
    return None


def replace(text: str, section: str, body: str, append: bool = False) -> str:
    """Set (or add to) one section; every byte of the others stays."""
    eol = "\r\n" if "\r\n" in text else "\n"
    body = body.replace("\r\n", "\n").strip("\n")
    parts = split(text)
    for number, (heading, part) in enumerate(parts):
        if heading.lower() != section.lower() or not heading:
            continue
        head, _, old = part.partition("\n")
        kept = old.replace("\r\n", "\n").strip("\n")
        new = f"{kept}\n{body}" if append and kept else body
        last = number == len(parts) - 1
        text_now = _section(head.rstrip("\r"), new, last)
        parts[number] = heading, text_now.replace("\n", eol)
        return "".join(p for _, p in parts)
    gap = "" if not text else eol if text.endswith("\n") else eol * 2
    if text.endswith(eol * 2):
        gap = ""
    return text + gap + _section(f"## {section}", body, True).replace("\n", eol)


def _section(head: str, body: str, last: bool) -> str:
    return f"{head}\n\n{body}\n" + ("" if last else "\n") if body else f"{head}\n" + ("" if last else "\n")
