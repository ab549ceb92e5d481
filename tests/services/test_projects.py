"""Projects and members are made, changed and removed, and nothing that something names is taken away."""

from __future__ import annotations

import json

import pytest

from tests.services.write.test_races import racing
from tests.support import Repo, make_repo
from tests.test_schemas import fits, front


def refused(repo: Repo, words: list[str], status: int, part: str) -> None:
    """Check a refusal: its exit status, a part of its message, a next step, and that no file changed."""
    before = {path: path.read_bytes() for path in repo.tracker.rglob("*") if path.is_file()}
    done = repo.run(*words)
    assert (done.status, part in done.err, "hint: " in done.err) == (status, True, True), done.err
    assert {path: path.read_bytes() for path in repo.tracker.rglob("*") if path.is_file()} == before


def test_a_project_is_made_changed_and_deleted(repo: Repo) -> None:
    made = fits("output/write", repo.json("project", "create", "web-", "--name", "Web shop", "--repo", "web", "--repo",
                                          "api", "--description", "What customers see.", "--status", "Planned"))
    assert made["project"]["ref"] and made["also"] == []
    shown = fits("output/project", repo.json("project", "show", "web"))
    assert shown == made["project"]
    assert (shown["key"], shown["name"], shown["status"], shown["repos"], shown["default"], shown["description"]) == (
        "WEB", "Web shop", "planned", ["api", "web"], False, "What customers see.")
    assert shown["etag"] == made["receipt"]["new_etag"]
    fits("files/project", front(repo.tracker / "projects" / "WEB.md"))
    assert repo.ok("new", "Buy", "--project", "web") == "WEB-1 created: Buy\n"
    assert repo.ok("project", "update", "WEB", "--status", "paused", "--repo-remove", "api", "--repo-add", "sdk") == (
        "project WEB status planned → paused, repos +sdk -api\n")
    assert repo.ok("project", "update", "WEB", "--status", "paused") == "WEB has nothing to change\n"
    refused(repo, ["project", "delete", "WEB"], 5, "1 ticket(s) are in the project WEB, which would be gone: WEB-1")
    repo.ok("ticket", "archive", "WEB-1")
    refused(repo, ["project", "delete", "WEB"], 5, "WEB-1")
    repo.ok("ticket", "delete", "WEB-1", "--purge")
    assert fits("output/write", repo.json("project", "delete", "WEB"))["project"] is None
    assert fits("output/projects", repo.json("project", "list"))["total"] == 1
    for _ in range(3):
        repo.ok("undo")
    assert repo.json("project", "show", "WEB")["status"] == "paused" and repo.json("show", "WEB-1")["archived"] is False
    repo.ok("undo")
    assert repo.json("project", "show", "WEB") == shown
    assert repo.ok("new", "Sell", "--project", "WEB") == "WEB-2 created: Sell\n"  # a number is used once


def test_the_default_project_is_where_new_tickets_go(repo: Repo) -> None:
    config = repo.tracker / "config.json"
    config.write_text('{"theme" : "dark",\n   "tracker":{"format":1,  "project" :"OW"}}')
    told = repo.json("project", "create", "WEB", "--default")
    assert told["project"]["default"] is True and len(told["also"]) == 1
    assert config.read_text() == '{"theme" : "dark",\n   "tracker":{"format":1,  "project" :"WEB"}}'
    assert repo.ok("new", "a") == "WEB-1 created: a\n"
    assert fits("output/write", repo.json("project", "default", "ow"))["project"]["key"] == "OW"
    assert repo.ok("new", "b") == "OW-1 created: b\n"
    assert repo.ok("project", "default", "OW") == "OW has nothing to change\n"
    repo.ok("ticket", "delete", "OW-1", "--purge")
    assert repo.ok("project", "delete", "OW") == "project OW deleted\nnew tickets go to WEB\n"
    refused(repo, ["project", "delete", "WEB"], 5, "WEB is the last project")
    repo.ok("undo")
    assert repo.json("project", "list")["projects"][0]["key"] == "OW"
    assert repo.ok("project", "list").splitlines() == ["OW            repo          active (default)",
                                                       "WEB           WEB           active"]


