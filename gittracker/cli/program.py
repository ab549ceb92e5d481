"""Where this program is installed, for what other programs are to start."""

from __future__ import annotations

import os
import sys

_NAME = "gittracker"


def path() -> str:
    """Give the absolute path of the console script, empty where there is none.

    First the one that was called, for it is there when an environment is built anew; then the one beside Python.
    """
    for one in (sys.argv[0], os.path.join(os.path.dirname(sys.executable), _NAME)):
        found = next((full for full in (one, f"{one}.exe") if _is_script(full)), "")
        if found:
            return os.path.abspath(found).replace(os.sep, "/")
    return ""


def _is_script(path: str) -> bool:
    name = os.path.basename(path).removesuffix(".exe")
    return name == _NAME and os.path.isfile(path) and os.access(path, os.X_OK)
