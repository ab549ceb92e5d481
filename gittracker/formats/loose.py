"""Any of the tracker's files as plain keys and values, for whoever only compares them."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import entity_md, frontmatter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MISSING = object()


def read(path: str, data: bytes) -> tuple[dict[str, Any], str]:
    """Give a file's values by key, and its text; raises InvalidDataError.

    Front matter gives text and lists of text, JSON and YAML what they hold with dotted keys, a list of named
    mappings one value a name, and any other file only text.
    """
    if path.endswith((".yaml", ".yml")):
        from gittracker.formats import yaml_doc
        return flat(yaml_doc.load(data, path)), ""
    if path.endswith(".json"):
        return flat(_json(path, data)), ""
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    if not text.startswith("---\n"):
        return {}, text.strip("\n")
    document = frontmatter.parse(data, path)
    return {key: span.value for key, span in document.spans.items()}, entity_md.read_body(document.body)


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Give nested mappings with dotted keys; a list of mappings by their slug, name or key, and its order."""
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, item in value.items():
            found.update(flat(item, f"{prefix}{key}."))
        return found or ({prefix.rstrip("."): ""} if prefix else {})
    names = _names(value)
    if names:
        found = {f"{prefix}order": tuple(names)}
        for name, item in zip(names, value, strict=True):
            found.update(flat(item, f"{prefix}{name}."))
        return found
    if isinstance(value, list):
        value = tuple(item if isinstance(item, str) else str(item) for item in value)
    return {prefix.rstrip(".") or "value": value}


def _names(value: Any) -> list[str]:
    """Name a list's mappings; none where they have no names of their own."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        return []
    for key in ("slug", "name", "key", "ref"):
        names = [str(item.get(key, "")) for item in value]
        if all(names) and len(set(names)) == len(names):
            return names
    return []


def _json(path: str, data: bytes) -> Any:
    import json
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidDataError(f"broken JSON: {error}", "edit the file; nothing else is affected", path,
                               getattr(error, "lineno", 1)) from error


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """List the keys that differ as (key, old, new); None where a key is absent."""
    found = []
    for key in [*old, *(k for k in new if k not in old)]:
        before, after = old.get(key, _MISSING), new.get(key, _MISSING)
        if before != after:
            found.append((key, None if before is _MISSING else before, None if after is _MISSING else after))
    return found
