"""One module per noun: its commands, their flags and what they print."""
