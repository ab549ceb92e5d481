"""Files on disk: where they lie, how they are read, locked and replaced."""
