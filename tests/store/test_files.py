"""What lies in a folder of the tracker is listed as it is, whatever else lies there."""

from __future__ import annotations

import os
from pathlib import Path

from gittracker.store import files


def test_files_below_a_folder_are_listed_upper_ones_first_without_half_written_ones_and_links_to_folders(
        tmp_path: Path) -> None:
    top = tmp_path / "tickets/0/OW-1-x"
    (top / "comments/old").mkdir(parents=True)
    (top / "attachments").mkdir()
    for name in ("ticket.md", "z.md", "comments/b.md", "comments/a.md", "comments/old/c.md", "ticket.md.1.tmp~"):
        (top / name).write_text("x")
    (top / "loop").symlink_to("loop")
    (top / "nowhere").symlink_to("absent")
    (top / "other").symlink_to("comments", target_is_directory=True)
    os.mkfifo(top / "pipe")
    names = ["loop", "nowhere", "pipe", "ticket.md", "z.md", "comments/a.md", "comments/b.md", "comments/old/c.md"]
    assert files.below(str(tmp_path), "tickets/0/OW-1-x") == [f"tickets/0/OW-1-x/{name}" for name in names]
    assert files.below(str(tmp_path), "tickets")[0] == "tickets/0/OW-1-x/loop"
    assert files.below(str(tmp_path), "pages") == []
    assert files.below(str(tmp_path), "tickets/0/OW-1-x/ticket.md") == []
