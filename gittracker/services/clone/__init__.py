"""The clone as a whole: its worktrees and branches, its daemon, its set-up."""
