"""`python -m docs.figures [EXPERIMENT...]`: measure all experiments, or those that are named, and write what they gave into the pages."""

import sys

from docs.figures.experiments import EXPERIMENTS
from docs.figures.measured import keep, results, said
from docs.figures.pages import pages


def main(names: list[str]) -> int:
    """Run the command."""
    unknown = [name for name in names if name not in EXPERIMENTS]
    if unknown:
        sys.stderr.write(f"docs.figures: no experiment {unknown[0]!r}; there are: {', '.join(EXPERIMENTS)}\n")
        return 2
    found = results()
    for one in map(EXPERIMENTS.__getitem__, names or EXPERIMENTS):
        sys.stderr.write(f"{one.name}: {one.flood}, {one.seeds} seeds\n")
        keep(found := found | {one.name: {"all": said(one), "once": said(one.once)}})
    for page, text in pages(found).items():
        page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
