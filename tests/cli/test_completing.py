"""What a word can become: commands, flags and values of the tracker; silent, read-only, never waiting."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gittracker.cli import completing, shells
from gittracker.cli.completing import SOURCE_OF, complete
from gittracker.cli.main import find
from gittracker.cli.table import COMMANDS
from gittracker.services.completing import SOURCES
from tests.support import Repo, environment, make_tracker
from tests.test_schemas import fits
from tests.test_structure import HEAVY, imported

ODD = """it's "odd" $(touch evil) `x` \\ 100% \t😀"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker with a bit of everything; the tests only read it."""
    repo = make_tracker(tmp_path_factory.mktemp("busy") / "repo")
    lines = [["new", "Upload fails", "--status", "todo", "--label", "backend", "--label", "two words"],
             ["new", ODD.replace("\t", " "), "--status", "in-progress", "--assignee", "bot:codex-1"],
             ["new", "Over", "--status", "done"], ["new", "Away"], ["ticket", "archive", "OW-4"]]
    repo.ok("batch", given="".join(json.dumps(line) + "\n" for line in lines))
    repo.ok("epic", "create", "Big plan")
    (repo.tracker / "members").mkdir()
    (repo.tracker / "members" / "alice.md").write_text("---\nusername: alice\n\nemail: alice@example.com\n---\n")
    (repo.tracker / "harnesses").mkdir()
    (repo.tracker / "harnesses" / "coding.md").write_text("text")
    (repo.tracker / "skills" / "lint").mkdir(parents=True)
    (repo.tracker / "pages" / "OW" / "guide").mkdir(parents=True)
    (repo.tracker / "pages" / "OW" / "guide" / "setup.md").write_text("---\ntitle: Setup\n---\n")
    (repo.tracker / "hooks.yaml").write_text("steps: []\n")
    repo.ok("epic", "list")
    repo.ok("ls")
    return repo


def asked(repo: Repo, line: str) -> list[str]:
    """Complete the last word of a line."""
    *words, current = line.split(" ")
    return [value for value, _ in complete(words, current, str(repo.path)).candidates]


@pytest.mark.parametrize(("line", "expected"), [
    ("sho", ["show"]), ("tick", ["ticket"]), ("--ver", []), ("--js", ["--json"]), ("help und", ["undo"]),
    ("ticket unli", ["unlink"]), ("ticket zz", []), ("--as bot:x ticket unli", ["unlink"]), ("nonsense x", []),
    ("show ", ["OW-1", "OW-2"]), ("show ow-", ["OW-1", "OW-2"]), ("show OW-3", ["OW-3"]),
    ("done OW-1 ", ["OW-1", "OW-2"]),
    ("ticket reopen ", ["OW-3"]), ("ticket unarchive ", ["OW-4"]), ("show OW-1 ", []), ("show -- OW-2", ["OW-2"]),
    ("update OW-1 --status in-", ["in-progress", "in-review"]), ("update OW-1 --status=do", ["--status=done"]),
    ("update OW-1 --stat", ["--status"]), ("new x --type=bu", ["--type=bug", "--type=bugfix"]),
    ("new x --priority u", ["urgent"]), ("new x --label ", ["backend", "two words"]),
    ("update OW-1 --label-remove ba", ["backend"]),
    ("update OW-1 --assignee ", ["@me", "alice", "alice-smith", "bot:codex-1"]),
    ("--as bot", ["bot:codex-1"]), ("show --as al", ["alice", "alice-smith"]), ("new x --project ", ["OW"]),
    ("ticket link OW-1 dep", ["depends_on"]), ("ticket link OW-1 parent OW-", ["OW-1", "OW-2"]),
    ("status show do", ["done"]),
    ("project show ", ["OW"]), ("member show al", ["alice", "alice-smith"]), ("epic show ", ["OW-E1"]),
    ("ls --sort cr", ["created"]), ("ls -sta", ["-status:", "-stage:", "-started:"]), ("ls status:to", ["status:todo"]),
    ("ls -status:todo,do", ["-status:todo,done"]), ("ls label:tw", ['label:"two words"']),
    ("ls is:re", ["is:ready"]),
    ("ls assignee:@", ["assignee:@me"]), ("ls zz:", []), ("ls epic:ow", ["epic:OW-E1"]),
    ("init --statuses openw", ["openweave"]),
    ("trust .open", [".openkit/config.json", ".openkit/hooks.yaml"]), ("trust li", ["list"]), ("completion z", ["zsh"]),
    ("prime --for OW-2", ["OW-2"]), ("page show OW/g", ["OW/guide/setup"]), ("comment add OW", [
        "OW-1", "OW-2", "OW-E1", "OW/guide/setup"]), ("harness show c", ["coding"]), ("skill show l", ["lint"]),
    ("member add bob --kind b", ["bot"]), ("status delete todo --to in-p", ["in-progress"]),
    ("status reset --set openk", ["openkit"]), ("schema tick", ["ticket"]), ("epic create x --owner al", [
        "alice", "alice-smith"]), ("workpad show OW-1 --section pr", ["Progress"]), ("resolve OW-E", ["OW-E1"]),
    ("diff main..x --format m", ["md"]), ("graph --format=m", ["--format=mermaid"])])
