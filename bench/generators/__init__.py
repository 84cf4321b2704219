"""Load generators: wrk with its pool, the harness's engine, Locust's own client, and one client that asks a single question.

`python -m bench.generators` compares their speeds against the fastest server that there is.
"""
