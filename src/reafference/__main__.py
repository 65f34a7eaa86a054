"""`python -m reafference` is the command `reafference`."""

from reafference.cli import main

if __name__ == "__main__":
    main()
