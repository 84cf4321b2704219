"""The costs of single steps, one at a time: `pytest bench/micro`.

A micro-benchmark flatters: its caches are warm and nothing is handed between threads. It says where the microseconds of a
whole call go, and `bench.compare` says what they come to in a server.
"""
