"""A real daemon beside real edits, checkouts, commands and kills."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from gittracker.store import watermark
from tests.support import Repo, environment
from tests.test_schemas import fits

_PATIENCE = 60.0


def wait_for(condition: Callable[[], Any]) -> Any:
    """Wait until something is so and give what it gives; fail if it never is."""
    end = time.monotonic() + _PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
    return found


def index_of(repo: Repo) -> Path:
    """Give the newest index of a clone."""
    found = (repo.path / ".git/gittracker/cache").glob("index-*.db")
    return max(found, key=lambda path: int(path.stem.rpartition(".")[2]))


def rows(repo: Repo, sql: str, *values: str) -> list[Any]:
    """Ask the index itself, which looks at no file."""
    with closing(sqlite3.connect(index_of(repo), timeout=_PATIENCE)) as index:
        return index.execute(sql, values).fetchall()


def told(repo: Repo, kind: str = "ticket.updated") -> list[tuple[str, str, dict[str, Any]]]:
    """Give (slug, source, changes) of a kind of events, oldest first."""
    return [(slug, source, json.loads(changes)) for slug, source, changes in rows(
        repo, "SELECT slug, source, changes FROM event WHERE type = ? ORDER BY seq", kind)]


def edit(path: Path, old: str, new: str) -> None:
    """Edit a file by hand."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def is_watched(repo: Repo) -> bool:
    """Tell whether the daemon proves that it has seen all."""
    return watermark.is_current(str(repo.path / ".git/gittracker"), str(index_of(repo)), str(repo.tracker))


def status(repo: Repo) -> dict[str, Any]:
    """Give what a daemon says of itself, nothing before it covers everything."""
    try:
        found: dict[str, Any] = json.loads((repo.path / ".git/gittracker/cache/watch/status.json").read_text())
    except FileNotFoundError:
        return {}
    return found