def test_a_word_can_become(busy: Repo, line: str, expected: list[str]) -> None:
    assert asked(busy, line) == expected


def test_a_ticket_comes_with_its_title_and_a_status_with_its_name(busy: Repo) -> None:
    place = str(busy.path)
    assert complete(["show"], "OW-1", place).candidates == [("OW-1", "Upload fails")]
    assert complete(["status", "show"], "in-r", place).candidates == [("in-review", "In Review, started")]
    assert complete(["epic", "show"], "", place).candidates == [("OW-E1", "Big plan")]


def test_many_commands_come_with_their_group_and_few_with_what_they_do(busy: Repo) -> None:
    every = dict(complete([], "", str(busy.path)).candidates)
    assert every.keys() >= {words.split(" ")[0] for words in COMMANDS}
    assert (every["show"], every["prime"]) == ("every day", "agents")
    assert every["comment"] == "add, list, edit, delete"
    assert dict(complete([], "sho", str(busy.path)).candidates) == {"show": "Show a ticket"}
    assert all(about for _, about in complete(["ticket"], "", str(busy.path)).candidates)


@pytest.mark.parametrize(("words", "mode"), [
    (["comment", "add", "OW-1", "--body-file"], completing.FILES), (["-C"], completing.FOLDERS),
    (["ls", "-C"], completing.FOLDERS), (["onboard", "--file"], completing.FILES), (["ls"], completing.OPEN),
    (["show"], completing.WORDS)])
def test_the_shell_is_told_what_to_do(busy: Repo, words: list[str], mode: str) -> None:
    assert complete(words, "", str(busy.path)).mode == mode


def test_a_flag_that_was_given_is_not_offered_again_unless_it_can_be_repeated(busy: Repo) -> None:
    found = asked(busy, "new x --status todo --label a --")
    assert "--label" in found and "--status" not in found and "--help" in found


def test_another_folder_is_looked_into_where_one_is_named(busy: Repo, tmp_path: Path) -> None:
    found = complete(["-C", str(busy.path), "show"], "OW-1", str(tmp_path))
    assert [value for value, _ in found.candidates] == ["OW-1"]


def test_every_source_is_known_and_used() -> None:
    assert set(SOURCE_OF.values()) == set(SOURCES)


def test_every_argument_that_names_a_record_is_completed() -> None:
    """A new command whose argument has a usual name is completed without a line of its own."""
    nouns = {"ticket", "tickets", "status", "member", "project", "epic", "page", "skill", "harness"}
    named = {arg.name for words in COMMANDS if (one := find(words.split(" "))[0]) for arg in one.args}
    assert named & nouns and named & nouns <= SOURCE_OF.keys()


@pytest.mark.parametrize("line", [
    "show ", "ls status:", "update OW-1 --assignee ", "trust ", "new x --label ", "epic show ", "ticket link OW-1 "])
def test_nothing_breaks_where_there_is_no_tracker(bare_repo: Repo, tmp_path: Path, line: str) -> None:
    asked(bare_repo, line)
    *words, current = line.split(" ")
    complete(words, current, str(tmp_path))
    complete(words, current, str(tmp_path / "none"))
    bare_repo.tracker.mkdir()
    (bare_repo.tracker / "config.json").write_text("{broken")
    (bare_repo.tracker / "statuses.yaml").write_text("- [broken")
    asked(bare_repo, line)


@given(st.lists(st.one_of(st.text(max_size=6), st.sampled_from(sorted(COMMANDS)), st.sampled_from(
    ["--", "-", "--status", "--as", "-C", "ticket", "ls", "a:b", "--x=y", ""])), max_size=5), st.text(max_size=6))
@settings(deadline=None)
def test_any_line_has_an_answer(words: list[str], current: str) -> None:
    parts = [part for word in words for part in word.split(" ")]
    found = complete(parts, current, "/")
    assert all(value.lower().startswith(current.lower()) or '"' in current for value, _ in found.candidates)


def state(repo: Repo) -> list[tuple[str, int, int]]:
    """List every file of a repository with its time and size."""
    return sorted((str(p), p.lstat().st_mtime_ns, p.lstat().st_size) for p in repo.path.rglob("*"))


def ask(repo: Repo, *words: str, shell: str = "fish") -> subprocess.CompletedProcess[str]:
    """Complete as a shell does; an answer that takes as long as a locked index does is none."""
    return subprocess.run([sys.executable, "-m", "gittracker", "completion", shell, "--", *words], cwd=repo.path,
                          capture_output=True, text=True, check=False, env=environment(), timeout=9)


