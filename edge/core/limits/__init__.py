"""How much, how often: buckets, the rules of a number, and the checks that a reply must pass."""
