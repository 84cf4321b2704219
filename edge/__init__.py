"""antirelou: the number that answers once, and does not sink."""

__version__ = "0.1.0"
