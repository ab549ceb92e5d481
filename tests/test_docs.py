"""The docs say what is so: commands in them are run, tables are made from the code, links lead somewhere."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from gittracker.cli.table import COMMANDS
from gittracker.domain import query
from gittracker.domain.ticket import Ticket
from tests import transcript
from tests.support import environment

TOP = Path(__file__).parents[1]
PAGES = [TOP / "README.md", TOP / "CHANGELOG.md", TOP / "hooks" / "README.md", *sorted((TOP / "docs").glob("*.md"))]
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.S | re.M)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
WITH_COMMANDS = [page for page in PAGES if _CONSOLE.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_on_a_page_give_what_it_shows(page: Path, tmp_path: Path) -> None:
    told = "\n".join(_CONSOLE.findall(page.read_text(encoding="utf-8")))
    assert not transcript.differences(told, transcript.Shell(tmp_path, as_typed=True))


def test_the_pages_take_from_the_code_what_is_in_it_now() -> None:
    for name, text in runpy.run_path(str(TOP / "docs" / "generate.py"))["texts"]().items():
        assert (TOP / "docs" / name).read_text(encoding="utf-8") == text, f"{name}: run python docs/generate.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_every_file_that_has_a_schema_is_described() -> None:
    text = (TOP / "docs" / "files.md").read_text(encoding="utf-8")
    of_their_own = {"config": "config", "statuses": "status fields"}
    missing = [path.stem for path in (TOP / "schemas" / "files").glob("*.json")
               if f"<!-- from the code: {of_their_own.get(path.stem, f'{path.stem} fields')} -->" not in text]
    assert not missing


def test_every_key_of_a_query_is_documented() -> None:
    text = (TOP / "docs" / "queries.md").read_text(encoding="utf-8")
    spelled: dict[str, list[str]] = {}
    for short, field in query.NAMES.items():
        spelled.setdefault(field, []).append(short)
    rare = {"aliases", "approval", "external_links", "ref", "repo_scopes"}
    keys = {*Ticket.FIELDS, "project", "stage", "is", "updated_at"} - rare - {"archived"}
    missing = [key for key in sorted(keys) if not any(f"`{name}:" in text for name in (key, *spelled.get(key, [])))]
    assert not missing
    assert not [state for state in query.STATES if f"is:{state}" not in text]
    assert not [sort for sort in query.SORTS if sort != "rank" and f"`{sort}`" not in text]


def test_the_readme_opens_with_what_it_is_and_two_commands() -> None:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    first, second = re.findall(r"^```sh\n(.*)\n```$", text, re.M)[:2]
    assert first.endswith("gittracker demo")
    assert second.endswith("-m pytest") and "[test]" in second
    assert text.index(first) < 1200
    assert not re.search(r"/(work|tmp|home|root)/", text)


def test_the_check_script_runs_the_readmes_test_command() -> None:
    script = (TOP / ".ci" / "run").read_text(encoding="utf-8")
    assert "grep -m1 -F '[test]' README.md" in script
    lines = [line for line in (TOP / "README.md").read_text(encoding="utf-8").splitlines() if "[test]" in line]
    assert lines[0].count(" && ") == 2


def test_the_short_tour_needs_no_identity_of_gits(tmp_path: Path) -> None:
    """A machine where git knows no user has the demo too."""
    shell = transcript.Shell(tmp_path, as_typed=True)
    unknown = {k: v for k, v in environment(HOME=str(tmp_path)).items() if not k.endswith(("_NAME", "_EMAIL"))}
    shell.environment = unknown
    shell.environment["PATH"] = f"{tmp_path / 'bin'}:{shell.environment['PATH']}"
    output, status = shell.run("gittracker demo")
    assert status == 0, output
    assert "OW-2  todo  medium  Write the release notes" in output


def test_all_commands_are_on_the_page_of_commands() -> None:
    text = (TOP / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == list(COMMANDS)
