"""Run an import: one entry, or none where it is only tried."""

from __future__ import annotations

from gittracker.services.importing import gathering
from gittracker.services.importing.carrying import Import, Options
from gittracker.services.importing.report import Report
from gittracker.services.write.apply import Outcome, perform, rehearse
from gittracker.services.write.writing import Request, Writing

TYPE_CHECKING = False
OWN = "jsonl"
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held

    Told = Callable[[str, int, int], None]  # what is done, how many of how many


def bring_in(tracker: Tracker, source: str, options: Options, told: Told | None = None) -> Report:
    """Import a source and report; with `is_dry`, report only. Raises NotFoundError, UsageError."""
    request = Request(f"import {source}")
    work = _work(source, options)
    found: list[Report] = []

    def act(writing: Writing) -> list[Held]:
        if told:
            options.told = lambda done, many: told("reading", done, many)
            writing.told = _counter(writing, told)
        found.append(work(writing))
        return []

    if options.is_dry:
        rehearse(tracker, request, act)
        return found[-1]
    outcome = perform(tracker, request, act)
    report = found[-1]
    report.entry, report.entries = _entry(outcome), outcome.entries
    return report


def _work(source: str, options: Options) -> Callable[[Writing], Report]:
    """Read the source before the lock is taken; gives what gathers it in an entry."""
    if source == OWN:
        from gittracker.services.importing.own import OwnImport, Source
        export = Source(options.path)
        return lambda writing: OwnImport(writing, export, options).run()
    gathered = gathering.gather(source, options.path)
    return lambda writing: Import(writing, gathered, options).run()


def _counter(writing: Writing, told: Told) -> Callable[[], None]:
    done = 0

    def one() -> None:
        nonlocal done
        done += 1
        told("writing", done, len(writing.after))
    return one


def _entry(outcome: Outcome) -> str:
    return next((str(one["entry"]) for one in outcome.receipts if one["entry"]), "")
