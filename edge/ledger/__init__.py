"""The ledgers, by the scheme of the static file's `ledger.url`. All keep one contract and pass one suite of tests."""
