"""The commands, one file each: what it says, and nothing that decides."""
