"""Merges by field in this clone: our driver in its git configuration, and nothing of the user's replaced."""

from __future__ import annotations

from gittracker.domain.errors import ConflictError, UnavailableError
from gittracker.git import merge_setup
from gittracker.git.merge_setup import CURRENT, FOREIGN, GONE, MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository
    from gittracker.git.merge_setup import Driver

_SETUP = "gittracker setup"


def is_due(driver: Driver) -> bool:
    """Tell whether ours should be written: nothing stands there, or a program of ours that is gone."""
    return driver.state in (MISSING, GONE)


def set_up(repository: Repository, program: str, replace: bool = False) -> bool:
    """Set the driver where it is missing or its program is gone; tells whether anything was written.

    Raises ConflictError where the user has another driver of that name, UnavailableError without a `program`.
    """
    driver = merge_setup.read(repository.top)
    if driver.state == FOREIGN and not replace:
        raise ConflictError(f'another merge driver is configured for the tracker\'s files: "{driver.line}"',
                            f"{_SETUP} --replace takes gittracker's")
    if not is_due(driver) and driver.state != FOREIGN:
        return False
    if not program:
        raise UnavailableError("gittracker runs from its source here, and git could not start it",
                               "pip install gittracker, and run its setup")
    merge_setup.write(repository.top, program)
    return True


def note(repository: Repository) -> str:
    """Say how records merge in this clone, empty where they merge by field."""
    driver = merge_setup.read(repository.top)
    said = {CURRENT: "", MISSING: "git merges this clone's tickets as text, not by field",
            GONE: f'git merges tickets as text: its merge driver is gone, "{driver.program}"',
            FOREIGN: f'git merges tickets by a driver that is not gittracker\'s: "{driver.line}"'}[driver.state]
    return f"{said}: {_SETUP}{' --replace' if driver.state == FOREIGN else ''}" if said else ""
