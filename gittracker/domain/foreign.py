"""Records of other trackers in neutral words: what a parser gives and the importer maps to ours."""

from __future__ import annotations

from typing import Any, NamedTuple

# What a link of another tracker becomes; every other kind is kept as `related`, with its own word in x_links.
DEPENDS_ON, BLOCKS, RELATED, DUPLICATES, PARENT, CHILD = (
    "depends_on", "blocks", "related", "duplicates", "parent", "child")
TICKET, PAGE, EPIC = "ticket", "page", "epic"


class Anomaly(NamedTuple):
    """What is odd about a source, and where; `lost` says that a record was not imported because of it."""

    path: str
    line: int
    kind: str
    message: str
    lost: bool = False


class Edge(NamedTuple):
    """A link to another record by its old id; `line` is where it stands."""

    kind: str
    target: str
    line: int = 0


class Remark(NamedTuple):
    """A comment."""

    by: str
    at: str
    body: str


class Asset(NamedTuple):
    """A file that belongs to a record, by its path below the source."""

    name: str
    path: str


class Foreign(NamedTuple):
    """One record as it stands in another tracker; moments are UTC as our files keep them, or empty."""

    path: str
    line: int
    id: str
    title: str
    body: str = ""
    noun: str = TICKET
    place: tuple[str, ...] = ()  # the folders of a page
    status: str = ""
    stage: str = ""  # where the source itself says so
    type: str = ""
    priority: str = ""
    people: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    milestone: str = ""
    urls: tuple[str, ...] = ()
    external_ref: str = ""
    due: str = ""
    estimate: float | None = None
    created_at: str = ""
    created_by: str = ""
    started_at: str = ""
    closed_at: str = ""
    resolution: str = ""
    archived: bool = False
    deleted: bool = False
    remarks: tuple[Remark, ...] = ()
    assets: tuple[Asset, ...] = ()
    extra: dict[str, Any] = {}  # never changed; text or lists of text by x_ name
    digest: str = ""  # changes whenever the record does


class Parsed(NamedTuple):
    """What a parser made of one file."""

    records: list[Foreign]
    anomalies: list[Anomaly]
