"""The index follows the files, and events tell it."""
