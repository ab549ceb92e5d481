"""Refs, slugs and the names that are derived from them."""

from __future__ import annotations

from gittracker.domain import times

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_HEX = "0123456789abcdef"
_SHARD_SIZE = 100
_MAX_DIGITS = 9

TICKET, COMMENT, PROJECT, MEMBER = "tik", "cmt", "prj", "usr"
EPIC, PROGRESS, PAGE, UPDATE, USAGE = "epc", "prg", "sbn", "upd", "usg"
TICKET_FILE, EPIC_FILE, PAGE_FILE = "tka", "epa", "sba"  # attachments, by what they are attached to
TAG, STATUS, WORKSPACE, PAGE_COMMENT, SKILL = "tag", "sta", "wks", "sbc", "skl"
PREFIXES = {"ticket": TICKET, "comment": COMMENT, "project": PROJECT, "member": MEMBER, "epic": EPIC,
            "progress": PROGRESS, "page": PAGE, "update": UPDATE, "usage": USAGE}
_NOUNS = {EPIC: "epic", PAGE: "page", UPDATE: "update"}  # what a bare ref names by itself, tickets aside


def uuid7(now_ns: int, entropy: bytes) -> str:
    """Build a UUIDv7 as 32 hex digits from nanoseconds since 1970 and 8 random bytes (RFC 9562 §5.7, method 3)."""
    ms, rest = divmod(now_ns, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    tail = int.from_bytes(entropy[:8], "big") & 0x3FFF_FFFF_FFFF_FFFF
    return f"{(ms << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | tail:032x}"


def make_ref(prefix: str, uuid: str) -> str:
    """Join a three-letter prefix and 32 hex digits."""
    return f"{prefix}_{uuid}"


def derived(prefix: str, *parts: str) -> str:
    """Give the ref of what has none in a file: a UUIDv8 of SHA-256 (RFC 9562 §5.8), the same wherever it is asked.

    An attachment's parts are its owner's ref and its name, a label's and a status's the workspace's ref and its word.
    """
    from hashlib import sha256
    from unicodedata import normalize
    text = "\0".join([prefix, *(normalize("NFC", part) for part in parts)])
    bits = int.from_bytes(sha256(text.encode(errors="surrogatepass")).digest()[:16], "big")
    return make_ref(prefix, f"{bits & ~(0xF << 76 | 0b11 << 62) | 0x8 << 76 | 0b10 << 62:032x}")


def is_ref(text: str, prefix: str = "") -> bool:
    """Tell whether `text` is a whole ref (of the given prefix, if any)."""
    head, _, digits = text.partition("_")
    return (len(digits) == 32 and not digits.strip(_HEX)
            and (head == prefix if prefix else len(head) == 3 and head.isascii() and head.isalpha() and head.islower()))


def dashed(ref: str) -> str:
    """Show a ref's UUID in its dashed form."""
    u = ref.partition("_")[2]
    return f"{u[:8]}-{u[8:12]}-{u[12:16]}-{u[16:20]}-{u[20:]}"


def undashed(text: str) -> str | None:
    """Give the 32 hex digits of a dashed UUID, or None where `text` is none."""
    digits = text.lower().replace("-", "")
    return digits if len(text) == 36 and len(digits) == 32 and not digits.strip(_HEX) else None


def suffix(ref: str) -> str:
    """Give the last 20 bits of a ref as four Crockford base-32 digits."""
    bits = int(ref[-5:], 16)
    return "".join(_CROCKFORD[(bits >> shift) & 31] for shift in (15, 10, 5, 0))


def parse_slug(text: str) -> tuple[str, int] | None:
    """Split `OW-43` (any case) into ("OW", 43); None where `text` is no slug."""
    key, dash, number = text.rpartition("-")
    if (dash and number.isdecimal() and number.isascii() and len(number) <= _MAX_DIGITS
            and is_project_key(key.upper())):
        return key.upper(), int(number)
    return None


def parse_epic(text: str) -> tuple[str, int] | None:
    """Split an epic's slug `OW-E2` (any case) into ("OW", 2); None where `text` is none."""
    key, _, number = text.upper().rpartition("-E")
    return parse_slug(f"{key}-{number}") if key else None


def epic_of_folder(name: str) -> str:
    """Read an epic's slug out of its folder's name: `OW-E2-k3f9` gives `OW-E2`."""
    parsed = parse_epic("-".join(name.split("-")[:2]))
    return f"{parsed[0]}-E{parsed[1]}" if parsed else name


def noun_of(name: str) -> str:
    """Guess what a name names by its form: epic, page, update; anything else is a ticket's."""
    low = name.lower()
    if low[3:4] == "_" and low[:3] in _NOUNS:
        return _NOUNS[low[:3]]
    if parse_epic("-".join(name.split("-")[:2])):
        return "epic"
    if "/" in name:
        return "page"
    return "update" if times.is_compact(name.partition("-")[0]) else "ticket"


def is_project_key(key: str) -> bool:
    """Tell whether `key` can be a slug prefix: one to ten capitals and digits, a capital first."""
    return (0 < len(key) <= 10 and key.isascii() and key.isalnum() and key == key.upper() and key[0].isalpha())


def shard(number: int) -> str:
    """Name the folder that holds ticket `number`."""
    return str(number // _SHARD_SIZE)


def folder_name(slug: str, ref: str) -> str:
    """Name a new ticket's folder."""
    return f"{slug}-{suffix(ref)}"


def slug_of_folder(name: str) -> str:
    """Read the slug out of a folder name, whatever stands behind it: `OW-43-k3f9` gives `OW-43`."""
    parsed = parse_slug("-".join(name.split("-")[:2]))
    return f"{parsed[0]}-{parsed[1]}" if parsed else name
