"""`merge-driver` and `setup`: how git merges records by field."""

from __future__ import annotations

import sys

from gittracker.cli import program
from gittracker.cli.flags import Arg, Command, Flag
from gittracker.domain.errors import TrackerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.git.discover import Repository


def _drive(cli: Cli, args: Args) -> int:
    from gittracker.services.merge import merging
    done = merging.drive(args["base"], args["ours"], args["theirs"], args["path"])
    if cli.out.as_json:
        cli.out.json({"record": done.name, "clean": done.clean, "disputes": done.disputes})
    elif not done.clean:
        what = f"{', '.join(done.disputes)} of {done.name}" if done.disputes else done.name
        sys.stderr.write(f"{what}: both sides changed it; gittracker resolve {done.name}\n")
    return int(not done.clean)


def _setup(cli: Cli, args: Args) -> int:
    from gittracker.domain.settings import IN_TREE, SIDE_BRANCH
    from gittracker.git.discover import discover
    from gittracker.services.clone import sidebranch
    from gittracker.services.merge import drivers
    place = discover(cli.folder)
    written = drivers.set_up(place, program.path(), args["replace"])
    repository = sidebranch.prepare(place)
    if cli.out.as_json:
        cli.out.json({"merge_driver": "written" if written else "current",
                      "placement": SIDE_BRANCH if repository.is_side else IN_TREE})
    else:
        if repository.is_side:
            cli.out.line(f"the tracker lives on the branch openkit, checked out in {repository.top}")
        cli.out.line("git merges tickets and epics by field in this clone from now on" if written
                     else "git merges tickets and epics by field in this clone; nothing to do")
    return 0


def set_up_merges(cli: Cli, repository: Repository) -> bool:
    """Set the driver up besides another job: where that can't be, it is only said. Tells whether it was written."""
    from gittracker.services.merge import drivers
    try:
        return drivers.set_up(repository, program.path())
    except TrackerError:
        cli.out.aside(drivers.note(repository))
        return False


MERGE_DRIVER = Command(
    "merge-driver", "Merge one record's file by field; git calls it, as setup told it.",
    (Arg("base", "the version that both come from, git's O"), Arg("ours", "our version, and the result, git's A"),
     Arg("theirs", "their version, git's B"), Arg("path", "the file's place in the repository, git's P")), (),
    ("merge-driver .merge_file_a .merge_file_b .merge_file_c .openkit/tickets/0/OW-1-k3f9/ticket.md",), run=_drive)
SETUP = Command(
    "setup", "Set this clone up: let git merge tickets and epics by field; nothing of yours is replaced unasked.", (),
    (Flag("--replace", "take another merge driver's place, which is configured under our name"),),
    ("setup", "setup --json"), run=_setup)
