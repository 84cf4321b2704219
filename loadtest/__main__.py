"""`python -m loadtest` floods a worker of one's own."""

from loadtest.command import main

main()
