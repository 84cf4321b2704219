"""`python -m edge` is `antirelou`: whoever interrupts it before it is there is told so on one line as well."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from edge.cli import main as run  # noqa: PLC0415  loading it takes long enough for a Ctrl-C

        run()
    except KeyboardInterrupt:
        sys.stderr.write("antirelou: stopped\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
