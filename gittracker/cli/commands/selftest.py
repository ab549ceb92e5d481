"""`selftest`: many writers at once on this machine and file system, and what became of what they were told."""

from __future__ import annotations

from gittracker.cli.flags import Command, Flag
from gittracker.domain.errors import StorageError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.chaos import Report

_SECONDS, _WRITERS = 20, 4
_SEED_BYTES = 4


def _selftest(cli: Cli, args: Args) -> int:
    import shutil
    import tempfile

    from gittracker.services import chaos
    seconds = _number(args["seconds"], _SECONDS, "--seconds")
    writers = _number(args["writers"], _WRITERS, "--writers")
    seed = _number(args["seed"], int.from_bytes(cli.entropy(_SEED_BYTES), "big"), "--seed")
    try:
        folder = tempfile.mkdtemp(prefix="gittracker-selftest-", dir=cli.folder)
    except OSError as error:
        raise StorageError(f'can\'t write in "{cli.folder}": {error.strerror}',
                           "name another folder with -C") from error
    try:
        report = chaos.Chaos(folder, writers, seed, args["chaos"], lambda count: None).run(seconds)
    finally:
        if not args["keep"]:
            shutil.rmtree(folder, ignore_errors=True)
    if cli.out.as_json:
        cli.out.json({"seed": seed, "seconds": seconds, "writers": writers, "chaos": args["chaos"],
                      "folder": folder if args["keep"] else None, **report.to_json()})
    else:
        _say(cli, report, seed, folder if args["keep"] else "")
    return 0 if report.is_clean else 1


def _say(cli: Cli, report: Report, seed: int, folder: str) -> None:
    found = report.to_json()
    cli.out.line(f"{found['commands']} commands: {found['confirmed']} confirmed, {found['refused']} refused, "
                 f"{found['killed']} killed, {found['full_disk']} on a full disk (seed {seed})")
    cli.out.line(f"lost updates: {len(found['lost'])}, numbers given twice: {len(found['doubled'])}")
    for line in (*found["lost"], *found["doubled"], *found["wrong"]):
        cli.out.line(f"  {line}")
    if folder:
        cli.out.line(f"kept in {folder}")


def _number(text: str | None, usual: int, flag: str) -> int:
    if text is None:
        return usual
    if not text.isdecimal() or not int(text):
        raise UsageError(f'{flag} is "{text}"; expected a number of at least 1', f"{flag} {min(usual, 20)}")
    return int(text)


SELFTEST = Command(
    "selftest", "Write with many processes in a folder of its own here, and check that nothing is lost.", (),
    (Flag("--chaos", "kill writers, move their clocks, fill their disk, let git gc run beside them"),
     Flag("--seconds", f"how long (default {_SECONDS})", "N"),
     Flag("--writers", f"how many at once (default {_WRITERS})", "N"),
     Flag("--seed", "repeat the choices of an earlier run", "N"),
     Flag("--keep", "leave the folder for a look")),
    ("selftest", "selftest --chaos --seconds 60 --writers 8", "selftest --chaos --seed 42 --json"), run=_selftest)
