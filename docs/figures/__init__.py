"""The figures of the pages: what `antirelou simulate` says of floods, and where it stands. `make figures` measures and writes them.

1. :mod:`docs.figures.experiments` names every experiment: a flood, its seeds, one file or two.
2. :mod:`docs.figures.measured` has it played by the commands that the pages name, and keeps what came of it in results.json.
3. :mod:`docs.figures.tables` and :mod:`docs.figures.sentences` say where in the pages it stands.

A test writes the pages anew out of results.json, and plays some first seeds again: a figure that the code has left behind fails.
"""
