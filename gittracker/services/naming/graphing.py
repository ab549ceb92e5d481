"""The graph of tickets: chosen by name or query, bounded, with the links between what is shown."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import NotFoundError
from gittracker.domain.graph import Graph, Node, nearest
from gittracker.index import edges, search, tickets
from gittracker.services import listing, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.tracker import Tracker

LIMIT = 200


def draw(tracker: Tracker, words: list[str], more: str, depth: int | None, limit: int, everything: bool) -> Graph:
    """Choose tickets and give the graph of them; each word is a ticket's or an epic's name, or part of a query.

    Named tickets come with all that is linked to them, or `depth` steps of it; what a query finds comes alone, or
    with `depth` steps round it.
    """
    tracker.refresh()
    words = [f"epic:{records.find(tracker, 'epic', word).name}" if ids.noun_of(word) == "epic" else word
             for word in words]
    found = {word: row.id for word in words if (row := _named(tracker, word))}
    text = " ".join([*(word for word in words if word not in found), more]).strip()
    links = edges.links(tracker.index, tracker.view)
    near = _both_ways(links)
    named = list(dict.fromkeys(found.values()))
    if text or not named:
        places = _asked(tracker, text, everything)
        if named:
            around = set(nearest(near, named, -1 if depth is None else depth))
            places = [*named, *(place for place in places if place in around and place not in found.values())]
        else:
            places = nearest(near, places, depth or 0)
    else:
        places = nearest(near, named, -1 if depth is None else depth)
    return _graph(tracker, places, links, named, limit)


def notes(graph: Graph) -> list[str]:
    """Say what the graph does not show, and which circles it has."""
    said = []
    if graph.total > len(graph.nodes):
        shown = f"{len(graph.nodes)} of {graph.total} tickets are shown"
        said.append(f"{shown}: a query, --depth or --limit chooses others")
    if graph.unlinked:
        said.append(f"{graph.unlinked} ticket(s) without links to these are not shown")
    for field, circle in graph.circles():
        names = [graph.nodes[place].name for place in [*circle, circle[0]]]
        said.append(f"{field} goes in a circle: {' → '.join(names)}")
    return said


def _named(tracker: Tracker, word: str) -> tickets.Row | None:
    """Find the ticket that a word names, None where it is part of a query; raises NotFoundError for a slug of none."""
    if ":" in word:
        return None
    row = tickets.find(tracker.index, tracker.view, word, whole=True)
    if row is None and (ids.parse_slug(word) or ids.undashed(word) or word[:4].lower() == f"{ids.TICKET}_"):
        row = tracker.find(word)
        if row is None:
            raise NotFoundError("ticket", word)
    return row


def _asked(tracker: Tracker, text: str, everything: bool) -> list[int]:
    query = listing.read(text, everything=everything)
    if query.words or query.unwanted or query.uses_updates:
        tracker.refresh(deep=True)
    return search.ids(tracker.index, query, tracker.context())


def _both_ways(links: list[tuple[int, str, int]]) -> dict[int, list[int]]:
    near: dict[int, list[int]] = {}
    for one, _, other in links:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    return near


def _graph(tracker: Tracker, places: list[int], links: list[tuple[int, str, int]], named: list[int],
           limit: int) -> Graph:
    """Bound the choice and keep the links within it; a ticket without any is shown only where it was named."""
    chosen = set(places)
    linked = {place for one, _, other in links if one in chosen and other in chosen for place in (one, other)}
    linked.update(named)
    near = _both_ways([link for link in links if link[0] in linked and link[2] in linked])
    kept = list(dict.fromkeys(other for place in places if place in linked for other in nearest(near, [place], 1)))
    shown = {row: number for number, row in enumerate(kept[:limit])}
    clashes = {slug.lower() for slug in tracker.clashes()}
    nodes = [node(values, clashes) for values in tickets.heads(tracker.index, list(shown))]
    inner = [(shown[one], field, shown[other]) for one, field, other in links if one in shown and other in shown]
    return Graph(nodes, inner, [shown[place] for place in named if place in shown], len(kept),
                 len(places) - len(kept))


def node(values: tuple[str, ...], clashes: set[str]) -> Node:
    """Make a node of a ticket's head; one whose slug is not its alone has its folder's name."""
    folder, slug, *rest = values
    return Node(slug if slug and slug.lower() not in clashes else folder.rpartition("/")[2], *rest)


def to_json(graph: Graph) -> dict[str, Any]:
    """Give the graph as it is printed; links are by name."""
    names = [node.name for node in graph.nodes]
    nodes = [{"name": n.name, "ref": n.ref or None, "title": n.title, "status": n.status or None, "stage": n.stage,
              "type": n.type or None, "priority": n.priority or None, "assignee": n.assignee or None}
             for n in graph.nodes]
    return {"nodes": nodes, "edges": [{"from": names[one], "field": field, "to": names[other]}
                                      for one, field, other in graph.links],
            "circles": [{"field": field, "names": [names[place] for place in circle]}
                        for field, circle in graph.circles()],
            "total": graph.total, "unlinked": graph.unlinked, "notes": notes(graph)}
