"""`python -m gittracker`."""

from gittracker.wiring import run

if __name__ == "__main__":
    run()
