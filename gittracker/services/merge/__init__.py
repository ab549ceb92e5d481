"""Three-way merges of the tracker's files."""