@contextmanager
def daemon(repo: Repo, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a daemon until the block ends; it covers everything when the block begins."""
    running = repo.start("daemon", "run", *words)
    try:
        wait_for(lambda: running.poll() is not None or status(repo).get("pid") == running.pid)
        yield running
    finally:
        running.kill()
        running.communicate()


@pytest.fixture
def work(repo: Repo) -> Repo:
    """Give a tracker with three committed tickets."""
    repo.ok("batch", given='["new","Upload fails","--status","todo"]\n["new","Second"]\n["new","Third"]\n')
    repo.commit()
    return repo


def test_a_save_in_an_editor_is_an_event_and_after_some_quiet_an_entry_of_the_journal(work: Repo) -> None:
    with daemon(work):
        edit(work.file("OW-1"), "status: todo", "status: in-progress")
        wait_for(lambda: told(work))
        assert told(work) == [("OW-1", "editor", {"status": ["todo", "in-progress"]})]
        journal = Repo(work.path / ".git/gittracker/journal.git")
        wait_for(lambda: "Actor: editor" in journal.git("log", "-1", "--all", "--format=%B"))
        assert "status: in-progress" in journal.git("show", "--all", "-1")


def test_what_was_finished_before_a_reader_asks_is_in_the_index_in_new_folders_too(work: Repo) -> None:
    with daemon(work):
        assert wait_for(lambda: is_watched(work))
        proven = 0
        for number in range(30):
            folder = work.tracker / "tickets/7" / f"OW-{700 + number}"
            folder.mkdir(parents=True)
            (folder / "ticket.md").write_text(f"---\nslug: OW-{700 + number}\n\ntitle: By hand\n---\n")
            (folder / "ticket.md").write_text(f"---\nslug: OW-{700 + number}\n\ntitle: Round {number}\n---\n")
            work.file("OW-2").write_text(work.file("OW-2").read_text() + f"line {number}\n")
            if is_watched(work):
                proven += 1
                assert rows(work, "SELECT title FROM ticket WHERE slug = ?", f"OW-{700 + number}") == [
                    (f"Round {number}",)]
                assert rows(work, "SELECT description FROM doc JOIN ticket USING (id) WHERE slug = 'OW-2'"
                            )[0][0].endswith(f"line {number}")
        assert proven > 15


def test_without_a_daemon_with_a_dead_one_and_with_one_that_hangs_nothing_is_proven(work: Repo) -> None:
    work.ok("ls")
    assert not is_watched(work)
    with daemon(work) as running:
        assert wait_for(lambda: is_watched(work))
        running.send_signal(signal.SIGSTOP)
        assert not is_watched(work)
        edit(work.file("OW-1"), "status: todo", "status: done")
        assert [one["slug"] for one in work.json("ls", "is:closed")["tickets"]] == ["OW-1"]
        assert not list((work.path / ".git/gittracker/cache/watch").glob("*.cookie"))
    assert not is_watched(work)


def test_commands_are_told_once_by_themselves_and_read_what_the_daemon_knows(work: Repo) -> None:
    with daemon(work):
        for status in ("in-progress", "todo", "in-progress", "done"):
            work.ok("update", "OW-1", "--status", status, "--as", "bot:codex-1")
        work.ok("comment", "add", "OW-2", "--body", "hello")
        edit(work.file("OW-3"), "assignee:", "assignee: carol")
        assert [one["assignee"] for one in work.json("ls")["tickets"] if one["slug"] == "OW-3"] == ["carol"]
        wait_for(lambda: is_watched(work))
    assert [(slug, source) for slug, source, _ in told(work)] == [("OW-1", "cli")] * 4 + [("OW-3", "editor")]
    assert [(slug, source) for slug, source, _ in told(work, "comment.created")] == [("OW-2", "cli")]


def test_checkouts_in_other_worktrees_are_seen_whole_as_gits(repo: Repo, tmp_path: Path) -> None:
    repo.ok("batch", given="\n".join(json.dumps(["new", f"Ticket {n}"]) for n in range(120)))
    repo.commit()
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.ok("batch", given="\n".join([*(json.dumps(["update", f"OW-{n}", "--priority", "low"]) for n in range(1, 101)),
                                       *(json.dumps(["new", f"Late {n}"]) for n in range(150))]))
    other.commit()
    ahead = other.git("rev-parse", "HEAD")
    with daemon(repo):
        other.git("checkout", "-q", "main~0")
        wait_for(lambda: len(told(repo, "ticket.deleted")) == 150)
        other.git("checkout", "-q", ahead)

        def ended() -> bool:
            return rows(repo, "SELECT count(*) FROM event WHERE source = 'git'") == [(2 * 250,)]
        wait_for(ended)
        number, = rows(repo, "SELECT DISTINCT worktree FROM event WHERE source = 'git'")
        git_dir = Path(other.git("rev-parse", "--absolute-git-dir"))
        assert number == ((git_dir / "gittracker/worktree").read_text().strip(),)
        assert not rows(repo, "SELECT 1 FROM event WHERE source = 'editor'")
        wait_for(lambda: is_watched(repo))
    assert len(repo.json("ls", "--limit", "1000")["tickets"]) == 270


def test_worktrees_that_come_and_go_are_followed(work: Repo, tmp_path: Path) -> None:
    with daemon(work):
        work.git("worktree", "add", "-q", str(tmp_path / "other"))
        other = Repo(tmp_path / "other")
        wait_for(lambda: str(other.path) in status(work)["worktrees"] and is_watched(work))
        edit(other.file("OW-2"), "assignee:", "assignee: carol")
        wait_for(lambda: told(work) == [("OW-2", "editor", {"assignee": ["", "carol"]})])
        work.git("worktree", "remove", "--force", str(other.path))
        wait_for(lambda: status(work)["worktrees"] == [str(work.path)])
        assert wait_for(lambda: is_watched(work))


def test_an_index_made_anew_is_taken_up(work: Repo) -> None:
    with daemon(work):
        work.ok("reindex")
        wait_for(lambda: is_watched(work))
        edit(work.file("OW-1"), "status: todo", "status: done")
        wait_for(lambda: told(work) == [("OW-1", "editor", {"status": ["todo", "done"]})])


def test_a_changed_configuration_is_in_the_rows(work: Repo) -> None:
    with daemon(work):
        edit(work.tracker / "statuses.yaml", "stage: unstarted", "stage: started")
        wait_for(lambda: rows(work, "SELECT stage FROM ticket WHERE slug = 'OW-1'") == [("started",)])
        assert work.json("show", "OW-1")["stage"] == "started"


def test_one_runs_a_clone_a_second_start_says_who_and_stop_ends_it(work: Repo) -> None:
    try:
        first = fits("output/daemon", work.json("daemon", "start"))
        assert (first["started"], first["worktrees"], first["polls"]) == (True, [str(work.path)], False)
        second = fits("output/daemon", work.json("daemon", "start"))
        assert (second["started"], second["pid"]) == (False, first["pid"])
        refused = work.run("daemon", "run", "--json")
        assert refused.status == 5
        assert f"pid {first['pid']} since " in refused.error()["message"]
        assert fits("output/daemon", work.json("daemon", "status"))["holder"] == first["holder"]
        assert f'watching "{work.path}"' in "\n".join(work.json("daemon", "logs")["lines"])
    finally:
        assert work.ok("daemon", "stop").startswith("the daemon ended (pid ")
    assert work.ok("daemon", "stop") == "no daemon runs\n"
    assert fits("output/daemon", work.json("daemon", "status"))["running"] is False
    assert "ended" in work.ok("daemon", "logs").splitlines()[-1]


def test_an_idle_daemon_ends_by_itself_and_a_signal_ends_it_well(work: Repo) -> None:
    with daemon(work, "--idle-exit", "1s") as running:
        assert running.wait(_PATIENCE) == 0
        assert running.stderr and "nothing happened for 1 s" in running.stderr.read()
    with daemon(work) as running:
        running.terminate()
        assert running.wait(_PATIENCE) == 0


def test_a_daemon_that_looks_by_the_clock_sees_changes_and_proves_nothing(work: Repo, tmp_path: Path) -> None:
    with daemon(work, "--poll"):
        assert work.json("daemon", "status")["polls"] is True
        edit(work.file("OW-1"), "status: todo", "status: done")
        wait_for(lambda: told(work))
        assert not is_watched(work)
        work.git("worktree", "add", "-q", str(tmp_path / "other"))
        wait_for(lambda: len(status(work)["worktrees"]) == 2)


@pytest.mark.skipif(subprocess.run(["unshare", "-Ur", "true"], check=False, capture_output=True).returncode != 0
                    if shutil.which("unshare") else True, reason="no namespace of one's own to set a limit in")
def test_at_the_systems_limit_it_says_so_and_looks_by_the_clock(work: Repo) -> None:
    limited = subprocess.Popen(
        ["unshare", "-Ur", "sh", "-c", 'echo 5 > /proc/sys/user/max_inotify_watches; exec "$@"', "sh",
         *work.command("daemon", "run")], stderr=subprocess.PIPE, text=True, env=environment())
    try:
        assert wait_for(lambda: status(work))["polls"] is True
        edit(work.file("OW-1"), "status: todo", "status: done")
        wait_for(lambda: told(work))
    finally:
        limited.kill()
        assert limited.stderr and "sysctl fs.inotify.max_user_watches" in limited.communicate()[1]


def test_watch_prints_what_happens_with_and_without_a_daemon(work: Repo) -> None:
    def follow() -> None:
        watching = work.start("watch", "--json")
        watchdog = threading.Timer(_PATIENCE, watching.kill)
        watchdog.start()
        try:
            assert watching.stdout and watching.stderr
            assert "watch" in watching.stderr.readline()
            wait_for(lambda: is_watched(work))
            titles = iter(range(1000))

            def changed() -> dict[str, Any]:
                edit(work.file("OW-2"), "\ntitle: ", f"\ntitle: {next(titles)}")
                found: dict[str, Any] = fits("output/event", json.loads(watching.stdout.readline()))
                return found
            assert changed()["source"] == "editor"
            work.ok("comment", "add", "OW-1", "--body", "hello")
            assert json.loads(watching.stdout.readline())["type"] == "comment.created"
            watching.send_signal(signal.SIGINT)
            assert watching.wait(_PATIENCE) in (0, 130)
        finally:
            watchdog.cancel()
            watching.kill()
            watching.communicate()
    follow()
    with daemon(work):
        follow()


def test_killed_at_any_moment_under_load_nothing_is_lost_and_the_index_is_as_a_new_one(work: Repo) -> None:
    """A few rounds; benchmarks/watching.py has fifty."""
    for number in range(3):
        with daemon(work) as running:
            writers = [work.start("comment", "add", f"OW-{1 + one % 3}", "--body", f"{number} {one}")
                       for one in range(3)]
            edit(work.file("OW-1"), "\ntitle: ", f"\ntitle: {number}")
            (work.folder("OW-2") / "comments").mkdir(exist_ok=True)
            (work.folder("OW-2") / f"comments/by-hand-{number}.md").write_text("---\nby: carol\n---\nhello\n")
            time.sleep(0.05 * number)
            os.kill(running.pid, signal.SIGKILL)
            assert [one.communicate(timeout=_PATIENCE) and one.returncode for one in writers] == [0] * 3
    left = work.json("ls", "--limit", "100"), [work.json("comment", "list", f"OW-{n}") for n in (1, 2, 3)]
    assert sum(one["total"] for one in left[1]) == 12
    work.ok("reindex")
    assert left == (work.json("ls", "--limit", "100"), [work.json("comment", "list", f"OW-{n}") for n in (1, 2, 3)])
