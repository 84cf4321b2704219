"""What a static file would have done with a flood: the real gate, rules and ledger in memory, on a clock moved by hand. Pure."""
