"""A page: one text of the shared wiki, found by its path."""

from __future__ import annotations

from unicodedata import normalize

from gittracker.domain import names
from gittracker.domain.errors import UsageError
from gittracker.domain.fields import MOMENT, NAMES, REF, TEXT, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

ENDING = ".md"
# A folder `guide.comments` lies beside the page `guide`, and `guide.md` is its file.
_TAKEN = (".comments", ".files", ENDING)


class Page(Record):
    """A page of the wiki; `body` is its text, its path is where the file lies."""

    NOUN = "page"
    ref: str = field(REF, "permanent id", always=True, settable=False)
    aliases: tuple[str, ...] = field(NAMES, "paths it once had", settable=False)
    title: str = field(TEXT, "name for people; the path's last part where empty", always=True)
    labels: tuple[str, ...] = field(NAMES, "free words to filter on", always=True)
    created_at: str = field(MOMENT, "when it was made", always=True, settable=False)
    created_by: str = field(TEXT, "who made it", always=True, settable=False)


def full(path: str, projects: Collection[str], default: str) -> str:
    """Give a typed path with its project in front: `Guide/Setup.md` is `OW/guide/setup`, `ow/x` is `OW/x`.

    A first part that is a project's key, in any case, names the project.
    """
    first, slash, rest = path.partition("/")
    if slash and first.upper() in projects:
        return f"{first.upper()}/{plain(rest)}"
    return f"{default}/{plain(path)}"


def plain(path: str) -> str:
    """Give a path below a project as pages are named: in lower case and Unicode NFC, without the file's ending."""
    return normalize("NFC", path.lower()).removesuffix(ENDING)


def check(path: str) -> str:
    """Check a full path that a page shall have, and give it in Unicode NFC; raises UsageError."""
    project, _, rest = path.partition("/")
    clean = names.check_path("the path", rest)
    for part in clean.split("/"):
        ending = next((one for one in _TAKEN if part.endswith(one)), "")
        if ending:
            raise UsageError(f'the path "{rest}": "{part}" ends with "{ending}", which has a meaning of its own',
                             f"for example {clean.replace(ending, ending.replace('.', '-'))}")
    return f"{project}/{clean}"


def title_of(page: Page, path: str) -> str:
    """Give what people call a page: its title, or its path's last part."""
    return page.title or path.rpartition("/")[2]


def is_below(path: str, folder: str) -> bool:
    """Tell whether a page's path is a folder's own or below it."""
    return path == folder or path.startswith(folder + "/")

