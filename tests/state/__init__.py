"""Tests of what survives a worker on its machine."""
