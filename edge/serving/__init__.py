"""How a server runs: Granian started from the static file, its workers, when they are replaced, and what a reload changed."""
