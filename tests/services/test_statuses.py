"""Statuses are made, changed, deleted and reset, and what names them follows in the same entry."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gittracker.formats import statuses_yaml
from tests.services.write.test_races import check_index, racing
from tests.support import Done, Repo

FIVE = ("backlog", "todo", "in-progress", "in-review", "done", "cancelled")


def batch(repo: Repo, *commands: list[str]) -> None:
    """Run commands as one entry."""
    repo.ok("batch", given="\n".join(json.dumps(one) for one in commands))


@pytest.fixture
def board(repo: Repo) -> Repo:
    """Give a tracker with a ticket of each kind of status: OW-1 in review, OW-2 done, OW-3 archived in review."""
    batch(repo, ["new", "A", "--status", "in-review"], ["new", "B"], ["done", "OW-2"],
          ["new", "C", "--status", "in-review"], ["ticket", "archive", "OW-3"])
    return repo


def slugs(repo: Repo) -> list[str]:
    """Give the slugs of the board, in order."""
    return [one["slug"] for one in repo.json("status", "list")["statuses"]]


def default(repo: Repo) -> str:
    """Give the default, of which there must be one, told in the file itself."""
    found = [one["slug"] for one in repo.json("status", "list")["statuses"] if one["default"]]
    assert len(found) == 1
    return str(found[0])


def statuses_of(repo: Repo) -> list[str]:
    """Give the status of every ticket, as the files say it."""
    tickets = sorted(repo.tracker.glob("tickets/*/*/ticket.md"))
    return [next(line for line in path.read_text().splitlines() if line.startswith("status:"))[8:] for path in tickets]


def entries(repo: Repo) -> int:
    """Count the entries of the journal."""
    return len([one for one in repo.json("log", "--limit", "200")["entries"] if one["source"] == "journal"])


def refused(done: Done, status: int, part: str) -> None:
    """Check a refusal: its exit status, a part of its message, and that there is a next step."""
    assert (done.status, part in done.err, "hint: " in done.err) == (status, True, True), done.err


def test_a_status_is_created_where_it_was_asked_for(board: Repo) -> None:
    made = board.json("status", "create", "In QA", "--stage", " Started ", "--color", "#123456", "--icon", "flask",
                      "--max-active-runs", "2")
    assert made["status"] == {"slug": "in-qa", "name": "In QA", "stage": "started", "color": "#123456",
                              "icon": "flask", "max_active_runs": 2, "default": False}
    assert made["also"] == [] and made["receipt"]["entry"]
    assert slugs(board) == ["backlog", "todo", "in-progress", "in-review", "in-qa", "done", "cancelled"]
    board.ok("status", "create", "Someday", "--stage", "backlog", "--before", "Backlog")
    board.ok("status", "create", "Next", "--after", "done", "--slug", "Up next")
    assert slugs(board)[0] == "someday" and slugs(board)[6:8] == ["done", "up-next"]
    assert board.json("status", "show", "next")["stage"] == "unstarted"
    batch(board, ["status", "create", "Parked", "--stage", "backlog", "--default"], ["new", "D"])
    assert default(board) == "parked" and board.json("show", "OW-4")["status"] == "parked"
    board.ok("undo")
    board.ok("undo")
    assert default(board) == "backlog" and "up-next" not in slugs(board) and board.run("show", "OW-4").status == 3


@pytest.mark.parametrize(("words", "status", "part"), [
    (["create", "Todo"], 5, 'there is a status "Todo" (todo)'), (["create", "X", "--slug", "DONE"], 5, '"Done" (done)'),
    (["create", "in_review"], 5, '"In Review"'), (["create", "X", "--stage", "done"], 2, "is none of backlog"),
    (["create", "!!"], 2, "no letter or digit"), (["create", "  "], 2, "is empty"),
    (["create", "a\nb"], 2, "not one line"), (["create", "X", "--max-active-runs", "-1"], 2, "no number"),
    (["create", "X", "--stage", "completed", "--default"], 5, "can't be the default"),
    (["create", "X", "--before", "nothing"], 3, 'no other status "nothing"'),
    (["create", "X", "--before", "todo", "--after", "done"], 2, "can't both be given"),
    (["update", "nothing", "--name", "X"], 3, 'no status "nothing"'), (["update", "todo"], 2, "no field was given"),
    (["update", "todo", "--name", "Done"], 5, '"Done"'), (["update", "done", "--default"], 5, "can't be the default"),
    (["update", "backlog", "--stage", "canceled"], 5, "can't be the default"),
    (["update", "todo", "--before", "todo"], 3, 'no other status "todo"'),
    (["delete", "nothing"], 3, 'no status "nothing"'), (["delete", "todo", "--to", "todo"], 3, "no other status"),
    (["delete", "todo", "--to", "nothing"], 3, "no other status"),
    (["delete", "backlog", "--to", "done"], 5, "can't be the default"),
    (["reset", "--set", "kanban"], 2, '"kanban" is no set of statuses')])
def test_what_a_board_cannot_be_is_refused_and_nothing_changes(repo: Repo, words: list[str], status: int,
                                                               part: str) -> None:
    before = (repo.tracker / "statuses.yaml").read_bytes()
    refused(repo.run("status", *words), status, part)
    assert (repo.tracker / "statuses.yaml").read_bytes() == before


def test_a_renamed_status_takes_its_tickets_along_in_the_same_entry(board: Repo) -> None:
    count = entries(board)
    told = board.json("status", "update", "In Review", "--name", "In QA")
    assert told["status"]["slug"] == "in-qa" and [one["ticket"]["slug"] for one in told["also"]] == ["OW-1", "OW-3"]
    assert statuses_of(board) == ["in-qa", "done", "in-qa"] and entries(board) == count + 1
    assert board.json("ls", "status:in-qa", "is:archived")["total"] == 1
    board.ok("status", "update", "in-qa", "--slug", "qa")
    board.ok("status", "update", "qa", "--name", "Quality")  # a slug of its own stays
    assert board.json("status", "show", "quality")["slug"] == "qa" and statuses_of(board)[0] == "qa"
    check_index(board)
    for _ in range(3):
        board.ok("undo")
    assert statuses_of(board) == ["in-review", "done", "in-review"] and slugs(board) == list(FIVE)
    assert board.run("doctor").out.startswith("no problems")


def test_a_ticket_by_hand_that_names_a_status_by_its_name_follows_a_new_name(board: Repo) -> None:
    path = board.file("OW-1")
    path.write_text(path.read_text().replace("status: in-review", "status: In Review"))
    board.ok("status", "update", "in-review", "--name", "Looked at", "--slug", "in-review")
    assert statuses_of(board)[0] == "in-review" and board.json("show", "OW-1")["stage"] == "started"


def test_a_status_of_another_stage_sets_the_moments_of_its_tickets(board: Repo) -> None:
    board.ok("status", "update", "in-review", "--stage", "completed")
    shown = board.json("show", "OW-1")
    assert shown["stage"] == "completed" and shown["completed_at"]
    assert board.json("ls")["total"] == 0
    board.ok("status", "update", "in-review", "--stage", "unstarted")
    assert board.json("show", "OW-1")["completed_at"] is None and board.json("ready")["total"] == 1
    check_index(board)


def test_a_place_and_a_default_change_without_touching_tickets(board: Repo) -> None:
    before = [path.read_bytes() for path in board.tracker.glob("tickets/*/*/ticket.md")]
    assert "place 4 → 1" in board.ok("status", "update", "in-review", "--before", "backlog")
    told = board.json("status", "update", "todo", "--default", "--color", "none")
    assert default(board) == "todo" and told["status"]["color"] == ""
    assert [one["status"]["slug"] for one in told["also"]] == ["backlog"]
    assert slugs(board)[0] == "in-review"
    assert [path.read_bytes() for path in board.tracker.glob("tickets/*/*/ticket.md")] == before
    assert "nothing to change" in board.ok("status", "update", "todo", "--default")


def test_tickets_of_a_deleted_status_move_to_the_default_or_where_they_are_sent(board: Repo) -> None:
    count = entries(board)
    assert board.ok("status", "delete", "In Review", "--to", "done") == (
        "status in-review deleted, 2 ticket(s) moved to done\n")
    assert statuses_of(board) == ["done"] * 3 and entries(board) == count + 1
    assert board.json("show", "OW-1")["completed_at"]
    board.ok("undo")
    assert statuses_of(board) == ["in-review", "done", "in-review"] and slugs(board) == list(FIVE)
    assert board.json("show", "OW-1")["completed_at"] is None
    told = board.json("status", "delete", "in-review")
    assert told["status"] is None and {one["ticket"]["status"] for one in told["also"]} == {"backlog"}
    assert slugs(board) == [slug for slug in FIVE if slug != "in-review"]
    check_index(board)


def test_the_default_that_is_deleted_hands_its_role_to_the_next_open_one_and_the_last_stays(repo: Repo) -> None:
    repo.ok("new", "A")
    repo.ok("status", "delete", "backlog")
    assert default(repo) == "todo" and statuses_of(repo) == ["todo"]
    repo.ok("status", "delete", "todo", "--to", "in-review")
    assert default(repo) == "in-review"
    batch(repo, ["status", "delete", "in-progress"], ["status", "delete", "done"])
    refused(repo.run("status", "delete", "in-review"), 5, "the last status that is open")
    repo.ok("status", "delete", "cancelled")
    refused(repo.run("status", "delete", "in-review"), 5, "is the last status")
    assert statuses_of(repo) == ["in-review"]


def test_a_dry_run_tells_and_changes_nothing(board: Repo) -> None:
    before = (board.tracker / "statuses.yaml").read_bytes()
    count = entries(board)
    told = board.json("status", "delete", "in-review", "--dry-run")
    assert told["dry_run"] is True
    assert [one["slug"] for one in told["changes"]] == ["in-review", "OW-1", "OW-3"]
    assert "ticket OW-1 updated, status in-review → in-progress" in board.ok(
        "status", "reset", "--set", "openkit", "--dry-run")
    assert (board.tracker / "statuses.yaml").read_bytes() == before and entries(board) == count
    refused(board.run("batch", given='["status","reset","--dry-run"]'), 2, "--dry-run is for a command alone")


def test_a_reset_keeps_what_has_the_same_name_and_moves_the_rest_by_stage(board: Repo) -> None:
    batch(board, ["status", "update", "todo", "--color", "red", "--max-active-runs", "3"],
          ["status", "create", "Shipped", "--stage", "completed", "--before", "done"],
          ["status", "create", "Triage", "--stage", "backlog", "--default"],
          ["status", "update", "done", "--slug", "finished"], ["new", "D"], ["new", "E"], ["done", "OW-5"])
    (board.tracker / "statuses.yaml").write_text((board.tracker / "statuses.yaml").read_text().replace(
        "  name: Todo\n", "  name: Todo\n  x_owner: alice # every Monday\n"))
    assert statuses_of(board) == ["in-review", "finished", "in-review", "triage", "shipped"]
    board.ok("status", "reset")
    found = board.json("status", "list")["statuses"]
    assert [one["slug"] for one in found] == list(FIVE) and default(board) == "backlog"
    assert (found[1]["color"], found[1]["max_active_runs"]) == ("#3B82F6", 3)
    assert "  x_owner: alice # every Monday\n" in (board.tracker / "statuses.yaml").read_text()
    assert statuses_of(board) == ["in-review", "done", "in-review", "backlog", "done"]
    assert board.json("show", "OW-5")["completed_at"]
    assert board.ok("status", "reset") == "nothing to change\n"
    board.ok("status", "reset", "--set", "openkit")
    assert statuses_of(board) == ["in-progress", "done", "in-progress", "todo", "done"] and default(board) == "todo"
    board.ok("undo")
    board.ok("undo")
    assert statuses_of(board) == ["in-review", "finished", "in-review", "triage", "shipped"]
    check_index(board)


def test_a_file_by_hand_keeps_its_comments_and_items_that_are_not_touched(repo: Repo) -> None:
    path = repo.tracker / "statuses.yaml"
    text = ("# Ours, see the wiki.\n\n- {slug: inbox, name: Inbox, stage: backlog} # flow\n\n# Alice asks on Mondays.\n"
            "-   slug: doing\n    stage: started   # the work\n    name: Doing\n    x_wip: [1, 2]\n\n"
            "- slug: done\n  name: Done\n  stage: completed\n# The end.\n")
    path.write_text(text)
    repo.ok("new", "A", "--status", "doing")
    repo.ok("status", "update", "done", "--color", "#00FF00")
    assert path.read_text() == text.replace("stage: completed\n", "stage: completed\n  color: '#00FF00'\n").replace(
        "- {slug: inbox, name: Inbox, stage: backlog} # flow", "- slug: inbox\n  name: Inbox\n  stage: backlog\n  "
        "default: true")
    kept = path.read_text()
    repo.ok("status", "create", "QA", "--stage", "started")
    repo.ok("status", "delete", "QA", "--to", "inbox")
    assert path.read_text() == kept
    repo.ok("status", "update", "doing", "--slug", "wip")
    assert path.read_text() == kept.replace("slug: doing", "slug: wip") and statuses_of(repo) == ["wip"]
    path.unlink()
    repo.ok("status", "create", "QA", "--stage", "started")
    assert slugs(repo) == ["backlog", "todo", "in-progress", "in-review", "qa", "done", "cancelled"]


def test_an_undo_joins_what_came_later_and_never_leaves_a_ticket_without_its_status(board: Repo) -> None:
    first = board.json("status", "create", "QA", "--stage", "started")["receipt"]["entry"]
    board.ok("status", "create", "Shipped", "--stage", "completed", "--after", "qa")
    board.ok("status", "update", "in-progress", "--color", "red")
    board.ok("new", "D", "--status", "qa")
    refused(board.run("undo", first), 5, '1 ticket(s) have the status "qa", which would be gone: OW-4')
    board.ok("update", "OW-4", "--status", "todo")
    board.ok("undo", first)
    assert "qa" not in slugs(board) and "shipped" in slugs(board)
    assert board.json("status", "show", "in-progress")["color"] == "red"
    renamed = board.json("status", "update", "todo", "--name", "Next")["receipt"]["entry"]
    board.ok("status", "update", "next", "--icon", "star")
    refused(board.run("undo", renamed), 5, "was changed later by")
    board.ok("undo")
    board.ok("undo", renamed)
    assert statuses_of(board)[3] == "todo" and board.json("status", "show", "todo")["icon"] == "list-todo"


def test_preconditions_and_keys_hold_for_statuses(board: Repo) -> None:
    etag = board.json("status", "list")["etag"]
    keyed = ["status", "create", "QA", "--stage", "started", "--if-match", etag, "--idempotency-key", "k1", "--json"]
    first = json.loads(board.ok(*keyed))
    assert json.loads(board.ok(*keyed)) == first and slugs(board).count("qa") == 1
    refused(board.run("status", "create", "X", "--idempotency-key", "k1"), 5, "used for another command")
    stale = board.run("status", "delete", "qa", "--if-match", etag, "--json")
    assert (stale.status, stale.error()["code"], stale.error()["etag"]) == (5, "stale_etag",
                                                                           board.json("status", "show", "qa")["etag"])
    board.ok("status", "delete", "qa", "--if-match", stale.error()["etag"])
    refused(board.run("status", "reset", "--if-match", "0" * 40), 5, "is at etag")


def test_statuses_of_one_batch_see_each_other_and_fail_together(board: Repo) -> None:
    batch(board, ["status", "create", "QA", "--stage", "started"], ["update", "OW-1", "--status", "qa"],
          ["status", "update", "qa", "--name", "Tested"], ["new", "D", "--status", "tested"],
          ["status", "delete", "tested", "--to", "done"])
    assert statuses_of(board) == ["done", "done", "in-review", "done"] and "tested" not in slugs(board)
    before = (board.tracker / "statuses.yaml").read_bytes()
    failed = board.run("batch", given='["status","delete","todo"]\n["new","E","--status","todo"]\n')
    refused(failed, 3, 'line 2: no status "todo"')
    assert (board.tracker / "statuses.yaml").read_bytes() == before


def test_deletes_that_race_are_done_once_each_and_no_ticket_is_left_behind(board: Repo) -> None:
    done = racing(board, [["status", "delete", "in-review", "--to", "todo"],
                           ["status", "delete", "in-review", "--to", "in-progress"], ["status", "delete", "todo"],
                           ["new", "D", "--status", "in-review"], ["update", "OW-2", "--status", "in-review"]])
    outcomes = [status for status, _, _ in done]
    assert sum(status == 0 for status in outcomes[:2]) == 1 and outcomes[2] == 0 and set(outcomes) <= {0, 3}, done
    assert "in-review" not in slugs(board) and "todo" not in slugs(board)
    known = statuses_yaml.read((board.tracker / "statuses.yaml").read_bytes()).statuses
    assert set(statuses_of(board)) <= {one.slug for one in known}
    assert board.run("doctor").out.startswith("no problems")
    check_index(board)


def test_the_log_tells_statuses_by_field(board: Repo) -> None:
    board.ok("status", "update", "in-review", "--name", "In QA", "--before", "todo")
    board.ok("status", "update", "done", "--color", "red")
    shown = board.ok("log", "--limit", "2")
    assert "statuses.yaml status done color: #10B981 → red" in shown
    assert "statuses.yaml status in-review removed: In Review" in shown
    changes: list[dict[str, Any]] = board.json("log", "--limit", "1")["entries"][0]["changes"]
    assert [(one["record"], one["field"], one["new"]) for one in changes] == [("status done", "color", "red")]


def test_another_clone_that_merges_tickets_of_a_deleted_status_is_told(board: Repo) -> None:
    board.commit()
    board.git("checkout", "-q", "-b", "side")
    board.ok("new", "D", "--status", "in-review")
    board.commit()
    board.git("checkout", "-q", "main")
    board.ok("status", "delete", "in-review")
    board.commit()
    board.git("merge", "-q", "-m", "side", "side")
    assert 'status "in-review" is not in statuses.yaml' in board.run("doctor").out
