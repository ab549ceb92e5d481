"""`init`, `reindex`, `version`."""

from __future__ import annotations

from gittracker.cli.commands.merging import set_up_merges
from gittracker.cli.flags import Command, Flag
from gittracker.services.clone import setup
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.git.discover import Repository
    from gittracker.services.write.writing import Held, Writing


def _init(cli: Cli, args: Args) -> int:
    from gittracker.domain import ids
    from gittracker.git.discover import discover, placed
    from gittracker.services.clone import sidebranch
    from gittracker.services.clone.placement import Caller
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.apply import perform
    from gittracker.services.write.writing import Request
    place = discover(cli.folder)
    known = placed(place)
    repository = sidebranch.prepare(place, args["placement"] or "")
    made = ids.uuid7(cli.clock(), cli.entropy(8))

    def plan() -> dict[str, bytes]:
        return setup.plan(repository, args["prefix"] or "", "openase" if args["statuses"] is None else args["statuses"],
                          lambda prefix: ids.make_ref(prefix, made))
    planned = plan()
    if planned:
        tracker = Tracker(repository, cli.acting, cli.clock, cli.entropy, *cli.source)
        tracker.sandboxed = cli.sandboxed
        tracker.adopts = True
        if repository is not place:
            tracker.caller = Caller(place, cli.entropy)

        def act(writing: Writing) -> list[Held]:
            nonlocal planned
            planned = plan()  # again under the lock, where a dead init may just have been finished
            for path, data in planned.items():
                writing.put(path, data)
                writing.touch("file.updated", path, path, path, {}, "")
            if planned:
                writing.say("tracker set up")
            return []
        try:
            perform(tracker, Request("init"), act)
        finally:
            tracker.close()
    kept = bool(args["statuses"]) and layout.STATUSES not in planned
    return _say_init(cli, repository, planned, kept, set_up_merges(cli, repository), known.top != repository.top)


def _say_init(cli: Cli, repository: Repository, planned: dict[str, bytes], kept: bool, driver: bool,
              moved: bool) -> int:
    paths = [f".openkit/{path}" for path in planned]
    from gittracker.domain.settings import IN_TREE, SIDE_BRANCH
    keys = [path[9:-3] for path in planned if path.startswith("projects/")] or list(cli.tracker.settings.projects)
    key = keys[0] if keys else ""
    if cli.out.as_json:
        cli.out.json({"top": repository.top, "made": paths, "project": key, "merge_driver": driver,
                      "placement": SIDE_BRANCH if repository.is_side else IN_TREE})
        return 0
    for path in paths:
        cli.out.line(f"wrote {path}")
    if moved:
        cli.out.line(f"the tracker lives on the branch openkit alone, checked out in {repository.top}")
    if driver:
        cli.out.line("git merges tickets and epics by field in this clone")
    if planned:
        cli.out.line(f"tickets are {key}-1, {key}-2, …: gittracker new 'the first thing to do'")
        cli.out.line("gittracker sync takes the branch to the remote" if repository.is_side else
                     "gittracker commit puts the tracker's files under version control")
    elif not driver and not moved:
        cli.out.line(f"the tracker in {repository.tracker} is set up; nothing to do")
    if kept:
        cli.out.line("the statuses stay as they are: gittracker status reset takes another set")
    return 0


def _reindex(cli: Cli, args: Args) -> int:
    from gittracker.index import db, tickets
    from gittracker.services.tracker import open_tracker
    source = db.KEPT if args["changed"] else db.NEW
    tracker = open_tracker(cli.folder, cli.acting, cli.clock, cli.entropy, source)
    if args["changed"]:  # a new index has just been filled
        tracker.refresh(deep=True)
    count = tickets.count(tracker.index, tracker.view)
    tracker.close()
    if cli.out.as_json:
        cli.out.json({"tickets": count})
    else:
        cli.out.line(f"the index is {'up to date' if args['changed'] else 'new'}: {count} ticket(s)")
    return 0


def _version(cli: Cli, args: Args) -> int:
    from gittracker import __version__
    if cli.out.as_json:
        cli.out.json({"version": __version__})
    else:
        cli.out.line(f"gittracker {__version__}")
    return 0


INIT = Command("init", "Set up a tracker in this repository; run again, it changes nothing.", (),
               (Flag("--prefix", "the slugs' prefix, such as OW", "KEY"),
                Flag("--statuses", "openase (default), openweave, openkit, or a YAML file with a list of statuses",
                     "SET|FILE"),
                Flag("--placement", "in-tree (default): the tracker travels with the code's branches; side-branch: it "
                     "has the branch openkit to itself", "WHERE")),
               ("init", "init --prefix OW --statuses openkit", "init --statuses board.yaml",
                "init --placement side-branch"), run=_init)
REINDEX = Command("reindex", "Build the index anew; it can be deleted at any time.", (),
                  (Flag("--changed", "keep it, and only read what changed; for hooks"),),
                  ("reindex", "reindex --changed"), run=_reindex)
VERSION = Command("version", "Print the version.", run=_version, examples=("version",))
