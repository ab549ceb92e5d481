"""What is wrong, and its mending."""
