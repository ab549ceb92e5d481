"""Mentions in markdown: refs, slugs, links to pages, and members; what stands in code or in an address is none.

Everything is found by `str.find`, looking at most a fixed distance ahead: the time is linear in the text's length,
and no command that starts fast has to load `re`.
"""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.formats.codespans import blank_code

REF, SLUG, WIKI, LINK, MEMBER = "ref", "slug", "wiki", "link", "member"
# What a text without any mention usually lacks altogether.
_SIGNS = frozenset("-_[]@")
_KEY_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_DIGITS = frozenset("0123456789")
_HEX = frozenset("0123456789abcdef")
_CROCKFORD = frozenset("0123456789abcdefghjkmnpqrstvwxyz")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_MOST_KEY, _MOST_DIGITS, _REF_DIGITS, _SUFFIX = 10, 9, 32, 4
_MOST_TARGET, _MOST_NAME = 800, 100
_ENDS_ADDRESS = frozenset(" \t\r\n<>\"'`)]}|")
_ENDS_TARGET = frozenset(" \t\r\n()[]<>")
_FILE = ".md"
_OWN_FILES = ("ticket.md", "epic.md", "update.md", "SKILL.md")  # of records that are folders


class Mention:
    """One mention: its kind, what it names, and where in the text it stands (from, up to)."""

    __slots__ = ("kind", "name", "start", "end")

    def __init__(self, kind: str, name: str, start: int, end: int) -> None:
        self.kind = kind
        self.name = name
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"{self.kind} {self.name!r} {self.start}:{self.end}"


def find(text: str) -> list[Mention]:
    """List the mentions in a text in their order; of two that overlap the one that begins first counts."""
    if _SIGNS.isdisjoint(text):
        return []
    seen = _blank_addresses(blank_code(text))
    found = [*_wiki_links(seen), *_links(seen), *_refs(seen), *_slugs(seen), *_members(seen)]
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Mention] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def key(one: Mention) -> str:
    """Give what is the same for all ways to write a mention; for a link to a page it is the path's last part alone."""
    if one.kind == REF:
        return one.name
    if one.kind == SLUG:
        return slug_key(one.name)
    if one.kind == MEMBER:
        return member_key(one.name)
    parts = path_of(one).split("/")
    if parts[-1] in _OWN_FILES and len(parts) > 1:
        return slug_key(parts[-2])
    return page_key(parts[-1])


def slug_key(name: str) -> str:
    """Give the key of a ticket's or an epic's slug or folder; of any other folder that of a page."""
    for slug in (ids.epic_of_folder(name), ids.slug_of_folder(name)):
        if ids.parse_epic(slug) or ids.parse_slug(slug):
            return slug.upper()
    return page_key(name)


def page_key(path: str) -> str:
    """Give the key of a page's path."""
    from unicodedata import normalize
    last = path.rstrip("/").rpartition("/")[2]
    return "/" + normalize("NFC", last.lower()).removesuffix(_FILE)


def member_key(name: str) -> str:
    """Give the key of a member's name."""
    return "@" + name.lower().removeprefix("bot:")


def path_of(one: Mention) -> str:
    """Give the path that a link to a page names, without the escapes of an address."""
    if "%" not in one.name or one.kind != LINK:
        return one.name
    from urllib.parse import unquote
    return unquote(one.name)


def _places(text: str, sign: str) -> list[int]:
    found = []
    place = text.find(sign)
    while place >= 0:
        found.append(place)
        place = text.find(sign, place + len(sign))
    return found


def _blank_addresses(text: str) -> str:
    """Blank `https://…` out: what stands in an address is the address's."""
    if "://" not in text:
        return text
    parts: list[str] = []
    done = 0
    for place in _places(text, "://"):
        if place < done:
            continue
        start = place
        while start > done and (text[start - 1].isalnum() or text[start - 1] in "+.-"):
            start -= 1
        end = place
        while end < len(text) and text[end] not in _ENDS_ADDRESS:
            end += 1
        parts += (text[done:start], " " * (end - start))
        done = end
    return "".join(parts) + text[done:]


def _wiki_links(text: str) -> list[Mention]:
    """Find `[[guide/setup]]`, `[[guide/setup#limits|the limits]]`, and `[[OW-43]]`, which is a slug all the same."""
    found = []
    for start in _places(text, "[["):
        end = text.find("]]", start + 2, start + 2 + _MOST_TARGET)
        inner = text[start + 2:end] if end > 0 else ""
        target = inner.partition("|")[0].removesuffix("\\").partition("#")[0].strip()  # in a table the bar is escaped
        if target and "[" not in inner and "\n" not in inner:
            found.append(_named(target, start, end + 2))
    return found


