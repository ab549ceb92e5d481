"""statuses.yaml is read with what is wrong by line, and rewritten into any other list of statuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.status import STAGES, Status, slugify
from gittracker.domain.statussets import SETS
from gittracker.formats import statuses_yaml
from tests.formats.test_yaml_list import TABLES
from tests.strategies import PROPERTY

FILE = b"""\
# Ours.
- slug: todo
  name: Todo
  stage: unstarted
  default: true
  x_owner: alice  # asks every Monday

# Ping the reader after two days.
- name: In Review
  stage: started
- {name: Done, stage: completed}
"""


def slugs(data: bytes) -> list[str]:
    """Give the slugs of a file."""
    return [one.slug for one in statuses_yaml.read(data).statuses]


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_read_as_it_was_written(name: str) -> None:
    board = statuses_yaml.read(statuses_yaml.render(SETS[name]))
    assert [one.row() for one in board.statuses] == [one.row() for one in SETS[name]]
    assert not board.problems


@pytest.mark.parametrize(("data", "line", "said"), [
    (b"- name: A\n- just text\n", 2, "not a status of its own: 'just text'"),
    (b"- name: A\n\n- stage: started\n", 3, "not a status of its own"),
    (b"- name: A\n- slug: a\n  name: B\n", 2, '"B" can\'t be told from the status "A"'),
    (b"- name: A\n- slug: b\n  name: a\n", 2, '"a" can\'t be told from the status "A"'),
    (b"- slug: qa\n  name: A\n- name: QA\n", 3, '"QA" can\'t be told from the status "A"'),
    (b"# x\n- name: A\n  stage: doing\n", 2, 'stage "doing" of a is none of backlog'),
    (b"- name: A\n  default: true\n- name: B\n  default: true\n", 3, "b is a second default; the first counts"),
    (b"- name: A\n- name: Done\n  stage: completed\n  default: true\n", 2, "done is the default, but completed"),
    (b"- name: A\n  max_active_runs: many\n", 1, 'max_active_runs "many" of a is no number'),
    (b"- name: A\n  default: yes\n", 1, 'default "yes" of a is neither true nor false')])
def test_what_is_wrong_is_told_with_its_line(data: bytes, line: int, said: str) -> None:
    problems = statuses_yaml.read(data).problems
    assert [one for one, _ in problems] == [line]
    assert said in problems[0][1]
    with pytest.raises(InvalidDataError) as refusal:
        statuses_yaml.complete(data, "board.yaml")
    assert (refusal.value.path, refusal.value.line) == ("board.yaml", line)


@pytest.mark.parametrize("data", [b"name: A\n", b"text\n", b"- [\n", b"", b"# nothing\n", b"[]\n",
                                  b"- {name: Done, stage: completed}\n"])
def test_a_file_without_an_open_status_is_refused_as_a_start(data: bytes) -> None:
    with pytest.raises(InvalidDataError):
        statuses_yaml.complete(data, "board.yaml")


def test_a_file_by_hand_is_completed_and_keeps_its_comments() -> None:
    assert statuses_yaml.complete(FILE, "") == FILE.replace(
        b"stage: started\n", b"stage: started\n  slug: in-review\n").replace(
        b"- {name: Done, stage: completed}\n", b"- name: Done\n  stage: completed\n  slug: done\n")
    bare = b"- name: Old\n  stage: completed\n- name: New\n"
    assert statuses_yaml.complete(bare, "") == (b"- name: Old\n  stage: completed\n  slug: old\n- name: New\n"
                                                b"  slug: new\n  stage: unstarted\n  default: true\n")


def test_only_what_changes_is_rewritten() -> None:
    todo, review, done = statuses_yaml.read(FILE).statuses
    assert statuses_yaml.rewrite(FILE, [("todo", todo), ("in-review", review), ("done", done)]) == FILE
    renamed = statuses_yaml.rewrite(FILE, [("todo", todo.replace(name="Next")), ("in-review", review), ("done", done)])
    assert renamed == FILE.replace(b"name: Todo", b"name: Next")
    turned = statuses_yaml.rewrite(FILE, [("in-review", review), ("todo", todo)])
    assert slugs(turned) == ["in-review", "todo"]
    assert b"# Ping the reader after two days.\n- name: In Review\n  stage: started\n" in turned
    assert b"  x_owner: alice  # asks every Monday\n" in turned


def _statuses(words: list[tuple[str, str, bool, int | None]]) -> list[Status]:
    made: list[Status] = []
    for name, stage, default, runs in words:
        if slugify(name) not in [one.slug for one in made]:
            is_default = default and stage in STAGES[:3] and not any(one.is_default for one in made)
            made.append(Status(slugify(name), name, stage, "#123456" if default else "", "", is_default, runs))
    return made


LISTS = st.lists(st.tuples(st.sampled_from(["Todo", "no", "Done", "A: b", "In Review", "5", "x #y", "Ωμέγα"]),
                           st.sampled_from(STAGES), st.booleans(), st.none() | st.integers(0, 9)),
                 min_size=1).map(_statuses)


@PROPERTY
@given(st.sampled_from([FILE, *TABLES]) | LISTS.map(statuses_yaml.render), LISTS, st.data())
def test_any_list_of_statuses_becomes_any_other(data: bytes, new: list[Status], draw: st.DataObject) -> None:
    old = [one.slug for one in statuses_yaml.read(data).statuses]
    kept = draw.draw(st.permutations([*old, *[""] * len(new)]))
    wanted = list(zip(kept, new, strict=False))
    made = statuses_yaml.read(statuses_yaml.rewrite(data, wanted))
    assert [one.row() for one in made.statuses] == [one.row() for one in new]
