"""Every ref names its record, whatever its kind, and so does every other name of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Repo
from tests.test_schemas import fits

MEMBER = "usr_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"


@pytest.fixture
def full(repo: Repo) -> Repo:
    """Give a tracker with a record of every kind."""
    repo.ok("batch", given='["new","Upload fails","--label","backend"]\n["epic","create","A goal"]\n'
            '["epic","progress","OW-E1","--body","half way\\nthere"]\n["page","write","guide/setup","--body","One."]\n'
            '["comment","add","OW-1","--body","found it"]\n["comment","add","OW/guide/setup","--body","good"]\n'
            '["updates","add","--status","on_track","--body","fine"]\n')
    for folder in ("tickets/0/" + repo.folder("OW-1").name + "/attachments", "pages/OW/guide/setup.files",
                   "epics/" + next((repo.tracker / "epics").iterdir()).name + "/attachments"):
        (repo.tracker / folder).mkdir()
        (repo.tracker / folder / "plan é.txt").write_text("plan")
    (repo.tracker / "members").mkdir()
    (repo.tracker / "members/alice.md").write_text(f"---\nref: {MEMBER}\n\nusername: alice\n\nname: Alice Smith\n---\n")
    (repo.tracker / "skills/review").mkdir(parents=True)
    (repo.tracker / "skills/review/SKILL.md").write_text("---\nname: review\ndescription: Review it.\n---\nLook.\n")
    for folder in ("workflows", "jobs", "agents", "conversations"):
        (repo.tracker / folder).mkdir()
    (repo.tracker / "workflows/coding.yaml").write_text(f"ref: wfl_{'a' * 32}\nname: Coding\n")
    (repo.tracker / "hooks.yaml").write_text(f"- on: close\n  ref: hok_{'b' * 32}\n")
    (repo.tracker / "conversations/c1.jsonl").write_text(f'{{"ref": "cnv_{"c" * 32}", "id": "c1"}}\n{{"text": "hi"}}\n')
    (repo.folder("OW-1") / "runs").mkdir()
    (repo.folder("OW-1") / "runs/1.json").write_text(json.dumps({"ref": f"run_{'d' * 32}", "agent": "codex"}))
    (repo.tracker / "jobs/broken.yaml").write_text(f"ref: job_{'e' * 32}\nsteps: [\n")
    return repo


def resolve(repo: Repo, *names: str) -> Any:
    """Resolve names to their answers."""
    found = repo.json("resolve", *names)
    return found["records"] if len(names) > 1 else found


def test_every_kind_is_found_by_name_and_again_by_the_ref_and_the_uuid_that_it_gave(full: Repo) -> None:
    names = {"OW-1": "ticket", "OW-E1": "epic", "OW/guide/setup": "page", "@alice": "member", "#backend": "label",
             "OW": "project", "todo": "status", "review": "skill"}
    found = resolve(full, *names)
    assert [one["type"] for one in found] == list(names.values())
    assert all(one["id"].replace("-", "") == one["ref"][4:] for one in found)
    assert resolve(full, *(one["ref"] for one in found)) == found
    assert resolve(full, *(one["id"].upper() for one in found)) == found
    assert resolve(full, *(one["ref"][:-1] for one in found)) == found
    assert [one["ref"][:3] for one in found] == ["tik", "epc", "sbn", "usr", "tag", "prj", "sta", "skl"]


def test_comments_entries_and_updates_are_found_by_ref(full: Repo) -> None:
    ours = full.json("comment", "list", "OW-1")["comments"][0]["ref"]
    pages = full.json("comment", "list", "OW/guide/setup")["comments"][0]["ref"]
    entry = full.json("epic", "show", "OW-E1")["progress"][0]["ref"]
    update = full.json("updates", "list")["updates"][0]["ref"]
    assert (ours[:4], pages[:4]) == ("cmt_", "sbc_")
    found = resolve(full, ours, pages, entry, update, "cmt_" + pages[4:])
    assert [(one["type"], one["label"]) for one in found] == [
        ("comment", "found it"), ("comment", "good"), ("progress", "half way"), ("update", found[3]["label"]),
        ("comment", "good")]
    assert [one["object"]["record"] for one in found[:3]] == ["OW-1", "OW/guide/setup", "OW-E1"]
    assert found[1]["path"].startswith(".openkit/pages/OW/guide/setup.comments/")


def test_attachments_have_refs_of_their_owner_and_name(full: Repo) -> None:
    from gittracker.domain import ids
    for prefix, owner in (("tka", "OW-1"), ("epa", "OW-E1"), ("sba", "OW/guide/setup")):
        ref = ids.derived(prefix, resolve(full, owner)["ref"], "plan é.txt")
        one = resolve(full, ref)
        assert (one["type"], one["name"], one["object"]["size"]) == ("attachment", f"{owner} plan é.txt", 4)
        assert (full.path / one["path"]).read_text() == "plan"


def test_refs_in_files_of_other_kinds_are_found(full: Repo) -> None:
    found = resolve(full, f"wfl_{'a' * 32}", f"hok_{'b' * 9}", f"cnv_{'c' * 32}", f"run_{'d' * 32}")
    assert [(one["type"], one["name"]) for one in found] == [
        ("workflow", "Coding"), ("hook", "hooks"), ("conversation", "c1"), ("run", "1")]
    assert found[3]["object"] == {"ref": f"run_{'d' * 32}", "agent": "codex"}
    assert full.run("resolve", f"job_{'e' * 32}").status == 3  # a file that can't be read names nothing


def test_the_workspace_keeps_its_ref_when_projects_are_added(full: Repo) -> None:
    from gittracker.domain import ids
    ref = ids.derived("wks", resolve(full, "OW")["ref"])
    assert resolve(full, ref)["object"]["projects"] == ["OW"]
    (full.tracker / "projects/WEB.md").write_text(f"---\nref: prj_{'f' * 32}\n\nkey: WEB\n---\n")
    assert resolve(full, ref)["object"]["projects"] == ["OW", "WEB"]


def test_a_moved_page_and_a_renamed_project_path_are_found_by_the_old_names(full: Repo) -> None:
    ref = resolve(full, "guide/setup")["ref"]
    full.ok("page", "move", "guide", "manual")
    assert [one["ref"] for one in resolve(full, "guide/setup", "OW/guide/setup", "manual/setup", "setup")] == [ref] * 4


@pytest.mark.parametrize(("name", "status"), [
    ("tik_" + "0" * 32, 3), ("0199c0f4-a1b2-7c3d-8e9f-0a1b2c3d4e50", 3), ("zzz_" + "0" * 32, 3), ("OW-99", 3),
    ("guide/nothing", 3), ("@bob", 3), ("#nothing", 3), ("", 3), ("how_to", 3), ("sta_", 3), ("%", 3)])
def test_what_names_nothing_is_told_with_a_next_step(repo: Repo, name: str, status: int) -> None:
    done = repo.run("resolve", name, "--json")
    assert (done.status, done.out) == (status, "")
    assert done.error()["hint"].startswith("gittracker ")


def test_an_ambiguous_beginning_lists_the_candidates(full: Repo) -> None:
    full.ok("new", "Another")
    full.ok("page", "write", "guide/other", "--body", "x")
    assert full.run("resolve", "sbn_0", "--json").error()["code"] == "ambiguous"
    assert full.run("resolve", "OW-", "--json").error()["candidates"]
    assert full.run("resolve", "guide/", "--json").status in (3, 5)


def test_all_unknown_names_are_told_at_once(full: Repo) -> None:
    done = full.run("resolve", "OW-8", "OW-1", "OW-9")
    assert (done.status, done.out) == (3, "")
    assert '"OW-8", "OW-9"' in done.err


def test_answers_fit_the_schema(full: Repo) -> None:
    fits("output/resolve", full.json("resolve", "OW-1"))
    assert fits("output/resolve", full.json("resolve", "OW-1", "@alice", "#backend", "review"))["total"] == 4
