"""What the tracker does: one file per noun or activity."""
