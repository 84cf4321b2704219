"""Recognises an opt-out: one single word, in capitals or not, with accents or without.

The words are Twilio's defaults for English and those that it documents for French
(https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out, https://support.twilio.com/hc/en-us/articles/223134027).
"""

import unicodedata

WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret", "arrete", "arrett"}
)
_LENGTH_MAX = 24
_AROUND = " \t\r\n.!?,;:\"'«»\u00a0\u202f"


def is_opt_out(text: str) -> bool:
    """Return whether the text is nothing but an opt-out word, punctuation around it aside."""
    if len(text) > _LENGTH_MAX:
        return False
    word = text.strip(_AROUND).casefold()
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return word in WORDS
