"""Who can be a person, by the numbering plans, and how many of them share a block."""
