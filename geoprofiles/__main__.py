"""``python -m geoprofiles``: the command line where scripts may not be started."""

from geoprofiles.cli.main import main

if __name__ == "__main__":
    main()
