"""gittracker: the tracker that lives in the repository it tracks."""

__version__ = "0.3.0"
