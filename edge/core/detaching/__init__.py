"""When silence costs too much, and what to do about it at the provider."""
