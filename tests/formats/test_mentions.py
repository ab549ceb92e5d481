"""Mentions are found wherever prose has them, never in code, and in linear time."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats.codespans import blank_code
from gittracker.formats.mentions import find
from tests.strategies import PROPERTY

REF = "tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"
# What markdown is made of, so that chance makes links, fences and spans.
TEXTS = st.lists(st.sampled_from((
    "OW-43", "OW-E2", "OW-43-k3f9", REF, "[[guide/setup]]", "[[OW-7|it]]", "[x](../a.md#b)", "@alice", "@[bob c]", "`",
    "``", "```", "~~~", "\n", "\n\n", " ", "- ", "> ", "1. ", "\\", "[[", "]]", "](", ")", "<", ">", "@", "-", "_", "a",
    "é", "https://x/OW-1", "| ", "# ", "\r\n", "OW", "9", "[", "]", "("))).map("".join)


def shown(text: str) -> list[tuple[str, str]]:
    """Give what is found as (kind, name)."""
    return [(one.kind, one.name) for one in find(text)]


@pytest.mark.parametrize(("text", "found"), [
    ("OW-43", [("slug", "OW-43")]),
    ("see OW-43, OW-E2; (OW-7).", [("slug", "OW-43"), ("slug", "OW-E2"), ("slug", "OW-7")]),
    ("in OW-43-k3f9/ticket.md", [("slug", "OW-43-k3f9")]),
    ("OW-43-fix-it OW-43-ab", [("slug", "OW-43"), ("slug", "OW-43")]),
    ("OW-1/OW-2", [("slug", "OW-1"), ("slug", "OW-2")]),
    ("ow-43 Ow-e2 gpt-4", [("slug", "ow-43"), ("slug", "Ow-e2"), ("slug", "gpt-4")]),  # is it one?
    ("a-1 9-1 OW-43a OW_43 _OW-43 X-OW-43 OW-1.5 OW-1234567890 ÜOW-4 OW- OW-x1 elevenletter-1", []),
    ("**OW-43** *OW-44* ~~OW-45~~ 'OW-46' #OW-47", [("slug", f"OW-{n}") for n in range(43, 48)]),
    (f"as {REF} says", [("ref", REF)]),
    (f"{REF}0 x{REF} {REF[:-1]} {REF.upper()} _{REF}", []),
    ("[[guide/setup]] [[ Guide/Setup#limits | the setup ]]", [("wiki", "guide/setup"), ("wiki", "Guide/Setup")]),
    ("| [[guide/setup\\|the setup]] |", [("wiki", "guide/setup")]),
    (f"[[OW-43]] [[{REF}|x]]", [("slug", "OW-43"), ("ref", REF)]),
    ("[[]] [[ ]] [[a\nb]] [[a [b]] [[#x]] [[a", []),
    ("[a](setup.md) [b](../x/setup.md#y) [c](<my page.md>) [d](a.md 'title')",
     [("link", "setup.md"), ("link", "../x/setup.md"), ("link", "my page.md"), ("link", "a.md")]),
    ("[1]: guide/setup.md\n[2]:  <b c.md>", [("link", "guide/setup.md"), ("link", "b c.md")]),
    ("[OW-43](../../tickets/0/OW-43-k3f9/ticket.md)",
     [("slug", "OW-43"), ("link", "../../tickets/0/OW-43-k3f9/ticket.md")]),
    ("[a](https://x.y/z.md) [b](a.txt) [c](.md) [d]()", []),
    ("@alice, @bob. (@carol) @bot:codex-1 @[Alice Smith]",
     [("member", n) for n in ("alice", "bob", "carol", "bot:codex-1", "Alice Smith")]),
    ("a@b.example @ @@x /@x .@x @[] @[a\nb] @-", []),
    ("https://x.y/OW-43 see OW-44", [("slug", "OW-44")]),
    ("<https://x.y/OW-43>OW-44 (ssh://OW-1) [x](http://h/OW-2)OW-3", [("slug", "OW-44"), ("slug", "OW-3")]),
    ("`OW-43` ``a ` OW-44`` OW-45", [("slug", "OW-45")]),
    ("`OW-43 and ``OW-44", [("slug", "OW-43"), ("slug", "OW-44")]),
    ("\\`OW-43\\` \\\\`OW-44`", [("slug", "OW-43")]),
    ("`OW-43\nOW-44` `OW-45\n\nOW-46`", [("slug", "OW-45"), ("slug", "OW-46")]),
    ("- `OW-43\n- OW-44`", [("slug", "OW-43"), ("slug", "OW-44")]),
    ("```\nOW-43\n```\nOW-44", [("slug", "OW-44")]),
    ("```sh\nOW-43\n~~~\n``\n````  \nOW-44", [("slug", "OW-44")]),
    ("~~~ a ` b\nOW-43\n~~~\nOW-44", [("slug", "OW-44")]),
    ("- 1. ```\n  OW-43\n  ```\nOW-44", [("slug", "OW-44")]),
    ("> ```\n> OW-43\n> ```\n> OW-44", [("slug", "OW-44")]),
    ("```OW-43``` OW-44", [("slug", "OW-44")]),
    ("**```** OW-43\nOW-44", [("slug", "OW-43"), ("slug", "OW-44")]),
    ("```\r\nOW-43\r\n```\r\nOW-44\r\n", [("slug", "OW-44")]),
    ("```\nOW-43", []),
])
def test_a_text_mentions_what_a_reader_sees_in_it(text: str, found: list[tuple[str, str]]) -> None:
    assert shown(text) == found


@PROPERTY
@given(TEXTS)
def test_mentions_stand_where_they_say_in_order_and_apart(text: str) -> None:
    end = 0
    for one in find(text):
        assert end <= one.start < one.end <= len(text)
        assert one.name in text[one.start:one.end]
        end = one.end


@PROPERTY
@given(TEXTS)
def test_code_is_blanked_and_nothing_else_moves(text: str) -> None:
    blanked = blank_code(text)
    assert len(blanked) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, blanked, strict=True))
    assert blank_code(blanked) == blanked or "`" in blanked or "~~~" in blanked


@PROPERTY
@given(TEXTS, st.sampled_from(("OW-43", REF, "@alice", "[[a/b]]")))
def test_what_is_put_into_a_fence_is_never_found(text: str, mention: str) -> None:
    inner = text.replace("`", "").replace("~", "").replace("\r", "")
    assert shown(f"before\n\n```text\n{inner} {mention} {inner}\n```\n\nafter") == []


@PROPERTY
@given(TEXTS, TEXTS, st.sampled_from(("OW-43", REF, "@alice")))
def test_what_is_put_between_paragraphs_is_always_found(before: str, after: str, mention: str) -> None:
    before = before.replace("```", "").replace("~~~", "")
    found = find(f"{before}\n\n{mention}\n\n{after}")
    assert any(one.start == len(before) + 2 and one.end == len(before) + 2 + len(mention) for one in found)


def steps(text: str) -> int:
    """Count the lines of Python that the search runs."""
    count = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    old = sys.gettrace()
    sys.settrace(trace)
    try:
        find(text)
    finally:
        sys.settrace(old)
    return count


@pytest.mark.parametrize("part", [
    "`", "``a`", "](", "](a", "[[", "[[a", "@a", "@[", "OW-1", "OW-", "-", "_", "tik_", "```\n", "> ", "1. ", "://", "a://",
    "a", "\\", "\\`", "](a.md", "]: ", "A", "- ", "~~~", "<", "*", "9", "9.", "`\n\n", "| `"])
def test_twice_the_text_takes_twice_the_steps(part: str) -> None:
    size = 2_000
    one = max(steps(part * (size // len(part)) + "@x"), 50)
    two = steps(part * (2 * size // len(part)) + "@x")
    assert two < 2.5 * one
