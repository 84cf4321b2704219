"""What a worker keeps on its machine, and what survives it there: running sums, and the messages that were seen lately."""
