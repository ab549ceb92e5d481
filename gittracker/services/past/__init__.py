"""History: told, audited, undone, brought back."""