@pytest.mark.parametrize(("words", "status", "part"), [
    (["project", "create", "ow"], 5, 'project "OW" is there already'),
    (["project", "create", "CON"], 2, "Windows reserves it"), (["project", "create", "nul"], 2, "reserves it"),
    (["project", "create", "../X"], 2, "can't be a project's key"), (["project", "create", "9A"], 2, "key"),
    (["project", "create", "ABCDEFGHIJK"], 2, "key"), (["project", "create", "É"], 2, "key"),
    (["project", "create", "AB", "--status", "gone"], 7, "is none of planned"),
    (["project", "create", "AB", "--name", "a\nb"], 2, "not one line"),
    (["project", "create", "AB", "--name", "none"], 2, "needs a name"),
    (["project", "create", "AB", "--repo", "  "], 2, "is empty"),
    (["project", "update", "XX", "--name", "a"], 3, 'no project "XX"'), (["project", "update", "OW"], 2, "no field"),
    (["project", "delete", "XX"], 3, 'no project "XX"'), (["project", "default", "XX"], 3, 'no project "XX"'),
    (["project", "delete", "OW"], 5, "the last project"),
    (["member", "add", "../alice"], 2, "which not every file system keeps"), (["member", "add", "CON"], 2, "reserved"),
    (["member", "add", "a/b"], 2, "file system"), (["member", "add", ".git"], 2, 'begins with "."'),
    (["member", "add", "bot:"], 2, "is empty"), (["member", "add", "none"], 2, "can't be a name"),
    (["member", "add", "ALICE"], 5, 'can\'t be told from "alice"'),
    (["member", "add", "alice"], 5, "is there already"), (["member", "add", "@me"], 2, "can't be a name"),
    (["member", "add", "bob", "--kind", "robot"], 7, "is none of human, bot"),
    (["member", "add", "bob", "--role", "king"], 7, "is none of admin"),
    (["member", "add", "bob", "--email", "bob"], 7, "is no address"),
    (["member", "add", "bob", "--email", "ALICE@example.com"], 5, "is the address of alice"),
    (["member", "update", "nobody", "--role", "admin"], 3, 'no member "nobody"'),
    (["member", "update", "alice"], 2, "no field"), (["member", "remove", "nobody"], 3, 'no member "nobody"')])
def test_what_cannot_be_is_refused_and_nothing_changes(repo: Repo, words: list[str], status: int, part: str) -> None:
    repo.ok("member", "add", "alice", "--email", "alice@example.com")
    refused(repo, words, status, part)


def test_a_project_with_an_epic_or_a_page_stays(repo: Repo) -> None:
    repo.ok("project", "create", "WEB")
    repo.ok("epic", "create", "Release", "--project", "WEB")
    refused(repo, ["project", "delete", "WEB"], 5, "WEB has 1 epic(s), WEB-E1 for one")
    made = repo.json("project", "create", "API")["receipt"]["entry"]
    repo.ok("new", "a", "--project", "API")
    refused(repo, ["undo", made], 5, "1 ticket(s) are in the project API, which would be gone: API-1")


def test_members_come_and_go(repo: Repo) -> None:
    made = fits("output/write", repo.json("member", "add", "alice", "--name", "Alice Smith", "--email",
                                          "alice@example.com", "--role", "Admin", "--description", "Reviews."))
    assert fits("output/member", repo.json("member", "show", "ALICE")) == made["member"]
    assert (made["member"]["kind"], made["member"]["role"], made["member"]["description"]) == (
        "human", "admin", "Reviews.")
    fits("files/member", front(repo.tracker / "members" / "alice.md"))
    assert repo.json("new", "a")["ticket"]["created_by"] == "alice"  # git's user has that address
    bot = repo.json("member", "add", "bot:codex-1")["member"]
    assert (bot["username"], bot["kind"], bot["path"]) == ("codex-1", "bot", ".openkit/members/codex-1.md")
    assert repo.json("member", "show", "bot:codex-1") == bot
    assert repo.ok("member", "update", "codex-1", "--role", "viewer") == "member codex-1 role member → viewer\n"
    assert fits("output/members", repo.json("member", "list"))["total"] == 2
    repo.ok("update", "OW-1", "--assignee", "alice")
    assert fits("output/write", repo.json("member", "remove", "alice"))["member"] is None
    assert repo.json("show", "OW-1")["assignee"] == "alice" and repo.run("member", "show", "alice").status == 3
    repo.ok("undo", repo.json("log")["entries"][0]["entry"])
    assert repo.json("member", "show", "alice") == made["member"]
    assert "alice member added: Alice Smith" in repo.ok("log", "--limit", "1")


