"""Beside the messages: what must be known is found out by one worker of all, and sent to where people are."""