def test_it_writes_nothing_and_needs_no_index(busy: Repo, tmp_path: Path) -> None:
    before = state(busy)
    assert ask(busy, "show", "").stdout.startswith("words\nOW-1\tUpload fails\nOW-2\t")
    assert state(busy) == before
    subprocess.run(["git", "clone", "-q", str(busy.path), str(tmp_path / "clone")], check=True, env=environment())
    clone = Repo(tmp_path / "clone")
    (clone.tracker / "tickets" / "0" / "OW-7-abcd").mkdir(parents=True)
    before = state(clone)
    done = ask(clone, "show", "")
    assert (done.stdout, done.stderr, done.returncode) == ("words\nOW-7\n", "", 0)
    assert state(clone) == before


def test_a_ticket_made_since_the_index_was_written_is_offered_by_its_folder(repo: Repo) -> None:
    repo.ok("new", "First")
    repo.ok("ls")
    folder = repo.tracker / "tickets" / "0" / "OW-2-abcd"
    folder.mkdir()
    (folder / "ticket.md").write_text("---\ntitle: Pulled\n---\n")
    assert ask(repo, "show", "").stdout == "words\nOW-1\tFirst\nOW-2\n"


def test_a_locked_or_broken_index_is_not_waited_for(repo: Repo) -> None:
    repo.ok("new", "First", "--label", "api")
    path = next((repo.path / ".git" / "gittracker" / "cache").glob("index-*.db"))
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    done = ask(repo, "show", "")
    assert (done.stdout, done.stderr, done.returncode) == ("words\nOW-1\n", "", 0)
    assert ask(repo, "new", "x", "--label", "").stdout == "words\n"
    assert "todo\tTodo, unstarted" in ask(repo, "status", "show", "").stdout
    lock.execute("ROLLBACK")
    lock.close()
    path.write_bytes(b"no database" * 500)
    done = ask(repo, "show", "")
    assert (done.stdout, done.stderr, done.returncode) == ("words\nOW-1\n", "", 0)


def test_what_a_title_hides_does_not_reach_the_terminal(repo: Repo) -> None:
    repo.ok("new", "Plain")
    file = repo.file("OW-1")
    file.write_text(file.read_text().replace("title: Plain", 'title: "a\\tb\\e[31m\\nc"'))
    repo.ok("ls")
    assert ask(repo, "show", "").stdout == "words\nOW-1\ta b\ufffd[31m c\n"


def test_candidates_and_scripts_can_be_had_as_json(busy: Repo) -> None:
    found = fits("output/completion", busy.json("completion", "zsh", "show", "OW-1"))
    assert found == {"mode": "words", "candidates": [{"value": "OW-1", "about": "Upload fails"}]}
    assert fits("output/completion", busy.json("completion", "bash"))["script"] == shells.BASH


def test_it_loads_nothing_heavy(busy: Repo) -> None:
    for words in (["show", ""], ["ls", "status:"], ["done", "OW-1", "--status", ""], [""]):
        assert not imported(busy, "completion", "zsh", "--", *words) & HEAVY


@pytest.mark.parametrize(("text", "words", "current", "quote", "settled"), [
    ("gittracker show O", ["gittracker", "show"], "O", "", ""),
    ("gittracker show ", ["gittracker", "show"], "", "", ""),
    ("gittracker ls status:to", ["gittracker", "ls"], "status:to", "", "status:"),
    ("gittracker ls 'status:to", ["gittracker", "ls"], "status:to", "'", ""),
    ('gittracker new "two wo', ["gittracker", "new"], "two wo", '"', ""),
    (r"gittracker x two\ wo", ["gittracker", "x"], "two wo", "", ""),
    ('gittracker x "a b" "c\\"d', ["gittracker", "x", "a b"], 'c"d', '"', ""),
    ("g --as=bot:c", ["g"], "--as=bot:c", "", "--as=bot:"),
    ("g --as @m", ["g", "--as"], "@m", "", ""), ("g '' x", ["g", ""], "x", "", ""), (r"g a\:b", ["g"], "a:b", "", "")])
def test_a_line_of_bash_is_taken_apart(text: str, words: list[str], current: str, quote: str, settled: str) -> None:
    line = shells.read_bash(text, " \t\n\"'@><=;|&(:")
    assert (line.words, line.current, line.quote, line.settled) == (words, current, quote, settled)


@given(st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), max_size=30))
@settings(deadline=None, max_examples=50)
def test_a_candidate_is_written_so_that_bash_reads_it_back(value: str) -> None:
    written = [quote + shells.bash_word(value, shells.Line([], "", quote, "")) + quote for quote in ("'", '"', "")]
    line = f"set +H; for one in {' '.join(written)}; do printf '%s\\n' \"$one\"; done"
    done = subprocess.run(["bash", "--norc", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == f"{value}\n" * (3 if value else 2)
