"""A worker of the run's own: its file, its start and its end."""
