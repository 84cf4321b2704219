"""What goes between a worker and the ledger, and how a charge is decided. The contract of a ledger."""
