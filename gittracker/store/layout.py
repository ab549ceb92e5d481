"""The path grammar of `.openkit`: where each record lies, and what a path is."""

from __future__ import annotations

from gittracker.domain import ids, times

CONFIG, STATUSES, POLICY = "config.json", "statuses.yaml", "policy.yaml"
GITIGNORE, GITATTRIBUTES = ".gitignore", ".gitattributes"
TICKETS, PROJECTS, MEMBERS = "tickets", "projects", "members"
EPICS, PAGES, UPDATES, SKILLS, HARNESSES = "epics", "pages", "updates", "skills", "harnesses"
RECORDS = (EPICS, PAGES, UPDATES, SKILLS, HARNESSES)  # where records lie that are neither tickets nor settings
TICKET_FILE, COMMENTS, WORKPAD = "ticket.md", "comments", "workpad.md"
EPIC_FILE, UPDATE_FILE, SKILL_FILE = "epic.md", "update.md", "SKILL.md"
ATTACHMENTS, PROGRESS, USAGE, RUNS = "attachments", "progress", "usage", "runs"
PAGE_COMMENTS, PAGE_FILES = ".comments", ".files"  # beside a page's file, behind its name
TEMPORARY = ".tmp~"
# This worktree's own, never history: the lock, what waits for the journal, and what a sandboxed command is about to do.
LOCAL = "local"
LOCK, PENDING, INTENT = f"{LOCAL}/lock", f"{LOCAL}/pending.jsonl", f"{LOCAL}/intent.json"

LEASES = "leases"  # in the clone's state and in a worktree's git dir


def ticket_folder(slug: str, ref: str) -> str:
    """Give a new ticket's folder."""
    parsed = ids.parse_slug(slug)
    number = parsed[1] if parsed else 0
    return f"{TICKETS}/{ids.shard(number)}/{ids.folder_name(slug, ref)}"


def ticket_file(folder: str) -> str:
    """Give a ticket's own file."""
    return f"{folder}/{TICKET_FILE}"


def stamped(at: str, ref: str) -> str:
    """Name one of many entries by its time and the end of its ref: `20261122T100000Z-k3f9`."""
    return f"{times.compact(at)}-{ids.suffix(ref)}"


def comment_file(thread: str, at: str, ref: str) -> str:
    """Give a new comment's file in a folder of comments."""
    return f"{thread}/{stamped(at, ref)}.md"


def usage_file(folder: str, at: str, ref: str) -> str:
    """Give a new usage report's file in a ticket's folder."""
    return f"{folder}/{USAGE}/{stamped(at, ref)}.json"


def thread(path: str) -> str:
    """Give the folder of the comments on the epic, page or update whose file this is."""
    if path.startswith(PAGES + "/"):
        return f"{path[:-3]}{PAGE_COMMENTS}"
    return f"{path.rpartition('/')[0]}/{COMMENTS}"


def may_be_attached(path: str) -> bool:
    """Tell whether a path can be an attached file's, which most are not."""
    return f"/{ATTACHMENTS}/" in path or f"{PAGE_FILES}/" in path


def attachments(path: str) -> str:
    """Give the folder of the files that are attached to the ticket, epic or page whose own file this is."""
    if path.startswith(PAGES + "/"):
        return f"{path[:-3]}{PAGE_FILES}"
    return f"{path.rpartition('/')[0]}/{ATTACHMENTS}"


def folder_of(path: str) -> str:
    """Give the ticket folder that a path lies in, empty where it lies in none."""
    parts = path.split("/")
    return "/".join(parts[:3]) if len(parts) > 3 and parts[0] == TICKETS else ""


def is_comment(path: str) -> bool:
    """Tell whether a path is a comment's file."""
    parts = path.split("/")
    return len(parts) == 5 and parts[0] == TICKETS and parts[3] == COMMENTS and parts[4].endswith(".md")


def is_ticket(path: str) -> bool:
    """Tell whether a path is a ticket's own file."""
    parts = path.split("/")
    return len(parts) == 4 and parts[0] == TICKETS and parts[3] == TICKET_FILE


def epic_folder(slug: str, ref: str) -> str:
    """Give a new epic's folder."""
    return f"{EPICS}/{ids.folder_name(slug, ref)}"


def page_file(name: str) -> str:
    """Give the file of a page by its full path."""
    return f"{PAGES}/{name}.md"


def project_file(key: str) -> str:
    """Give a project's file."""
    return f"{PROJECTS}/{key}.md"


def member_file(username: str) -> str:
    """Give a member's file."""
    return f"{MEMBERS}/{username}.md"


def gitattributes() -> str:
    """Give the tracker's own git attributes."""
    return ("* -text\n"
            "tickets/*/*/ticket.md  merge=gittracker\n"
            "epics/*/epic.md        merge=gittracker\n"
            "conversations/*.jsonl  merge=union\n"
            "**/attachments/**      -text -diff -merge\n"
            "**/*.files/**          -text -diff -merge\n")


IGNORED = ("config.local.json", "local/", "worktrees/", "server.json")
# Below an OpenKit `.gitignore` that hides everything, these are shown again.
TRACKED = ("/.gitattributes", "/statuses.yaml", "/projects/", "/members/", "/tickets/", "/epics/", "/pages/",
           "/updates/", "/skills/", "/harnesses/", "/workflows/", "/providers/", "/agents/", "/channels/",
           "/notify.yaml", "/jobs/", "/conversations/", "/hooks.yaml", "/policy.yaml")