def test_a_file_by_hand_keeps_its_comments_when_a_member_changes(repo: Repo) -> None:
    (repo.tracker / "members").mkdir()
    path = repo.tracker / "members" / "bob.md"
    path.write_text("---\n# who\nusername: robert\nrole: admin # since May\nx_phone: 5\n---\nHi.\n")
    repo.ok("member", "update", "robert", "--role", "viewer")
    assert path.read_text() == "---\n# who\nusername: robert\nrole: viewer # since May\nx_phone: 5\n---\nHi.\n"
    refused(repo, ["member", "add", "Robert"], 5, 'there is a member "robert" already')
    repo.ok("member", "remove", "robert")
    assert not path.exists()


def test_preconditions_keys_and_batches_hold_for_projects_and_members(repo: Repo) -> None:
    etag = repo.json("project", "show", "OW")["etag"]
    keyed = ["project", "update", "OW", "--name", "Shop", "--if-match", etag, "--idempotency-key", "k", "--json"]
    assert json.loads(repo.ok(*keyed)) == json.loads(repo.ok(*keyed))
    refused(repo, ["project", "update", "OW", "--name", "x", "--if-match", etag], 5, "is at etag")
    stale = repo.run("project", "update", "OW", "--name", "x", "--if-match", etag)
    assert "hint: gittracker project show OW" in stale.err
    refused(repo, ["project", "create", "AB", "--if-match", etag], 2, "--if-match has nothing to meet")
    lines = [["project", "create", "AB"], ["new", "a", "--project", "AB"], ["project", "update", "ab", "--name", "A"],
             ["member", "add", "zoe"], ["member", "update", "zoe", "--role", "admin"], ["project", "default", "AB"]]
    told = json.loads(repo.ok("batch", "--json", given="\n".join(map(json.dumps, lines))))
    assert [one["receipt"]["slug"] for one in told["results"]] == ["AB", "AB-1", "zoe", "AB"]
    failed = [["project", "create", "CD"], ["new", "a", "--project", "CD"], ["project", "delete", "CD"]]
    before = sorted(repo.tracker.rglob("*"))
    done = repo.run("batch", given="\n".join(map(json.dumps, failed)))
    assert (done.status, sorted(repo.tracker.rglob("*"))) == (5, before), done.err
    repo.ok("undo")
    assert repo.json("project", "list")["total"] == 1


def test_a_delete_and_a_first_ticket_that_race_leave_no_ticket_without_its_project(repo: Repo) -> None:
    repo.ok("project", "create", "AB")
    done = racing(repo, [["project", "delete", "AB"], ["new", "a", "--project", "AB"], ["project", "create", "CD"],
                         ["project", "create", "CD", "--name", "other"]])
    deleted, made = done[0][0] == 0, done[1][0] == 0
    assert deleted != made and sorted(one[0] for one in done[2:]) == [0, 5], done
    assert repo.run("new", "b", "--project", "AB").status == (3 if deleted else 0)


def test_init_takes_no_prefix_that_a_file_system_reserves(tmp_path_factory: pytest.TempPathFactory) -> None:
    repo = make_repo(tmp_path_factory.mktemp("x") / "con")
    assert "Windows reserves it" in repo.run("init", "--prefix", "NUL").err
    assert repo.json("init")["project"] == "T"
