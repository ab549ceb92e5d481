"""`sync`."""

from __future__ import annotations

from gittracker.cli.flags import DRY_RUN, Command, Flag
from gittracker.cli.output import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.sync.syncing import Report

_WIDTH = 60


def _sync(cli: Cli, args: Args) -> int:
    from gittracker.services.sync import syncing
    report = syncing.sync(cli.tracker, args["remote"] or "", args["journals"], args["dry_run"])
    if cli.out.as_json:
        cli.out.json(report.to_json())
        return 0
    for line in _lines(report):
        cli.out.line(line)
    return 0


def _lines(report: Report) -> list[str]:
    up, would = report.up, "would be " if report.dry_run else ""
    lines = [f"{would}committed: {len(report.committed)} tracker file(s)"] if report.committed else []
    lines += [f"{would}sent to {up.name}: {report.sent}"] if report.sent else []
    lines += [f"{would}received from {up.name}: {report.received}"] if report.received else []
    lines += [_dispute(one) for one in report.disputes]
    lines += [f"kept: {one['record']} ({one['path']}), which {one['removed_by']} had removed and the other changed"
              for one in report.kept]
    lines += [f"renumbered: {one['old']} is now {one['new']}" for one in report.renumbered]
    lines += [f"{up.branch} and {up.name} have the same tracker"] if report.how == "up-to-date" else []
    if report.journals:
        lines.append(f"journals: {report.journals.pushed} pushed to {up.remote}, {report.journals.fetched} fetched")
    return lines


def _dispute(one: dict[str, Any]) -> str:
    what = one["record"] + (f" {one['field']}" if one["field"] else "")
    return (f"disputed: {what}: \"{value(one['kept'], _WIDTH)}\" of {one['kept_from']} stays, "
            f"\"{value(one['dropped'], _WIDTH)}\" of {one['dropped_from']} goes")


SYNC = Command("sync", "Fetch, merge and push the tracker alone; no other file is touched.", (),
               (Flag("--remote", "the remote to sync with, if not the branch's own or origin", "NAME"),
                Flag("--journals", "push this clone's journals too, and fetch those of others; they hold drafts"),
                DRY_RUN),
               ("sync", "sync --dry-run", "sync --journals", "sync --remote origin --json"), run=_sync)
