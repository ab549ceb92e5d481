"""Where commits parted from others, and what those others have had since."""

from __future__ import annotations

from gittracker.git.run import git


def fork(folder: str, head: str, others: list[str]) -> tuple[str, str]:
    """Give where a commit parted from all others as (commit, tree to compare with); both empty where it never met them.

    Where there is more than one such commit (a criss-cross) the tree is that of their merge, as git takes it.
    """
    done = git(folder, "merge-base", "--all", head, *others)
    bases = done.text.split("\n") if done.status == 0 and done.text else []
    if len(bases) < 2:
        return (bases[0], bases[0]) if bases else ("", "")
    merged = git(folder, "merge-tree", "--write-tree", "--allow-unrelated-histories", bases[0], bases[1])
    tree = merged.text.split("\n")[0]
    return bases[0], tree if merged.status in (0, 1) else bases[0]


def past(folder: str, base: str, heads: list[str], prefix: str) -> set[tuple[str, str]]:
    """Give every (path, blob) that commits reachable from `heads`, not from `base`, left below `prefix`."""
    done = git(folder, "log", "-m", "--format=", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--stdin",
               "--", prefix, given="".join(f"{head}\n" for head in (*heads, f"^{base}")).encode())
    words = [word for word in done.out.decode(errors="surrogateescape").split("\0") if word.strip("\n")]
    return {(path[len(prefix):], meta.strip("\n").split(" ")[3])
            for meta, path in zip(words[::2], words[1::2], strict=False)}


def ever(folder: str, paths: list[str], head: str = "--all") -> set[tuple[str, str]]:
    """Give every (path, blob) that commits left at these paths: of `head`, or of any branch, remote or stash."""
    if not paths:
        return set()
    done = git(folder, "--literal-pathspecs", "log", head, "-m", "--format=", "-r", "-z", "--raw", "--no-abbrev",
               "--no-renames", "--", *dict.fromkeys(paths))
    words = [word for word in done.out.decode(errors="surrogateescape").split("\0") if word.strip("\n")]
    return {(path, meta.strip("\n").split(" ")[3]) for meta, path in zip(words[::2], words[1::2], strict=False)}
