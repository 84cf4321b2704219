"""What alerts say, in the languages that there are: short, money first, and never a number, a text or a secret."""

from edge.core.alert import Alert


def trial(language: str) -> Alert:
    """Return what `antirelou alert --test` sends."""
    if language == "fr":
        return Alert("test", "antirelou : essai", "Ceci est un essai. Les alertes de ce numéro arrivent ici.")
    return Alert("test", "antirelou: a test", "This is a test. The alerts of this number arrive here.")
