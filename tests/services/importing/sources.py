"""Small trackers of other tools, written into a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files by relative path; gives the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def issue(old: str, **values: Any) -> dict[str, Any]:
    """Make one of beads' issues."""
    return {"id": old, "title": f"Title of {old}", "status": "open", "priority": 2, "issue_type": "task",
            "created_at": "2025-11-01T10:00:00Z", **values}


def edge(target: str, kind: str = "blocks") -> dict[str, str]:
    """Make one of beads' dependencies."""
    return {"depends_on_id": target, "type": kind}


def beads(folder: Path, *issues: dict[str, Any] | str) -> Path:
    """Write a file of issues."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in issues]
    write(folder, {"issues.jsonl": "\n".join(lines) + "\n"})
    return folder / "issues.jsonl"


def task(old: str, title: str = "", **keys: str) -> str:
    """Make one of Backlog.md's tasks."""
    front = {"id": old, "title": title or f"Title of {old}", "status": "To Do", "assignee": "[]",
             "created_date": "'2026-01-01 10:00'", **keys}
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in front.items()) + "---\n\n## Description\n\nText.\n"
