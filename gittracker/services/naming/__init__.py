"""Names, refs and links between records."""
