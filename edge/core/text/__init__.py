"""What is written: how a text is encoded and counted, which word is no answer to give, and cheaper wordings."""
