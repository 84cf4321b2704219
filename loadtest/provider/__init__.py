"""The provider's side, a second time: what it signs, counts and charges. Nothing here is shared with the worker."""
