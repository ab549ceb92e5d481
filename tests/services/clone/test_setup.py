"""Init takes its statuses from a set or a file; what is wrong in the file is told with path and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gittracker.formats import yaml_doc
from tests.support import Repo
from tests.test_schemas import fits

BOARD = """\
# Our board.
- name: Inbox
  stage: backlog
  x_owner: alice   # asks on Mondays
- {name: Doing, stage: started, slug: wip}
- name: Shipped
  stage: completed
  color: '#00FF00'
"""


def test_a_file_of_statuses_is_taken_with_its_comments_and_completed(bare_repo: Repo, tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    (tmp_path / "ours.yaml").write_text(BOARD)
    path.symlink_to("ours.yaml")
    bare_repo.ok("init", "--prefix", "OW", "--statuses", str(path))
    text = (bare_repo.tracker / "statuses.yaml").read_text()
    assert text == BOARD.replace("# asks on Mondays\n", "# asks on Mondays\n  slug: inbox\n  default: true\n").replace(
        "  color: '#00FF00'\n", "  color: '#00FF00'\n  slug: shipped\n")
    fits("files/statuses", yaml_doc.load(text.encode(), ""))
    assert [one["slug"] for one in bare_repo.json("status", "list")["statuses"]] == ["inbox", "wip", "shipped"]
    assert bare_repo.json("new", "A")["ticket"]["status"] == "inbox"
    told = bare_repo.ok("init", "--statuses", "openkit")
    assert "gittracker status reset takes another set" in told
    assert (bare_repo.tracker / "statuses.yaml").read_text() == text


@pytest.mark.parametrize(("text", "line", "said"), [
    ("- name: A\n- name: B\n  stage: doing\n", 2, 'stage "doing" of b is none of backlog'),
    ("- name: A\n\n- name: a\n", 3, 'can\'t be told from the status "A"'), ("- A\n", 1, "not a status of its own"),
    ("- name: A\n  default: true\n- name: B\n  default: true\n", 3, "second default"),
    ("- name: Done\n  stage: completed\n", 1, "no status is open"), ("name: A\n", 1, "not a list of statuses"),
    ("- name: A\n  name: [\n", 3, "broken YAML"), ("", 1, "no status"),
    ("- name: A\n- max_active_runs: 1\n", 2, "not a status of its own"),
    ("- name: Done\n  stage: completed\n  default: true\n- name: A\n", 1, "new tickets would be closed")])
def test_a_file_that_is_no_board_is_refused_with_its_path_and_line(bare_repo: Repo, tmp_path: Path, text: str,
                                                                   line: int, said: str) -> None:
    path = tmp_path / "board.yaml"
    path.write_text(text)
    done = bare_repo.run("init", "--prefix", "OW", "--statuses", str(path))
    assert done.status == 7 and f"{path}:{line}: " in done.err and said in done.err, done.err
    assert not bare_repo.tracker.exists()


@pytest.mark.parametrize("given", ["kanban", "", "a\nb", "/"])
def test_what_is_neither_a_set_nor_a_file_is_refused(bare_repo: Repo, given: str) -> None:
    done = bare_repo.run("init", "--statuses", given)
    assert done.status in (2, 7) and "hint: " in done.err, done.err
    assert not bare_repo.tracker.exists()
