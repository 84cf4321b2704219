"""One message in, one answer out."""
