"""The field table: what a field's kind knows, and the frozen base class of all nouns."""

from __future__ import annotations

from gittracker.domain import ids, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Self

    Raw = str | list[str] | None


_MAX_DIGITS = 15  # what SQLite and JSON readers hold exactly


class Kind:
    """One kind of value: how it is read from text, written, stored in SQL and described."""

    name = "text"
    sql = "TEXT"
    many = False
    number = False
    empty: Any = ""

    def read(self, raw: Raw) -> Any:
        """Turn front-matter text into a value; ValueError says what was expected."""
        if isinstance(raw, list):
            raise ValueError("one value, not a list")
        return raw or ""

    def write(self, value: Any) -> Raw:
        """Turn a value into front-matter text; None when unset."""
        return value or None

    def to_sql(self, value: Any) -> Any:
        """Turn a value into a column's."""
        return value

    def from_sql(self, value: Any) -> Any:
        """Turn a column's value back."""
        return value

    def to_json(self, value: Any) -> Any:
        """Turn a value into JSON: unset is null, a set is a list, a number is a number."""
        return value if value != "" else None

    def schema(self) -> dict[str, Any]:
        """Describe the value in a file as JSON Schema."""
        return {"type": ["string", "null"]}


class Moment(Kind):
    """A UTC moment."""

    name = "moment"

    def read(self, raw: Raw) -> Any:
        text = super().read(raw)
        if text and not times.is_moment(text):
            raise ValueError("a UTC time such as 2026-11-22T10:00:00Z")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}


class Date(Kind):
    """A calendar date."""

    name = "date"

    def read(self, raw: Raw) -> Any:
        text = super().read(raw)
        if text and not times.is_date(text) and not times.is_moment(text):
            raise ValueError("a date such as 2027-01-31")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}(T.*Z)?$"}


class Number(Kind):
    """An integer or a decimal that is not negative; unset is None."""

    name = "number"
    sql = "NUMERIC"
    number = True
    empty = None

    def read(self, raw: Raw) -> Any:
        text = super().read(raw)
        if not text:
            return None
        whole, _, rest = text.partition(".")
        digits = whole + rest
        if not digits.isdecimal() or not digits.isascii() or len(whole) > _MAX_DIGITS:
            raise ValueError("a number such as 3 or 2.5")
        return int(text) if text == whole else float(text)

    def write(self, value: Any) -> Raw:
        if not isinstance(value, float):
            return None if value is None else str(value)
        text = repr(value).removesuffix(".0")
        return f"{value:.20f}".rstrip("0").removesuffix(".") if "e" in text else text

    def schema(self) -> dict[str, Any]:
        return {"type": ["number", "null"], "minimum": 0}


class Flag(Kind):
    """True or false; unset is false."""

    name = "flag"
    sql = "INTEGER"
    empty = False

    def read(self, raw: Raw) -> Any:
        text = super().read(raw).lower()
        if text not in ("", "true", "false"):
            raise ValueError("true or false")
        return text == "true"

    def write(self, value: Any) -> Raw:
        return "true" if value else None

    def to_sql(self, value: Any) -> Any:
        return int(value)

    def from_sql(self, value: Any) -> Any:
        return bool(value)

    def schema(self) -> dict[str, Any]:
        return {"type": ["boolean", "null"]}


class Choice(Kind):
    """A word from a list that the project configures, in lower case."""

    name = "choice"

    def read(self, raw: Raw) -> Any:
        return super().read(raw).lower()


class Link(Kind):
    """The ref of one other record (a slug where written by hand)."""

    name = "link"


class Names(Kind):
    """A set of words, kept sorted."""

    name = "names"
    many = True
    empty: Any = ()

    def read(self, raw: Raw) -> Any:
        items = [raw] if isinstance(raw, str) else raw or []
        return tuple(sorted({item for item in items if item}))

    def write(self, value: Any) -> Raw:
        return list(value)

    def to_sql(self, value: Any) -> Any:
        return "\n" + "\n".join(value) + "\n" if value else ""

    def from_sql(self, value: Any) -> Any:
        return tuple(value.strip("\n").split("\n")) if value else ()

    def to_json(self, value: Any) -> Any:
        return list(value)

    def schema(self) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "string"}, "uniqueItems": True}


