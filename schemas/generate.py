"""Write the schemas beside this file anew: `python schemas/generate.py`."""

from __future__ import annotations

import json
from pathlib import Path

from gittracker.services.schemas import catalogue


def texts() -> dict[str, str]:
    """Give every schema's text by its path below this folder."""
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in catalogue.every().items()}


def main() -> None:
    """Write what differs, and remove what no longer has a schema."""
    here = Path(__file__).parent
    made = texts()
    for name, text in made.items():
        path = here / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in here.glob("*/*.json"):
        if path.relative_to(here).as_posix() not in made:
            path.unlink()


if __name__ == "__main__":
    main()
