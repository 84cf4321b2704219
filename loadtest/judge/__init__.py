"""Judges a flood: the harness's own model of the worker's promises, held against what was seen."""
