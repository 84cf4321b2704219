"""Recognises a text of one word that no reply answers: STOP and its kin in English and French, START and HELP.

1. One word, in capitals or not, with accents or without, in letters of any width or fancy that Unicode takes for the same ones
   (as keyboards of East Asia and "fonts" for messages write them). Whatever is neither letter nor digit around it (punctuation,
   quotes, spaces, emoji, marks that nobody sees) does not matter. A sentence that holds the word is a sentence.
2. STOP is for ever. START and HELP are for the provider, which answers them itself; they end no STOP.

The words are Twilio's defaults for English and those that it documents for French
(https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out, https://support.twilio.com/hc/en-us/articles/223134027),
but for YES and INFO, which people write. What a provider itself says a message is goes first (`Message.word`).
"""

import string
import unicodedata
from enum import StrEnum


class Word(StrEnum):
    """What such a message asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


WORDS = {
    **dict.fromkeys(
        ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret", "arrete", "arrett"],
        Word.STOP,
    ),
    **dict.fromkeys(["start", "unstop"], Word.START),
    "help": Word.HELP,
}
_LENGTH_MAX = 24
"""More than twice the longest, for what stands in it unseen."""
_AROUND = string.punctuation + " \x7f" + "".join(map(chr, range(32))) + "«»“”…\u2019\u00a0\u202f"
"""What most texts have; control characters too, since some networks fill a message up with NUL."""
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
"""Unicode's categories of accents on their own, of frames, and of characters that only steer how others are shown."""
_FILLERS = dict.fromkeys([0x115F, 0x1160])
"""Letters to Unicode that show nothing, of Hangul: whoever wants to send a blank that no telephone takes away copies one of them."""


def word_of(text: str) -> Word | None:
    """Return what a text of one such word asks for, or None."""
    word = text.strip(_AROUND)
    if not word.isascii():
        word = _bare(word)
    return WORDS.get(word.casefold()) if len(word) <= _LENGTH_MAX else None


def _bare(text: str) -> str:
    """Return a text from its first letter or digit to its last, in plain letters, without accents and what nobody sees, unless it is too long."""
    first, end = 0, len(text)
    while first < end and not _plain(text[first]).isalnum():
        first += 1
    while end > first and not _plain(text[end - 1]).isalnum():
        end -= 1
    if end - first > _LENGTH_MAX:
        return text
    return "".join(c for c in _plain(text[first:end]) if unicodedata.category(c) not in _UNSEEN)


def _plain(text: str) -> str:
    """Return a text in the letters that its own stand for, accents apart: a wide, an italic or a circled S is an S."""
    return unicodedata.normalize("NFKD", text).translate(_FILLERS)