class Links(Names):
    """A set of refs of other records."""

    name = "links"


class Ref(Kind):
    """The record's own ref."""

    name = "ref"

    def read(self, raw: Raw) -> Any:
        text = super().read(raw)
        if text and not ids.is_ref(text):
            raise ValueError("a ref such as tik_ and 32 hex digits")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[a-z]{3}_[0-9a-f]{32}$"}


TEXT, MOMENT, DATE, NUMBER, FLAG = Kind(), Moment(), Date(), Number(), Flag()
CHOICE, LINK, NAMES, LINKS, REF = Choice(), Link(), Names(), Links(), Ref()


class Field:
    """One line of a field table; `always` fields stand in the file even when unset."""

    __slots__ = ("name", "kind", "always", "about", "settable")

    def __init__(self, kind: Kind, about: str, always: bool = False, settable: bool = True) -> None:
        self.name = ""
        self.kind = kind
        self.about = about
        self.always = always
        self.settable = settable


def field(kind: Kind, about: str, always: bool = False, settable: bool = True) -> Any:
    """Declare a field of a record class; typed as the attribute it becomes."""
    return Field(kind, about, always, settable)


class Record:
    """A frozen value whose fields stand in a table: `FIELDS` by name, in file order; `body` is the text below."""

    FIELDS: ClassVar[dict[str, Field]] = {}
    NOUN: ClassVar[str] = "record"
    _EMPTY: ClassVar[dict[str, Any]] = {}
    body: str
    extra: dict[str, Any]

    def __init_subclass__(cls) -> None:
        table = dict(cls.FIELDS)  # a noun may begin with the fields of another
        for name, value in list(cls.__dict__.items()):
            if isinstance(value, Field):
                value.name = name
                table[name] = value
                delattr(cls, name)
        cls.FIELDS = table
        cls._EMPTY = {name: one.kind.empty for name, one in table.items()}

    def __init__(self, body: str = "", extra: dict[str, Any] | None = None, **values: Any) -> None:
        own = self.__dict__
        own.update(self._EMPTY)
        own.update(values)
        if len(own) > len(self._EMPTY):
            raise TypeError(f"{type(self).__name__} has no field {', '.join(values.keys() - self.FIELDS.keys())}")
        own["body"] = body
        own["extra"] = extra or {}

    @classmethod
    def of_all(cls, values: dict[str, Any], body: str, extra: dict[str, Any]) -> Self:
        """Make one from values for the whole table, which are taken as they are: a list makes many."""
        made = cls.__new__(cls)
        made.__dict__.update(values, body=body, extra=extra)
        return made

    @classmethod
    def of_some(cls, values: dict[str, Any], body: str, extra: dict[str, Any]) -> Self:
        """Make one from values for a part of the table, which are taken as they are; the others are unset."""
        made = cls.__new__(cls)
        made.__dict__.update(cls._EMPTY)
        made.__dict__.update(values, body=body, extra=extra)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen; use replace()")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__[name] for name in self.FIELDS))

    def __repr__(self) -> str:
        shown = ", ".join(f"{n}={self.__dict__[n]!r}" for n, f in self.FIELDS.items()
                          if self.__dict__[n] != f.kind.empty)
        return f"{type(self).__name__}({shown})"

    def values(self) -> dict[str, Any]:
        """Give the table's fields by name."""
        return {name: self.__dict__[name] for name in self.FIELDS}

    def replace(self, **changes: Any) -> Self:
        """Make a copy that differs in `changes`."""
        kept = {**self.__dict__, **changes}
        return type(self)(**kept)
