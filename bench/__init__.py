"""What each step costs, how we compare with what people would pick instead, and whether a commit made it worse.

Every command is a module: `python -m bench.compare` (whole servers), `bench.cost` (memory, start, ledger), `bench.regress`
(this commit against a base), `bench.pages.report` (tables and plots from the JSON files), `pytest bench/micro` (single steps).
"""

from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The repository's folder, from which every command is started."""
