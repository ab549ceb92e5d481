"""A graph as Mermaid text, as GitHub and many wikis draw it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.graph import Graph, Node

# What Mermaid draws without being told otherwise.
MOST_LINKS, MOST_CHARACTERS = 500, 50_000
_MOST_TITLE = 50
_CLASSES = {
    "backlog": "fill:#f3f4f6,stroke:#9ca3af,color:#374151", "unstarted": "fill:#dbeafe,stroke:#3b82f6,color:#1e3a8a",
    "started": "fill:#fef3c7,stroke:#f59e0b,color:#78350f", "completed": "fill:#d1fae5,stroke:#10b981,color:#064e3b",
    "canceled": "fill:#e5e7eb,stroke:#6b7280,color:#6b7280,stroke-dasharray:3 3"}
_ARROWS = {"depends_on": "-->", "parent": "-.->"}
_SAFE = " .,-_:/()+*=?'"


def render(graph: Graph, notes: list[str]) -> str:
    """Write the graph from the top down: a ticket stands below what it needs, and below what it is part of."""
    names = _ids(graph.nodes)
    lines = ["graph TD", "  %% A --> B: A must be closed before B; A -.-> B: B is a part of A"]
    lines += [f"  %% {_comment(note)}" for note in notes]
    lines += [f'  {name}["{label(node)}"]' for name, node in zip(names, graph.nodes, strict=True)]
    links = [f"  {names[target]} {_ARROWS[field]} {names[source]}" for source, field, target in graph.links]
    lines += links
    circles = {(one, field, two) for field, circle in graph.circles()
               for one, two in zip(circle, [*circle[1:], circle[0]], strict=True)}
    red = [str(number) for number, link in enumerate(graph.links) if link in circles]
    lines += [f"  linkStyle {','.join(red)} stroke:#ef4444,stroke-width:2px"] if red else []
    for stage, style in _CLASSES.items():
        members = [name for name, node in zip(names, graph.nodes, strict=True) if node.stage == stage]
        if members:
            lines += [f"  classDef {stage} {style}", f"  class {','.join(members)} {stage}"]
    text = "\n".join(lines) + "\n"
    if len(links) > MOST_LINKS or len(text) > MOST_CHARACTERS:
        text += f"  %% Mermaid draws {MOST_LINKS} links and {MOST_CHARACTERS} characters unless told more"
    return text.rstrip("\n") + "\n"


def label(node: Node) -> str:
    """Give what stands in a ticket's box, with every character that means something to Mermaid as an entity."""
    title = " ".join(node.title.split())
    cut = title if len(title) <= _MOST_TITLE else title[:_MOST_TITLE - 1] + "…"
    return _escape(f"{node.name}: {cut}" if cut else node.name)


def _escape(text: str) -> str:
    return "".join(c if c.isalnum() or c in _SAFE or (not c.isascii() and c.isprintable()) else
                   f"#{ord(c)};" if c.isprintable() else "\ufffd" for c in text)


def _ids(nodes: list[Node]) -> list[str]:
    """Make ids of ASCII letters, digits and underscores, none of them a word of Mermaid's."""
    found: dict[str, None] = {}
    for node in nodes:
        name = "t_" + "".join(c if c.isascii() and c.isalnum() else "_" for c in node.name)
        while name in found:
            name += "_"
        found[name] = None
    return list(found)


def _comment(text: str) -> str:
    """Write a line that Mermaid skips; braces in a comment would be read as a directive."""
    return "".join(c if c.isprintable() and c not in "{}" else " " for c in text)
