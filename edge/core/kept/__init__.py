"""Values that a ledger keeps beside its account: pauses, leases, hours, minutes, paid replies, attachments."""
