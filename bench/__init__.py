"""Benchmarks: the cost of each step, a comparison with what people would pick instead, and whether a commit made it worse.

Every command is a module: `python -m bench.share` (our own share of a message), `bench.compare` (whole servers), `bench.cost`
(memory, start, ledger), `bench.steps` (single steps, one at a time), `bench.regress` (this tree against a base commit),
`bench.pages.report` (tables and pictures from the JSON files), `bench.generators` (the load generators themselves).
"""

from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The repository's folder, from which every command is started."""
