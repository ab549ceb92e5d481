"""What the property tests draw from: awkward texts, lists and tickets."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from gittracker.domain.ticket import Ticket

PROPERTY = settings(max_examples=100, deadline=None, database=None, derandomize=True)

AWKWARD = ("no", "No", "yes", "on", "off", "y", "n", "true", "False", "null", "~", "1.10", "12:30", "1e5", "1E+5",
           "0123",
           "0o17", "0x1F", "0b101", "1_000", "+1", "-1", ".5", "5.", ".inf", "+.inf", "-.inf", ".nan", "190:20:30",
           "2026-11-22", "2026-11-22T10:00:00Z", "2026-11-22 10:00:00", "=", "<<", "-", "- a", "--", "---", "...", "?",
           "? a", ":", "a:", "a: b", "a:b", "a #b", "a#b", "#a", "'", '"', "it's", '"a"', "'a'", '"a" # b', "\\",
           "a\\n",
           "[", "[]", "[a, b]", "{}", "{a: b}", "&a", "*a", "!a", "!!int 3", "|", "|-", ">", "%a", "@a", "`a`", ",",
           " a", "a ", "a\tb", "a\nb", "a\n---\nb", "\n", "a\r\nb", "\x00", "\x07", "\x85", "\xa0", "\u2028", "\ufeff",
           "\u200b", "é", "日本語", "👩‍👩‍👧", "🎉", "<<<<<<< HEAD", ">>>>>>> x", "=======", "http://x/?a=b&c#d", "@me",
           "bot:codex-1", "a, b", "key: [a", "Ω", "ＮＯ", "²", "٣")
_ENCODABLE = st.characters(exclude_categories=["Cs"])
ANY_TEXT = st.text(_ENCODABLE, max_size=12) | st.sampled_from(AWKWARD)
TEXT = ANY_TEXT.filter(bool)
LINES = st.lists(st.sampled_from(["", "a", "b", "c", "# d", "- e", "---"]), max_size=7).map("\n".join)
WORDS = st.sets(st.sampled_from("abcdef"), max_size=5).map(lambda s: tuple(sorted(s)))


def tickets() -> st.SearchStrategy[Ticket]:
    """Draw tickets whose few values collide often."""
    few = st.sampled_from(["", "a", "b", "c"])
    extra = st.dictionaries(st.sampled_from(["x_a", "x_b"]), st.sampled_from(["1", "2", ["1"], ["1", "2"]]), max_size=2)
    return st.builds(Ticket, title=few, status=few, assignee=few, labels=WORDS, depends_on=WORDS, due=few,
                     estimate=st.sampled_from([None, 1, 2.5]), archived=st.booleans(), body=LINES, extra=extra)
