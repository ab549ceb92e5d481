"""The house stands as drawn: imports point down, rooms of one floor don't know each other, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import Repo, environment, make_tracker

PACKAGE = Path(__file__).parents[1] / "gittracker"
FLOORS = {"domain": 0, "formats": 1, "store": 2, "git": 2, "index": 2, "board": 2, "runtime": 3, "integrations": 3,
          "registry": 3, "services": 4, "cli": 5, "http": 5, "mcp": 5, "watch": 5, "wiring": 6, "__main__": 6}
ROOF = 6
# Third-party and heavy modules, and the one room that may know each.
HOMES = {"yaml": "formats", "frontmatter": "formats", "minijinja": "formats", "watchfiles": "watch",
         "_sqlite3": "index", "sqlite3": "index"}
MOST_LINES = 400
_YOUNG_NS = 100_000_000
# What the hot commands must not import: each costs a good part of their whole budget.
HEAVY = {"dataclasses", "enum", "typing", "pathlib", "argparse", "yaml", "frontmatter", "subprocess", "json", "re",
         "inspect", "datetime"}
HOT = (("show", "OW-1"), ("show", "OW-1", "--json"), ("ls",), ("ls", "--json"), ("ready",), ("search", "upload"),
       ("new", "One more"), ("update", "OW-1", "--status", "todo"), ("comment", "add", "OW-1", "--body", "hi"),
       ("done", "OW-1"))

WRITES = (("update", "OW-1", "--status", "backlog"), ("comment", "add", "OW-1", "--body", "ho"), ("done", "OW-1"),
          ("new", "Another one"))
# What only other worktrees, branches, leases, attached files, links, sandboxes and retries ask for.
UNASKED = tuple(f"gittracker.{name}" for name in (
    "board", "services.board", "services.claim", "services.clone", "services.attached", "services.naming",
    "services.past", "services.merge", "services.sync", "services.write.placing", "services.write.access",
    "services.write.finishing", "index.boards", "index.placed", "store.own", "store.receipts", "store.watermark"))
MOST_MODULES = 78  # of ours


class Arrow:
    """One import: from a module to a module, in a line; `typed` ones exist for the type checker alone."""

    def __init__(self, source: str, target: str, line: int, typed: bool) -> None:
        self.source = source
        self.target = target
        self.line = line
        self.typed = typed

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def modules() -> dict[str, Path]:
    """Give the package's modules by dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def draw(name: str, path: Path) -> list[Arrow]:
    """Draw a module's imports, those inside functions and behind TYPE_CHECKING too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.If)
             and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" for inner in ast.walk(node)}
    found = []
    for node in ast.walk(tree):
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}:{node.lineno}: a relative import"
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            targets = [str(node.module) if node.module in MODULES and one not in MODULES else one for one in full]
        found += [Arrow(name, target, node.lineno, id(node) in typed) for target in targets]
    return found


ARROWS = [arrow for name, path in MODULES.items() for arrow in draw(name, path)]
OWN = [arrow for arrow in ARROWS if arrow.target.split(".")[0] == "gittracker"]


def room(module: str) -> str:
    """Give the room that a module lives in; the package itself, which holds the version, is the cellar."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_every_module_has_a_floor() -> None:
    assert {room(name) for name in MODULES} - {""} <= set(FLOORS)


def test_no_arrow_points_up_or_sideways() -> None:
    wrong = [str(a) for a in OWN if room(a.target) and room(a.source) != room(a.target)
             and FLOORS[room(a.target)] >= FLOORS[room(a.source)] and FLOORS[room(a.source)] < ROOF]
    assert not wrong


def test_nobody_imports_the_roof() -> None:
    assert not [str(a) for a in OWN if room(a.target) in ("wiring", "__main__") and FLOORS[room(a.source)] < ROOF]


def test_no_imports_go_in_a_circle() -> None:
    ahead: dict[str, set[str]] = {name: set() for name in MODULES}
    for arrow in OWN:
        if not arrow.typed:
            ahead[arrow.source].add(arrow.target)
    while free := [name for name, targets in ahead.items() if not targets & ahead.keys()]:
        ahead = {name: targets for name, targets in ahead.items() if name not in free}
    assert not {name: targets & ahead.keys() for name, targets in ahead.items()}


def test_libraries_stay_in_their_homes() -> None:
    wrong = [str(a) for a in ARROWS if room(a.source) != HOMES.get(a.target.split(".")[0], room(a.source))]
    assert not wrong


def test_only_the_declared_libraries_are_imported() -> None:
    outside = {a.target.split(".")[0] for a in ARROWS} - set(sys.stdlib_module_names) - {"gittracker", "__future__"}
    assert outside == {"yaml", "frontmatter", "minijinja", "watchfiles"}


