"""The disposable SQLite index over the files."""