def _named(target: str, start: int, end: int) -> Mention:
    """Tell what a wiki link names by the form of its target."""
    if ids.is_ref(target):
        return Mention(REF, target, start, end)
    inner = _slugs(target)
    if len(inner) == 1 and (inner[0].start, inner[0].end) == (0, len(target)):
        return Mention(SLUG, inner[0].name, start, end)
    return Mention(WIKI, target, start, end)


def _links(text: str) -> list[Mention]:
    """Find the targets of links to files of markdown: `[the setup](../guide/setup.md#limits)`, `[1]: setup.md`."""
    found = []
    for sign in ("](", "]:"):
        for place in _places(text, sign):
            start = place + 2
            while text[start:start + 1] in (" ", "\t"):
                start += 1
            end = _target_end(text, start)
            target = text[start:end].strip("<>").partition("#")[0].partition("?")[0]
            if target.lower().endswith(_FILE) and len(target) > len(_FILE):
                found.append(Mention(LINK, target, start, end))
    return found


def _target_end(text: str, start: int) -> int:
    """Find where a link's target ends: at the bracket, or at the first space where it has none round it."""
    if text[start:start + 1] == "<":
        return text.find(">", start, start + _MOST_TARGET) + 1
    end = start
    while end < min(len(text), start + _MOST_TARGET) and text[end] not in _ENDS_TARGET:
        end += 1
    return end


def _refs(text: str) -> list[Mention]:
    found = []
    for place in _places(text, "_"):
        start, end = place - 3, place + 1 + _REF_DIGITS
        if (start >= 0 and _LETTERS.issuperset(text[start:place]) and len(text) >= end
                and _HEX.issuperset(text[place + 1:end]) and _is_edge(text, start, end)):
            found.append(Mention(REF, text[start:end], start, end))
    return found


def _slugs(text: str) -> list[Mention]:
    """Find `OW-43`, `OW-E2`, `ow-43` and, with the end of a folder's name, `OW-43-k3f9`; but `a-1` is prose."""
    found = []
    for place in _places(text, "-"):
        start = place
        while start > 0 and place - start <= _MOST_KEY and text[start - 1] in _KEY_CHARS:
            start -= 1
        key = text[start:place]
        begin = place + 1 + (text[place + 1:place + 2] in ("E", "e"))
        end = begin
        while end < len(text) and end - begin <= _MOST_DIGITS and text[end] in _DIGITS:
            end += 1
        if not 0 < end - begin <= _MOST_DIGITS or not _is_key(key) or not _is_edge(text, start, end):
            continue
        point = text[end:end + 1] == "." and text[end + 1:end + 2] in _DIGITS
        if point or text[max(0, start - 1):start] == "-":
            continue
        longer = end + 1 + _SUFFIX
        if (text[end:end + 1] == "-" and len(text) >= longer and _CROCKFORD.issuperset(text[end + 1:longer])
                and _is_edge(text, start, longer)):
            end = longer
        found.append(Mention(SLUG, text[start:end], start, end))
    return found


def _is_key(text: str) -> bool:
    return ids.is_project_key(text) or (len(text) > 1 and ids.is_project_key(text.upper()))


def _is_edge(text: str, start: int, end: int) -> bool:
    """Tell whether a word begins and ends at these places."""
    before, after = text[start - 1:start] if start else "", text[end:end + 1]
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")


def _members(text: str) -> list[Mention]:
    """Find `@alice`, `@bot:codex-1` and `@[alice]`; a letter before the sign makes it an address."""
    found = []
    for start in _places(text, "@"):
        if start and (text[start - 1].isalnum() or text[start - 1] in "_./@-"):
            continue
        if text[start + 1:start + 2] == "[":
            end = text.find("]", start, start + _MOST_NAME)
            name = text[start + 2:end] if end > 0 else ""
            if name.strip() and "\n" not in name and "[" not in name:
                found.append(Mention(MEMBER, name.strip(), start, end + 1))
            continue
        begin = start + 1
        end = begin + (4 if text[begin:begin + 4] == "bot:" else 0)
        while end < min(len(text), begin + _MOST_NAME) and (text[end].isalnum() or text[end] in "._-"):
            end += 1
        name = text[begin:end].rstrip(".-")
        if name and name != "bot:":
            found.append(Mention(MEMBER, name, start, begin + len(name)))
    return found
