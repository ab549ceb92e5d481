"""The command table: words → (module below commands/, name in it); one line each, so that branches merge."""

from __future__ import annotations

COMMANDS = {
    "new": ("create", "NEW"),
    "ls": ("lists", "LS"),
    "show": ("show", "SHOW"),
    "done": ("ticket", "DONE"),
    "search": ("lists", "SEARCH"),
    "ready": ("lists", "READY"),
    "blocked": ("lists", "BLOCKED"),
    "next": ("lists", "NEXT"),
    "update": ("ticket", "UPDATE_SHORT"),
    "log": ("history", "LOG"),
    "diff": ("diff", "DIFF"),
    "graph": ("graph", "GRAPH"),
    "undo": ("history", "UNDO"),
    "recover": ("history", "RECOVER"),
    "purge": ("history", "PURGE"),
    "commit": ("history", "COMMIT"),
    "batch": ("batch", "BATCH"),
    "init": ("setup", "INIT"),
    "demo": ("demo", "DEMO"),
    "doctor": ("setup", "DOCTOR"),
    "reindex": ("setup", "REINDEX"),
    "version": ("setup", "VERSION"),
    "prime": ("agents", "PRIME"),
    "trust": ("trust", "TRUST"),
    # ticket
    "ticket create": ("create", "CREATE"),
    "ticket list": ("lists", "LIST"),
    "ticket show": ("show", "TICKET_SHOW"),
    "ticket search": ("lists", "TICKET_SEARCH"),
    "ticket update": ("ticket", "UPDATE"),
    "ticket edit": ("ticket", "EDIT"),
    "ticket close": ("ticket", "CLOSE"),
    "ticket reopen": ("ticket", "REOPEN"),
    "ticket archive": ("ticket", "ARCHIVE"),
    "ticket unarchive": ("ticket", "UNARCHIVE"),
    "ticket delete": ("ticket", "DELETE"),
    "ticket link": ("ticket", "LINK"),
    "ticket unlink": ("ticket", "UNLINK"),
    # comment
    "comment add": ("comment", "ADD"),
    "comment list": ("comment", "LIST"),
    "comment edit": ("comment", "EDIT"),
    "comment delete": ("comment", "DELETE"),
    # workpad
    "workpad show": ("workpad", "SHOW"),
    "workpad set": ("workpad", "SET"),
    "workpad append": ("workpad", "APPEND"),
    # epic
    "epic create": ("epic", "CREATE"),
    "epic list": ("epic", "LIST"),
    "epic show": ("epic", "SHOW"),
    "epic update": ("epic", "UPDATE"),
    "epic archive": ("epic", "ARCHIVE"),
    "epic unarchive": ("epic", "UNARCHIVE"),
    "epic progress": ("epic", "PROGRESS"),
    # status
    "status list": ("project", "STATUS_LIST"),
    "status show": ("project", "STATUS_SHOW"),
    # project
    "project list": ("project", "PROJECT_LIST"),
    "project show": ("project", "PROJECT_SHOW"),
    # member
    "member list": ("project", "MEMBER_LIST"),
    "member show": ("project", "MEMBER_SHOW"),
    # trust
    "trust list": ("trust", "TRUST_LIST"),
    "trust show": ("trust", "TRUST_SHOW"),
    "trust revoke": ("trust", "TRUST_REVOKE"),
}
