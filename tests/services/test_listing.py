"""Lists and searches over real files."""

from __future__ import annotations

from tests.hands import pass_time
from tests.support import Repo


def _slugs(repo: Repo, *words: str) -> list[str]:
    return [t["slug"] for t in repo.json(*words)["tickets"]]


def test_a_word_with_a_minus_is_not_to_be_found(repo: Repo) -> None:
    repo.ok("new", "Upload fails on wifi")
    repo.ok("new", "Upload fails on cable")
    assert _slugs(repo, "search", "upload", "--query", "-wifi") == ["OW-2"]
    assert _slugs(repo, "ls", "--query", "-cable") == ["OW-1"]


def test_pages_by_cursor_give_every_ticket_once_in_every_order(repo: Repo) -> None:
    lines = [f'["new","Upload {n % 3}","--priority","{("high", "low")[n % 2]}"]' for n in range(13)]
    repo.ok("batch", given="\n".join(lines))
    for sort in ("priority", "-priority", "created", "title", "-title", "due", "updated", "status", "-number"):
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = repo.json("ls", "--sort", sort, "--limit", "4", *(["--cursor", cursor] if cursor else []))
            seen += [t["slug"] for t in page["tickets"]]
            cursor = page["cursor"]
        assert sorted(seen) == sorted(f"OW-{n}" for n in range(1, 14)), sort
    by_rank = repo.json("search", "upload", "--limit", "5")
    more = repo.json("search", "upload", "--limit", "50", "--cursor", by_rank["cursor"])
    assert len({t["slug"] for t in by_rank["tickets"] + more["tickets"]}) == 13


def test_closed_and_archived_are_hidden_unless_asked_for(repo: Repo) -> None:
    for title in ("one", "two", "three"):
        repo.ok("new", title, "--status", "todo")
    repo.ok("done", "OW-1")
    repo.ok("ticket", "archive", "OW-2")
    assert _slugs(repo, "ls") == ["OW-3"]
    assert _slugs(repo, "ls", "is:closed") == ["OW-1"]
    assert _slugs(repo, "ls", "is:archived") == ["OW-2"]
    assert _slugs(repo, "ls", "status:done") == ["OW-1"]
    assert sorted(_slugs(repo, "ls", "--all")) == ["OW-1", "OW-2", "OW-3"]


def test_every_kind_of_term_filters(repo: Repo) -> None:
    repo.ok("new", "Parent", "--status", "todo", "--priority", "urgent", "--assignee", "bob")
    repo.ok("new", "Child", "--status", "todo", "--parent", "OW-1", "--depends-on", "OW-1", "--label", "API",
            "--due", "2027-01-01", "--estimate", "3", "--set", "x_team=Core", "--type", "bug", "--assignee", "alice")
    for query, expected in {
        "priority:>=high": ["OW-1"], "priority:<high": ["OW-2"], "priority:urgent,low": ["OW-1"],
        "label:api": ["OW-2"], "-label:api": ["OW-1"], "type:bug": ["OW-2"], "parent:ow-1": ["OW-2"],
        "parent:none": ["OW-1"], "depends_on:OW-1": ["OW-2"], "is:ready": ["OW-1"], "is:blocked": ["OW-2"],
        "is:ready,blocked": ["OW-1", "OW-2"], "x_team:core": ["OW-2"], "x_team:none": ["OW-1"],
        "due:<2027-06-01": ["OW-2"], "due:none": ["OW-1"], "estimate:>=3": ["OW-2"], "estimate:none": ["OW-1"],
        "assignee:bob": ["OW-1"], "created:<7d": ["OW-1", "OW-2"], "created:>7d": [], "updated:<1h": ["OW-1", "OW-2"],
        "project:ow": ["OW-1", "OW-2"], "project:zz": [], "stage:unstarted": ["OW-1", "OW-2"],
        "created:>2020-01-01": ["OW-1", "OW-2"], "created:<2020-01-01": [], '"child"': ["OW-2"],
    }.items():
        assert sorted(_slugs(repo, "ls", "--query", query)) == expected, query
    assert _slugs(repo, "ls", "assignee:@me", "--as", "alice") == ["OW-2"]


def test_lists_say_who_holds_a_claim_and_until_when(repo: Repo) -> None:
    for title in ("one", "two", "three"):
        repo.ok("new", title, "--status", "todo", "--assignee", "bob")
    repo.ok("claim", "OW-1", "--as", "bot:codex")
    repo.ok("claim", "OW-2", "--as", "bot:late")
    pass_time(repo.path, 3600)
    repo.ok("renew", "OW-1", "--as", "bot:codex")
    assert [line.split()[3] for line in repo.ok("ls").splitlines()] == ["*bot:codex", "bot:late", "bob"]
    assert "OW-1 one *bot:codex" in " ".join(repo.ok("board", env={"COLUMNS": "200"}).split())
    for found in (repo.json("ls")["tickets"], [one for column in repo.json("board")["columns"]
                                               for one in sorted(column["tickets"], key=lambda one: one["slug"])]):
        claims = {one["slug"]: one["claim"] for one in found}
        assert [claims[slug] and (claims[slug]["holder"], claims[slug]["live"]) for slug in ("OW-1", "OW-2", "OW-3")
                ] == [("bot:codex", True), ("bot:late", False), None]
    repo.ok("release", "OW-1", "--as", "bot:codex")
    assert "*" not in repo.ok("ls")
