"""Rows of usage reports: one a file, with the stamp it was read at."""

from __future__ import annotations

from gittracker.domain.usage import SUMMED, Totals, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.db import Index

_COLUMNS = ", ".join(Usage.FIELDS)
_PUT = f"INSERT OR REPLACE INTO usage VALUES ({', '.join('?' * (len(Usage.FIELDS) + 5))})"
# What sums can be told apart by without looking at the tickets, and how SQL says it; the day is UTC's.
GROUPED = {"folder": "folder", "actor": "by", "model": "model", "provider": "provider", "run": "run",
           "day": "substr(at, 1, 10)"}


def folders(index: Index, worktree: str) -> dict[str, int]:
    """Give the stamps of the folders of reports, by ticket folder."""
    return dict(index.all("SELECT folder, stamp FROM usage_folder WHERE worktree = ?", worktree))


def put_folder(index: Index, worktree: str, folder: str, stamp: int) -> None:
    """Note when a ticket's reports were looked at."""
    index.run("INSERT OR REPLACE INTO usage_folder VALUES (?, ?, ?)", worktree, folder, stamp)


def forget_folder(index: Index, worktree: str, folder: str) -> None:
    """Drop a ticket's reports."""
    for table in ("usage_folder", "usage"):
        index.run(f"DELETE FROM {table} WHERE worktree = ? AND folder = ?", worktree, folder)


def stamps(index: Index, worktree: str, folder: str) -> dict[str, bytes]:
    """Give the packed stamps of a ticket's reports, by file name."""
    return dict(index.all("SELECT name, stamp FROM usage WHERE worktree = ? AND folder = ?", worktree, folder))


def put(index: Index, worktree: str, folder: str, name: str, stamp: bytes, usage: Usage) -> None:
    """Write a report's row."""
    index.run(_PUT, worktree, folder, name, stamp, "", *usage.values().values())


def put_broken(index: Index, worktree: str, folder: str, name: str, stamp: bytes, problem: str) -> None:
    """Note a report that can't be read; its last good row stays."""
    done = index.run("UPDATE usage SET stamp = ?, problem = ? WHERE worktree = ? AND folder = ? AND name = ?", stamp,
                     problem, worktree, folder, name)
    if not done.rowcount:
        index.run(_PUT, worktree, folder, name, stamp, problem, *Usage().values().values())


def remove(index: Index, worktree: str, folder: str, name: str) -> None:
    """Forget a report."""
    index.run("DELETE FROM usage WHERE worktree = ? AND folder = ? AND name = ?", worktree, folder, name)


def listed(index: Index, worktree: str, folder: str) -> list[tuple[str, Usage]]:
    """List a ticket's reports as (file name, report), oldest first; those that never could be read are left out."""
    return [(row[0], Usage(**dict(zip(Usage.FIELDS, row[1:], strict=True)))) for row in index.all(
        f"SELECT name, {_COLUMNS} FROM usage WHERE worktree = ? AND folder = ? AND NOT (problem <> '' AND ref = '') "
        "ORDER BY at, ref, name", worktree, folder)]


def problems(index: Index, worktree: str) -> list[tuple[str, str, str]]:
    """List (ticket folder, file name, what is wrong) of the reports that can't be read."""
    return index.all("SELECT folder, name, problem FROM usage WHERE worktree = ? AND problem <> '' "
                     "ORDER BY folder, name", worktree)


def sums(index: Index, worktree: str, where: list[tuple[str, str]],
         by: list[str]) -> list[tuple[dict[str, str], int, tuple[Any, ...]]]:
    """Sum reports told apart by some of `GROUPED`: (its words by name, how many, sums in the order of `SUMMED`).

    `where` has SQL conditions, each with its one value.
    """
    conditions = "".join(f" AND {condition}" for condition, _ in where)
    groups = ", ".join(["1", *(GROUPED[name] for name in by)])
    rows = index.all(f"SELECT {groups}, count(*), {', '.join(f'sum({name})' for name in SUMMED)} FROM usage "
                     f"WHERE worktree = ? AND NOT (problem <> '' AND ref = ''){conditions} GROUP BY {groups}",
                     worktree, *(value for _, value in where))
    cut = len(by) + 1
    return [(dict(zip(by, row[1:cut], strict=True)), row[cut], row[cut + 1:]) for row in rows]


def total(index: Index, worktree: str, folder: str) -> Totals:
    """Sum a ticket's reports."""
    found = Totals()
    for _, reports, values in sums(index, worktree, [("folder = ?", folder)], []):
        found.add(reports, values)
    return found


def spent(index: Index, worktree: str) -> dict[str, int]:
    """Give what each ticket has cost, by folder."""
    return dict(index.all("SELECT folder, sum(cost_usd) FROM usage WHERE worktree = ? AND cost_usd IS NOT NULL "
                          "GROUP BY folder", worktree))