@pytest.mark.parametrize("floor", ["domain", "formats"])
def test_the_pure_floors_take_no_clock_path_or_environment(floor: str) -> None:
    impure = {"os", "time", "random", "logging", "pathlib", "subprocess", "socket", "tempfile"}
    pure = {"time.gmtime", "time.strftime"}  # they read no clock when they are given a moment
    assert not [str(a) for a in ARROWS if room(a.source) == floor and a.target.split(".")[0] in impure
                and a.target not in pure]


def test_no_file_is_longer_than_a_screenful_of_screens() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert not {name: length for name, length in lengths.items() if length > MOST_LINES}


def test_every_file_says_what_lives_in_it() -> None:
    mute = [name for name, path in MODULES.items() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert not mute


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker whose configuration and identity are in the index."""
    repo = make_tracker(tmp_path_factory.mktemp("warm") / "repo")
    repo.ok("new", "Upload fails", "--status", "todo")
    past = "200001010000"  # stamps as young as the clock's grain are not trusted, so the files are made older
    for name in ("config.json", "statuses.yaml", "projects/OW.md"):
        subprocess.run(["touch", "-t", past, str(repo.tracker / name)], check=True)
    repo.ok("ls")
    repo.ok("comment", "add", "OW-1", "--body", "hi")
    return repo


def imported(repo: Repo, *words: str) -> set[str]:
    """Run a command as the console script does and give the modules that it imported."""
    code = ("import sys; before = set(sys.modules); import os; end = os._exit\n"
            "def told(status):\n    sys.stderr.write('\\n'.join(sys.modules.keys() - before)); sys.stderr.flush()\n"
            "    end(status)\n"
            "os._exit = told; from gittracker.wiring import run; run()")
    done = subprocess.run([sys.executable, "-I", "-c", code, "-C", str(repo.path), *words], capture_output=True,
                          text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines())


@pytest.mark.parametrize("words", HOT, ids=" ".join)
def test_hot_commands_import_nothing_heavy(warm: Repo, words: tuple[str, ...]) -> None:
    found = imported(warm, *words)
    assert "gittracker.cli.main" in found
    assert not found & HEAVY


def settle(repo: Repo) -> None:
    """Let the index have seen all files at rest: what the tests before wrote is read again by whoever comes next."""
    newest = max(path.stat().st_ctime_ns for path in repo.tracker.rglob("*"))
    while newest > time.time_ns() - _YOUNG_NS:  # such a file is read again by whoever comes
        time.sleep(0.01)
    repo.ok("show", "OW-1")


def test_a_reading_command_imports_few_modules(warm: Repo) -> None:
    """Each module costs about 0.03 Y to load, so the count is a budget too."""
    settle(warm)
    own = [name for name in imported(warm, "show", "OW-1") if name.startswith("gittracker")]
    assert len(own) < 50


@pytest.mark.parametrize("words", WRITES, ids=" ".join)
def test_a_writing_command_imports_what_a_lone_worktree_needs(warm: Repo, words: tuple[str, ...]) -> None:
    settle(warm)
    own = {name for name in imported(warm, *words) if name.startswith("gittracker")}
    assert not {name for name in own if name.startswith(UNASKED)}
    assert len(own) < MOST_MODULES


def started(repo: Repo, trace: Path, *words: str) -> list[str]:
    """Run a command and give the git commands that it and git itself started."""
    repo.ok(*words, env={"GIT_TRACE": str(trace)})
    return [line.partition(" built-in: ")[2] for line in trace.read_text("utf-8").splitlines() if " built-in: " in line]


def test_a_write_starts_git_just_once(warm: Repo, tmp_path: Path) -> None:
    """For the journal; and git itself starts no other, as it would to unpack what is small."""
    warm.ok("update", "OW-1", "--assignee", "bob")
    settle(warm)
    for number, status in enumerate(("backlog", "todo", "backlog")):  # the last leaves bytes that git has already
        only, = started(warm, tmp_path / str(number), "update", "OW-1", "--status", status)
        assert "fast-import" in only


def test_whether_git_brought_a_file_that_is_younger_than_its_index_is_no_question(warm: Repo, tmp_path: Path) -> None:
    path = next(warm.tracker.glob("tickets/0/OW-1-*/ticket.md"))
    warm.git("add", ".openkit")
    path.write_text(path.read_text("utf-8") + "\nSeen again.\n", "utf-8")
    only, = started(warm, tmp_path / "trace", "update", "OW-1", "--assignee", "alice")
    assert "fast-import" in only
    assert "editor" in warm.ok("log", "OW-1")
