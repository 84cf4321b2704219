"""What is shown and foreseen: status, history, the bill, and what would be done with a message."""
