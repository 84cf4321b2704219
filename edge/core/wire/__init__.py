"""What comes from a provider and goes back to it: the message, the answer and its reason. The contract of a provider."""
