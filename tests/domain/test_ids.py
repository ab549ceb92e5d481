"""Refs, slugs, suffixes and the names of folders."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import ids
from tests.strategies import PROPERTY

_YEAR_2200 = 7_258_118_400_000_000_000
TIMES = st.integers(0, _YEAR_2200)
ENTROPY = st.binary(min_size=8, max_size=8)
REF = "tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"


@PROPERTY
@given(TIMES, ENTROPY)
def test_a_uuid_is_a_version_7_uuid_of_its_millisecond(now: int, entropy: bytes) -> None:
    made = uuid.UUID(ids.uuid7(now, entropy))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == now // 1_000_000


@PROPERTY
@given(TIMES, st.integers(1_000, 10**12), ENTROPY, ENTROPY)
def test_uuids_a_microsecond_apart_sort_by_time(now: int, later: int, one: bytes, other: bytes) -> None:
    assert ids.uuid7(now, one) < ids.uuid7(now + later, other)


def test_uuids_of_one_moment_differ_by_their_random_part() -> None:
    made = {ids.uuid7(1, number.to_bytes(8, "big")) for number in range(1000)}
    assert len(made) == 1000


@PROPERTY
@given(TIMES, ENTROPY)
def test_a_ref_survives_its_dashed_form(now: int, entropy: bytes) -> None:
    ref = ids.make_ref("tik", ids.uuid7(now, entropy))
    assert ids.is_ref(ref)
    assert ids.is_ref(ref, "tik")
    assert not ids.is_ref(ref, "cmt")
    assert ids.dashed(ref) == str(uuid.UUID(ref[4:]))
    assert ids.undashed(ids.dashed(ref).upper()) == ref[4:]


@pytest.mark.parametrize("text", ["", "tik", "tik_", REF[:-1], REF + "0", REF.upper(), REF.replace("_", "-"),
                                  "ti_" + REF[4:], "tick_" + REF[4:], "../_" + REF[4:], "TIK_" + REF[4:], REF + "\n",
                                  "t k_" + REF[4:], REF[4:]])
def test_what_is_no_whole_ref_is_refused(text: str) -> None:
    assert not ids.is_ref(text)


@pytest.mark.parametrize("text", ["", "0199c0f4a1b27c3d8e9f0a1b2c3d4e5f", "0199c0f4-a1b2-7c3d-8e9f-0a1b2c3d4e5",
                                  "0199c0f4-a1b2-7c3d-8e9f-0a1b2c3d4e5g"])
def test_what_is_no_dashed_uuid_is_refused(text: str) -> None:
    assert ids.undashed(text) is None


@PROPERTY
@given(st.sampled_from((ids.TICKET_FILE, ids.TAG, ids.STATUS)), st.lists(st.text(), min_size=1, max_size=3))
def test_a_derived_ref_is_a_version_8_uuid_of_its_parts(prefix: str, parts: list[str]) -> None:
    ref = ids.derived(prefix, *parts)
    made = uuid.UUID(ref[4:])
    assert ids.is_ref(ref, prefix)
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    assert ref == ids.derived(prefix, *parts) != ids.derived(prefix, *parts, "")


def test_a_derived_ref_is_the_same_however_unicode_writes_its_name() -> None:
    assert ids.derived("tka", REF, "caf\u00e9.txt") == ids.derived("tka", REF, "cafe\u0301.txt")
    known = "tka_fe6bd1b01f898c738eb6e3386856b479"  # kept: others may have written it down
    assert ids.derived("tka", REF, "a.txt") == known
    assert len({ids.derived("tka", REF, "a"), ids.derived("tka", REF, "b"), ids.derived("epa", REF, "a"),
                ids.derived("tka", REF + "a", "")}) == 4


@PROPERTY
@given(st.integers(0, 2**20 - 1))
def test_a_suffix_holds_the_last_twenty_bits(bits: int) -> None:
    suffix = ids.suffix(f"tik_{bits:032x}")
    value = 0
    for char in suffix:
        value = value * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(char)
    assert (len(suffix), value) == (4, bits)


@pytest.mark.parametrize(("text", "slug"), [
    ("OW-43", ("OW", 43)), ("ow-43", ("OW", 43)), ("OW-007", ("OW", 7)), ("A1-0", ("A1", 0)),
    ("OW", None), ("OW-", None), ("-43", None), ("OW-x", None), ("OW--43", None), ("OW-43-k3f9", None), ("1W-4", None),
    ("OW-٣", None), ("OW-²", None), ("Ü-1", None), ("O_W-1", None), ("TWELVELETTER-1", None), ("OW-4 3", None),
    ("OW-" + "9" * 9, ("OW", 999_999_999)), ("OW-" + "9" * 20, None), ("OW-" + "9" * 5000, None),
])
def test_a_slug_is_a_key_and_a_number(text: str, slug: tuple[str, int] | None) -> None:
    assert ids.parse_slug(text) == slug


@pytest.mark.parametrize(("folder", "slug"), [
    ("OW-43-k3f9", "OW-43"), ("OW-43", "OW-43"), ("ow-43-x", "OW-43"), ("OW-43-k3f9-copy", "OW-43"),
    ("OW-43-", "OW-43"),
    ("OW-043-k3f9", "OW-43"), ("OW-43 k3f9", "OW-43 k3f9"), ("notes", "notes"), ("", ""), ("OW-x-1", "OW-x-1"),
    ("-43-k3f9", "-43-k3f9"), ("OW--43", "OW--43"), (".hidden-1", ".hidden-1"),
])
def test_an_odd_folder_still_names_its_ticket(folder: str, slug: str) -> None:
    assert ids.slug_of_folder(folder) == slug


@PROPERTY
@given(st.from_regex(r"[A-Z][A-Z0-9]{0,9}", fullmatch=True), st.integers(0, 10**9 - 1), st.integers(0, 2**128 - 1))
def test_a_new_folder_gives_its_slug_back(key: str, number: int, bits: int) -> None:
    slug = f"{key}-{number}"
    assert ids.slug_of_folder(ids.folder_name(slug, f"tik_{bits:032x}")) == slug
    assert ids.parse_slug(slug.lower()) == (key, number)


@pytest.mark.parametrize(("number", "shard"), [(0, "0"), (99, "0"), (100, "1"), (12345, "123")])
def test_a_shard_holds_a_hundred_tickets(number: int, shard: str) -> None:
    assert ids.shard(number) == shard
