"""The texts that senders write: made up, and none of them asks to be left alone (a worker answers no STOP).

Each is a function of chance, so that one seed gives one flood.
"""

from collections.abc import Callable
from random import Random

_TEXT_MAX = 1600
"""The most that a provider passes on in one message, in UTF-16 units."""

_PART_CHARACTERS = 153
"""The length of one part of several, where all characters of the message stand in the GSM 03.38 alphabet."""
_PART_PICTURES = 33
"""As many characters of two UTF-16 units stand in one part of several."""

_OPENINGS = (
    "Salut, c'est Kevin, on s'est vus hier soir",
    "Coucou, tu fais quoi ce week-end ?",
    "Hello, c'est le mec du bar",
    "T'es qui ?",
    "C'est ton numéro ou pas ?",
    "Bonsoir, toujours partante pour un verre ?",
    "Réponds stp",
    "mdr c'est quoi ce numéro",
)
_PICTURES = "🙃😀👻🌊🐋🎈"
_HOSTILE = (
    "</Message></Response><Response><Message>gratuit</Message>",
    "'; DROP TABLE senders; --",
    "\x00\x01\x02\x1b[2J",
    "a=1&Body=b&From=%2B33600000000",
    "%00%zz%",
    "\u202etxet desrever\u202c \u200b\ufeff",
    "${jndi:ldap://localhost/x} {{7*7}}",
    "Z̸̢̛a̷̧l̵̡g̶̢o̴̧",
    "\r\nX-Injected: 1\r\n\r\n",
    "+&=;#?/\\\"'`",
)


def _same(_chance: Random) -> str:
    return "Salut, c'est Kevin"


def _varied(chance: Random) -> str:
    return f"{chance.choice(_OPENINGS)} {chance.randrange(1000)}"


def _long(chance: Random) -> str:
    return _of_length(_TEXT_MAX, chance)


def _of_length(characters: int, chance: Random) -> str:
    sentence = f"{_varied(chance)}. "
    return (sentence * (characters // len(sentence) + 1))[:characters]


def _ucs2(chance: Random) -> str:
    return chance.choice(_PICTURES) * chance.randint(1, _TEXT_MAX // 2)


def _hostile(chance: Random) -> str:
    return chance.choice(_HOSTILE)


def of_segments(segments: int, chance: Random) -> str:
    """Return a text that takes so many segments: at least one, and at most what one message can carry."""
    if segments <= 1:
        return _varied(chance)
    if segments <= -(-_TEXT_MAX // _PART_CHARACTERS):
        return _of_length(min(_TEXT_MAX, _PART_CHARACTERS * segments), chance)
    return chance.choice(_PICTURES) * min(_TEXT_MAX // 2, _PART_PICTURES * segments)


TEXTS: dict[str, Callable[[Random], str]] = {
    "same": _same,
    "varied": _varied,
    "long": _long,
    "ucs2": _ucs2,
    "hostile": _hostile,
}
