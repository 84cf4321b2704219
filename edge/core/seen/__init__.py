"""What a worker has seen: tables of fixed size, and running sums."""
