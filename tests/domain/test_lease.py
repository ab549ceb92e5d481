"""The rules of leases, and their text."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gittracker.domain.lease import Book, Lease, ago, clock, read_proof
from gittracker.formats import lease_text

NOW = 1_800_000_000


def lease(number: int = 1, holder: str = "bot:a", **more: Any) -> Lease:
    """Make a lease of half an hour."""
    values = {"ref": "tik_1", "slug": "OW-1", "folder": "tickets/0/OW-1-aaaa", "worktree": "12345678", "top": "/work",
              "branch": "main", "taken_at": NOW, "beat_at": NOW, "term": 1800, **more}
    return Lease(number=number, holder=holder, **values)


def test_a_lease_is_live_up_to_the_end_of_its_term_and_not_at_it() -> None:
    assert lease().is_live(NOW + 1799) and not lease().is_live(NOW + 1800)
    assert not lease().is_due(NOW + 449) and lease().is_due(NOW + 450)


def test_what_another_gets_is_lost_to_its_former_holder_and_a_renewal_loses_nothing() -> None:
    book = Book().given(lease(1))
    assert not book.given(lease(1, beat_at=NOW + 60)).lost
    passed = book.given(lease(2, "bot:b"))
    assert [(one.number, one.to) for one in passed.lost] == [(1, "bot:b")]
    assert not passed.ended(passed.leases["tik_1"]).leases
    assert passed.ended(passed.leases["tik_1"], "carol").fate("tik_1", 2)


def test_a_proof_is_a_name_and_a_number() -> None:
    assert read_proof("OW-1:12") == ("ow-1", 12)
    assert read_proof("tik_0199c0f4:3") == ("tik_0199c0f4", 3)
    assert [read_proof(text) for text in ("", "OW-1", "OW-1:", ":3", "OW-1:x", "OW-1:²")] == [None] * 6


def test_times_are_told_in_their_largest_unit() -> None:
    assert [ago(n) for n in (-5, 0, 119, 120, 7_199, 7_200, 200_000)] == [
        "0 s", "0 s", "119 s", "2 min", "119 min", "2 h", "2 d"]
    assert (clock(NOW, NOW), clock(NOW, NOW - 86_400)) == ("08:00 UTC", "2027-01-15 08:00 UTC")


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.tuples(_TEXTS, _TEXTS, _TEXTS, st.integers(1, 99), st.booleans()), max_size=4))
def test_a_book_is_read_as_it_was_written(rows: list[tuple[str, str, str, int, bool]]) -> None:
    book = Book()
    for ref, holder, top, number, goes in rows:
        book = book.given(lease(number, holder, ref=ref, slug=ref, top=top, folder=f"tickets/0/{ref}"))
        book = book.ended(book.leases[ref], "carol") if goes else book
    data = lease_text.render(book)
    again = lease_text.read(data)
    assert lease_text.render(again) == data and again.highest == book.highest
    assert [(one.holder, one.top, one.until) for one in again.leases.values()] == [
        (one.holder, one.top, one.until) for one in book.leases.values()]
    notes = [(ref, number, ref, holder) for ref, holder, _, number, _ in rows if ref]
    assert lease_text.read_notes(lease_text.render_notes([("tik_1", n[1], n[2], n[3]) for n in notes])) == [
        ("tik_1", n[1], n[2], n[3]) for n in notes]


def test_words_of_a_newer_version_are_left_out() -> None:
    data = lease_text.render(Book().given(lease(7))).rstrip(b"\n") + b"\tand more\nwish\tfor peace\n"
    book = lease_text.read(data)
    assert book.highest == 7 and book.leases["tik_1"].term == 1800


def test_a_damaged_line_is_left_out_and_no_number_is_given_twice() -> None:
    book = Book().given(lease(7)).given(lease(8, "bot:b", ref="tik_2", folder="tickets/0/OW-2-bbbb"))
    data = lease_text.render(book).replace(b"highest\t8", b"highest\teight").replace(b"\t7\t", b"\tseven\t")
    again = lease_text.read(data + b"\xff\xfe\nlease\n\tlost")
    assert list(again.leases) == ["tik_2"] and again.highest == 8
    assert lease_text.read(b"").highest == 0


class Fencing(RuleBasedStateMachine):
    """Whatever happens, one number at most is good for a ticket, and it is the highest that was given for it."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.now = NOW
        self.given: list[int] = []

    @rule(holder=st.sampled_from("abc"))
    def claim(self, holder: str) -> None:
        old = self.book.leases.get("tik_1")
        if not (old and old.is_live(self.now)):
            self.given.append(self.book.highest + 1)
            self.book = self.book.given(lease(self.given[-1], holder, taken_at=self.now, beat_at=self.now))

    @rule(seconds=st.sampled_from([1, 600, 1800]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(by=st.sampled_from(["", "carol"]))
    def end(self, by: str) -> None:
        if self.book.leases:
            self.book = self.book.ended(self.book.leases["tik_1"], by)

    @invariant()
    def numbers_only_grow(self) -> None:
        assert self.given == sorted(set(self.given)) and self.book.highest == (self.given or [0])[-1]
        held = self.book.leases.get("tik_1")
        assert held is None or held.number == self.given[-1]
        assert not held or not self.book.fate("tik_1", held.number)


TestFencing = Fencing.TestCase
