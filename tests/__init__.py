"""The tests, in folders that mirror what they test."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The repository's own folder."""
