"""What a worker met, recorded so that it can be played again."""
