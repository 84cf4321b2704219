"""What must be known: when it is a flood, what is said of it, and to whom once more."""
