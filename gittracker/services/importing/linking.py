"""Links by old ids as links of ours; what leads nowhere is kept and told, and so are circles."""

from __future__ import annotations

from gittracker.domain import foreign, graph
from gittracker.domain.foreign import Anomaly
from gittracker.formats.foreign import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.foreign import Edge, Foreign
    from gittracker.domain.ticket import Ticket
    from gittracker.services.importing.naming import Names

_SETS = (foreign.DEPENDS_ON, foreign.RELATED, foreign.DUPLICATES)
_REVERSED = {foreign.BLOCKS: foreign.DEPENDS_ON, foreign.CHILD: foreign.PARENT}
# A link that says from which side it is seen, where its target is not here.
_KEPT = {foreign.BLOCKS: "blocks", foreign.CHILD: "children"}


class Linker:
    """Sets the links of tickets that are being made; `postponed` are those of tickets that are here already."""

    def __init__(self, names: Names, here: dict[str, str], anomalies: list[Anomaly]) -> None:
        self._names = names
        self._here = here  # names that a link left as text would be taken for
        self._anomalies = anomalies
        self._sets: dict[str, dict[str, set[str]]] = {}
        self._parents: dict[str, str] = {}
        self._extra: dict[str, dict[str, list[str]]] = {}
        self.count = 0

    def read(self, ref: str, record: Foreign) -> None:
        """Take a record's links up."""
        for edge in record.edges:
            target, loosely = self._names.find(edge.target)
            line = edge.line or record.line
            if loosely:
                self._odd(record, line, "loose-id", f'{edge.kind} names "{edge.target}", by another prefix or number '
                          "of digits; it was found")
            if target == ref:
                self._odd(record, line, "self-link", f"{edge.kind} names the record itself; kept as "
                          f"{texts.x_name(edge.kind)}")
                self._keep(ref, edge)
            elif not target:
                self._dangling(ref, record, edge, line)
            elif edge.kind in _REVERSED:
                self._add(target, _REVERSED[edge.kind], ref, record, line)
            else:
                self._add(ref, edge.kind, target, record, line)

    def _add(self, ref: str, kind: str, target: str, record: Foreign, line: int) -> None:
        if kind == foreign.PARENT:
            parent = self._parents.setdefault(ref, target)
            if parent == target:
                self.count += 1
                return
            self._odd(record, line, "second-parent", "a ticket has one parent, the first; the other is related")
            kind = foreign.RELATED
        items = self._sets.setdefault(ref, {}).setdefault(kind, set())
        self.count += target not in items
        items.add(target)

    def _dangling(self, ref: str, record: Foreign, edge: Edge, line: int) -> None:
        """Keep a link that leads nowhere as it is written, unless it would be taken for another ticket's name."""
        name = edge.target
        if edge.kind in _REVERSED or name.lower() in self._here or (
                edge.kind == foreign.PARENT and ref in self._parents):
            self._odd(record, line, "dangling", f'{edge.kind} names "{name}", which is not in the source; kept as '
                      f"{texts.x_name(_KEPT.get(edge.kind, edge.kind))}")
            self._keep(ref, edge)
            return
        self._odd(record, line, "dangling", f'{edge.kind} names "{name}", which is not in the source; kept as it is')
        if edge.kind == foreign.PARENT:
            self._parents[ref] = name
        else:
            self._sets.setdefault(ref, {}).setdefault(edge.kind, set()).add(name)

    def _keep(self, ref: str, edge: Edge) -> None:
        name = _KEPT.get(edge.kind, edge.kind)
        self._extra.setdefault(ref, {}).setdefault(name, []).append(edge.target)

    def _odd(self, record: Foreign, line: int, kind: str, message: str) -> None:
        self._anomalies.append(Anomaly(record.path, line, kind, message))

    def changes(self, ref: str) -> dict[str, Any]:
        """Give a ticket's links as field values."""
        values: dict[str, Any] = {kind: tuple(sorted(items)) for kind, items in self._sets.get(ref, {}).items()
                                  if kind in _SETS}
        if ref in self._parents:
            values["parent"] = self._parents[ref]
        return values

    def linked(self, ticket: Ticket) -> Ticket:
        """Give a new ticket with its links."""
        extra = dict(ticket.extra)
        for name, targets in self._extra.get(ticket.ref, {}).items():
            texts.put_extra(extra, name, targets)
        return ticket.replace(extra=extra, **self.changes(ticket.ref))

    def others(self, made: set[str]) -> list[str]:
        """List the refs outside `made` that links lead from."""
        return [ref for ref in {**self._sets, **self._parents} if ref not in made]

    def tell_circles(self, records: dict[str, Foreign]) -> None:
        """Tell where depends_on or parent goes in a circle."""
        depends = {ref: sorted(sets.get(foreign.DEPENDS_ON, ())) for ref, sets in self._sets.items()}
        parents = {ref: [target] for ref, target in self._parents.items()}
        for field, ahead in ((foreign.DEPENDS_ON, depends), (foreign.PARENT, parents)):
            for circle in graph.loops(ahead):
                record = records.get(circle[0])
                if record:
                    shown = " → ".join(records[ref].id if ref in records else ref for ref in [*circle, circle[0]])
                    self._odd(record, record.line, "cycle", f"{field} goes in a circle: {shown}")
