"""Open-loop sending: every message leaves when it is due, whatever became of the ones before."""
