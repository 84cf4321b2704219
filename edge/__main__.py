"""`python -m edge` is `antirelou`."""

from edge.cli import main

main()
