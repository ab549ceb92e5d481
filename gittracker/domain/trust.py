"""What a repository can make a machine execute: the files of a tracker that hold commands, one line each."""

from __future__ import annotations

CONFIG, YAML, SCRIPT, TEXT = "json", "yaml", "script", "text"


class Kind:
    """One kind of file: a pattern of its path, what it can run, and the form that is in.

    `*` stands for one name and a last `**` for any depth; `quiet` files count only where they do hold a command.
    """

    __slots__ = ("pattern", "what", "form", "quiet")

    def __init__(self, pattern: str, what: str, form: str, quiet: bool = False) -> None:
        self.pattern = pattern
        self.what = what
        self.form = form
        self.quiet = quiet

    def fits(self, path: str) -> bool:
        """Tell whether a path below `.openkit` is of this kind."""
        wanted, parts = self.pattern.split("/"), path.split("/")
        if wanted[-1] == "**":
            return len(parts) >= len(wanted) and all(map(_fits, wanted[:-1], parts))
        return len(parts) == len(wanted) and all(map(_fits, wanted, parts))


KINDS = (
    Kind("config.json", "start and install commands", CONFIG, quiet=True),
    Kind("hooks.yaml", "hook steps", YAML),
    Kind("hooks.json", "OpenKit's hook steps", CONFIG),
    Kind("workflows/*.yaml", "a workflow", YAML),
    Kind("providers/*.yaml", "how an agent program is started", YAML),
    Kind("agents/*.yaml", "an agent", YAML),
    Kind("jobs/*.yaml", "a scheduled job", YAML),
    Kind("channels/*.yaml", "a channel, which may run a command", YAML),
    Kind("notify.yaml", "notification rules", YAML),
    Kind("scripts/**", "a rule script", SCRIPT),
    Kind("skills/*/*.md", "commands in a skill's text", TEXT, quiet=True),
    Kind("skills/*/**", "a file of a skill", SCRIPT),
)


def kind_of(path: str) -> Kind | None:
    """Find the kind of a file by its path below `.openkit`; None for one that can't make anything run."""
    return next((kind for kind in KINDS if kind.fits(path)), None)


def folders() -> dict[str, bool]:
    """Give the folders that such files lie in, each with whether folders below it count too."""
    found: dict[str, bool] = {}
    for kind in KINDS:
        head, _, rest = kind.pattern.partition("/")
        if rest:
            found[head] = found.get(head, False) or "/" in rest or rest == "**"
    return found


def _fits(wanted: str, name: str) -> bool:
    head, star, tail = wanted.partition("*")
    return name == wanted if not star else len(name) > len(head + tail) and name.startswith(head) and (
        name.endswith(tail))
