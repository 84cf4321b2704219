"""Turns results into pages: tables, pictures, targets, and a line for each release. Nothing here measures anything."""
