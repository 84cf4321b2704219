"""Requests as providers send them, signed with a number's own secret: for the commands that try a number."""
