"""A real tracker, two people with editors and four agents in four worktrees: what they do is seen, merged and told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import many_hands
from tests.many_hands import EDITORS, Crew
from tests.support import Repo, make_repo
from tests.templates import copy

SOURCE = Path(__file__).parents[3] / "shared" / "data" / "beans"
_PATIENCE = 60
_CAROL = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
          for what, value in (("NAME", "Carol"), ("EMAIL", "carol@example.com"))}
_AGENTS = {"claude-1": "2", "claude-2": "1 3", "codex-1": "1 2"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Crew:
    """Give a clone with a real tracker and four worktrees, in which nobody has done anything yet."""
    if not SOURCE.exists():
        pytest.skip(f"the real trackers are not beside the project: {SOURCE}")
    return many_hands.make("beans", SOURCE, tmp_path_factory.mktemp("crew"))


def fresh(template: Crew, folder: Path) -> Crew:
    """Copy that clone, with a remote of its own."""
    folder.mkdir(exist_ok=True)
    make_repo(folder / "origin.git", "--bare")
    home = Repo(copy(template.home, folder / "repo", whole=True).path)
    home.git("remote", "add", "origin", "../origin.git")
    home.git("push", "-q", "-u", "origin", "main")
    Repo(folder).git("clone", "-q", "origin.git", "clone")
    (folder / "notes").mkdir()
    return Crew(home, folder / "notes")


def work(crew: Crew, agents: dict[str, str]) -> None:
    """Let all of them work at the same time."""
    running = crew.start_agents(agents)
    many_hands.edit(crew)
    crew.end_agents(running)


@pytest.fixture(scope="module")
def crew(template: Crew, tmp_path_factory: pytest.TempPathFactory) -> Crew:
    """Give the clone when all have worked, and committed nothing."""
    made = fresh(template, tmp_path_factory.mktemp("worked"))
    work(made, _AGENTS)
    return made


def board(repo: Repo) -> list[Any]:
    """Give all that the board has of tickets."""
    found: list[Any] = repo.json("ls", "--all", "--limit", "20000")["tickets"]
    return found


def values(repo: Repo) -> dict[str, Any]:
    """Give what the board shows of each ticket, whatever the order of its labels, and where and when it was written."""
    left_out = ("etag", "updated_at", "claim")
    return {one["ref"]: {name: sorted(value) if name == "labels" else value for name, value in one.items()
                         if name not in left_out} for one in repo.json("ls", "--all", "--limit", "20000")["tickets"]}


def test_everything_is_seen_from_everywhere(crew: Crew) -> None:
    assert crew.seen.missing(crew.home) == []
    for words in (["ls", "--all", "--limit", "1000"], ["ready", "--limit", "100"], ["search", "emma"], ["board"],
                  ["log", "--limit", "300"], ["leases"], ["recover"], ["comment", "list", crew.claims()[0][2]]):
        said = {repo.ok(*words, "--json").replace('"here": true', '"here": false') for repo in crew.everywhere}
        assert len(said) == 1, words


def test_nobody_gets_what_another_has_and_what_was_given_back_may_be_taken_again(crew: Crew) -> None:
    claims = crew.claims()
    assert len({number for *_, number in claims}) == len(claims) == 5
    for slug in {slug for _, _, slug, _ in claims}:
        rounds = [round_ for _, round_, one, _ in claims if one == slug]
        assert set(rounds[:-1]) <= {2}, claims
    held = {slug: f"bot:{agent}" for agent, round_, slug, _ in claims if round_ == 3}
    assert {one["slug"]: one["holder"] for one in crew.home.json("leases")["leases"]} == held
    slug, holder = next(iter(held.items()))
    refused = crew.works["emma"].run("claim", slug, "--json")
    assert (refused.status, refused.error()["code"], refused.error()["holder"]) == (6, "LEASE_HELD", holder)


def test_the_board_says_what_each_of_them_has_and_what_they_do_not_agree_on(crew: Crew) -> None:
    drift = {Path(one["replica"].partition(" (")[0]).name: one for one in crew.home.json("board", "--drift")["drift"]}
    assert set(drift) == set(crew.works)
    told = {name: {(change["change"], change["name"]) for change in one["records"]} for name, one in drift.items()}
    for name, gone in zip(EDITORS, crew.removed, strict=True):
        assert ("removed", gone) in told[name]
    assert ("new", "OW-900") in told["emma"] and ("new", "OW-901") in told["vim"]
    for agent, _, slug, _ in crew.claims():
        assert ("changed", slug) in told[agent.partition("-")[0]]
    disputes = crew.home.json("board", "--disputes")["disputes"]
    assert [(one["name"], one["field"], one["shown"], one["other"]) for one in disputes] == [
        (crew.parted, "title", "Vim wants it otherwise", "Emma wants it so")]
    where = {one["field"]: one for one in crew.works["codex"].json("show", crew.both, "--where")["fields"]}
    assert where["title"]["branch"] == "emma" and where["assignee"]["branch"] == "vim"
    assert where["title"]["commit"] is None  # nobody has committed it


def test_what_is_merged_is_there_and_as_the_board_had_it(crew: Crew, tmp_path: Path) -> None:
    before = values(crew.home)
    many_hands.commit(crew)
    assert values(crew.home) == before
    trial = Repo(tmp_path / "trial")
    crew.home.git("worktree", "add", "-q", "--detach", str(trial.path), "main")
    for branch in ("codex", "vim", "claude", "emma"):
        many_hands.merge(trial, branch)
    assert crew.seen.missing(trial, "--here") == []
    assert values(trial) == before
    crew.home.git("worktree", "remove", str(trial.path))
    assert values(crew.home) == before


def test_what_landed_and_was_merged_and_synced_is_everywhere_and_nobody_is_wronged(crew: Crew) -> None:
    home, clone = crew.home, Repo(crew.home.path.parent / "clone")
    home.ok("land", "vim")  # another order than before
    many_hands.merge(home, "emma")
    home.ok("land", "codex")
    for branch in crew.works:
        many_hands.merge(home, branch)
    assert crew.seen.missing(home, "--here") == []
    assert home.json("board", "--drift")["drift"] == home.json("board", "--disputes")["disputes"] == []
    check_audit(crew)
    clone.ok("setup")
    clone.ok("new", "Thought of in the clone")
    taken = crew.claims()[0][2]
    clone.ok("update", taken, "--label-add", "carol")
    clone.ok("comment", "add", crew.parted, "--body", "carol has seen both")
    crew.seen.labels.add((taken, "carol"))
    crew.seen.comments.add((crew.parted, "carol has seen both"))
    crew.seen.titles.add("Thought of in the clone")
    for repo in (home, clone, home):
        repo.ok("sync", env=_CAROL if repo is clone else {})
    assert home.git("rev-parse", "HEAD:.openkit") == clone.git("rev-parse", "HEAD:.openkit")
    for repo in (home, clone):
        assert crew.seen.missing(repo, "--here") == []
        assert values(repo) == values(home)
        assert repo.git("status", "--porcelain") == ""
    check_audit(crew)
    names = [one["slug"] for one in board(home)]
    assert len(names) == len(set(names))
    problems = home.json_whatever("doctor")["problems"]
    by_hand = [Path(one["path"]).parent.name[:6] for one in problems if one["fixable"]]
    assert by_hand == ["OW-900", "OW-901"]  # they lack what the tool writes
    home.ok("doctor", "--fix")
    left = home.json_whatever("doctor")["problems"]
    assert left == [one for one in problems if not one["fixable"]]
    assert all(any(ref in one["message"] for ref in crew.removed_refs) for one in left)  # children of what was deleted


def check_audit(crew: Crew) -> None:
    """Everything that the editors did is named as done around the tool, and nothing else."""
    changes = [change for one in crew.home.json_whatever("audit", "verify")["findings"] for change in one["changes"]]
    labels = {label for _, label in crew.seen.labels if not label.startswith(("by-", "carol"))}
    texts = {text for _, text in crew.seen.comments if text.startswith(EDITORS)}
    named = set()
    for one in changes:
        if one["field"] == "labels":
            new = set(one["new"]) - set(one["old"])
            assert new & labels, one
            named |= new & labels
        elif one["field"] == "description":
            assert set(one["new"].split("\n")) - set(one["old"].split("\n")) <= {
                "", *(f"- [ ] {name} wants this too" for name in EDITORS)}, one
        else:
            named.add(one["new"] or one["old"])
    wanted = {"What emma calls it", "vim", "Emma wants it so", "in-progress", "2027-01-31", "Thought of by emma",
              "Thought of by vim", *labels, *texts, *(crew.titles[slug] for slug in crew.removed)}
    assert named - {"Vim wants it otherwise"} == wanted  # which is a command's since somebody resolved it so


@pytest.fixture
def watched(template: Crew, tmp_path: Path) -> Iterator[Crew]:
    """Give the clone with a daemon that covers all worktrees, until the test ends."""
    made = fresh(template, tmp_path / "watched")
    made.home.ok("daemon", "start")
    yield made
    made.home.ok("daemon", "stop")


def events(repo: Repo, start: str) -> list[dict[str, Any]]:
    """Give the events since one."""
    found: list[dict[str, Any]] = repo.json("events", "--since", start, "--limit", "1000")["events"]
    return found


def test_with_a_daemon_each_change_is_told_once_and_seen_from_everywhere(watched: Crew) -> None:
    home = watched.home
    start = home.json("events", "--limit", "1")["last"]
    work(watched, {"claude-1": "1", "codex-1": "2"})
    for repo in watched.everywhere:
        assert values(repo) == values(home), repo.path.name
    assert watched.seen.missing(home) == []
    told = events(home, start)
    assert watched.seen.told_otherwise(told) == []
    journal = Repo(home.path / ".git/gittracker/journal.git")
    deadline = time.monotonic() + _PATIENCE  # after some quiet the daemon journals what editors did, which is no news
    while journal.git("log", "--all", "--format=%s", "--grep=^Actor: editor").count("as found") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    home.ok("ls", "--fresh")
    assert events(home, start) == told
    assert home.json("daemon", "status")["running"]
