"""What alerts say, in the languages that there are: short, money first, and never a number, a text or a secret."""

from typing import Any, NamedTuple

from edge.core.alerting.alert import Alert
from edge.core.kept.attachment import Attachment, Why
from edge.core.kept.button import Act
from edge.units import MICROS, MINUTE_MS, divide_up


class Saying(NamedTuple):
    """The title and the text of one kind of event."""

    title: str
    text: str
    urgent: bool = False


EN = {
    "test": Saying("antirelou: a test", "This is a test. The alerts of this number arrive here."),
    "flood_began": Saying(
        "{received} in ten minutes: a flood",
        "{messages} messages{senders} in the last ten minutes, {replies} answered. Receiving alone costs {received} so far; {left} left.",
        urgent=True,
    ),
    "flood_ended": Saying(
        "{cost}: the flood is over",
        "{messages} messages{senders}, {replies} answered: {cost} in all. To answer each would have cost {without}. {left} left.",
    ),
    "kitty_low": Saying(
        "{left} left: less than {percent} %", "Less than {percent} % of the kitty is left.", urgent=True
    ),
    "kitty_empty": Saying(
        "The kitty is empty", "Nobody is answered any more. What comes in is billed all the same.", urgent=True
    ),
    "kitty_raised": Saying("{left} left: the kitty was raised", "Its alerts are armed again."),
    "pace_empty": Saying(
        "Nobody answered for an hour", "The pace has been used up for an hour; {left} left in the kitty.", urgent=True
    ),
    "share_empty": Saying(
        "Nobody answered for an hour",
        "This number's share of the pace has been used up for an hour; {left} left in the kitty.",
        urgent=True,
    ),
    "receiving_high": Saying(
        "{received} in an hour for receiving",
        "That is far above the usual. Silence does not stop it; only the provider can stop delivering. {left} left.",
        urgent=True,
    ),
    "restarts": Saying(
        "Workers die again and again",
        "More than three were replaced within ten minutes; the log says why.",
        urgent=True,
    ),
    "signatures": Saying(
        "Messages are refused", "Requests that look like the provider's do not verify; the log says why.", urgent=True
    ),
    "quiet": Saying("Nothing comes in", "Nothing was received for {hours} hours."),
    "channel_failing": Saying("A channel fails", "What was said on {channel} did not arrive: {why}."),
    "detached": Saying(
        "Detached: {why}",
        "The provider delivers nothing, and charges nothing, {until}. Nobody is answered meanwhile; {left} left.",
    ),
    "detach_wise": Saying(
        "Detaching would pay: {why}",
        "The provider would deliver nothing, and charge nothing, for a while; nobody would be answered. {left} left.",
    ),
    "attached": Saying("Attached again", "The provider delivers messages again; {left} left."),
    "attachment_trouble": Saying(
        "Trouble with the number at the provider",
        "{why}. If nothing comes in: enter number.url there, as the address for incoming messages.",
        urgent=True,
    ),
    "ledger_down": Saying(
        "The ledger is away", "There is silence, and nothing is spent, until it is back.", urgent=True
    ),
    "ledger_back": Saying("The ledger is back", "Messages are answered again."),
    "digest": Saying(
        "{cost} in a day, {left} left",
        "{messages} messages, {replies} answered: {replied} for replies, {received} for receiving. It lasts until {until}.",
    ),
}
FR = {
    "test": Saying("antirelou : essai", "Ceci est un essai. Les alertes de ce numéro arrivent ici."),
    "flood_began": Saying(
        "{received} en dix minutes : une inondation",
        "{messages} messages{senders} en dix minutes, {replies} réponses. Rien que les recevoir coûte {received} ; il reste {left}.",
        urgent=True,
    ),
    "flood_ended": Saying(
        "{cost} : l'inondation est finie",
        "{messages} messages{senders}, {replies} réponses : {cost} en tout. Répondre à chacun aurait coûté {without}. Il reste {left}.",
    ),
    "kitty_low": Saying(
        "Il reste {left} : moins de {percent} %", "Il reste moins de {percent} % de la cagnotte.", urgent=True
    ),
    "kitty_empty": Saying(
        "La cagnotte est vide", "Plus personne ne reçoit de réponse. Ce qui arrive est facturé quand même.", urgent=True
    ),
    "kitty_raised": Saying("Il reste {left} : cagnotte augmentée", "Ses alertes sont réarmées."),
    "pace_empty": Saying(
        "Pas de réponse depuis une heure",
        "Le rythme est épuisé depuis une heure ; il reste {left} dans la cagnotte.",
        urgent=True,
    ),
    "share_empty": Saying(
        "Pas de réponse depuis une heure",
        "La part de ce numéro est épuisée depuis une heure ; il reste {left} dans la cagnotte.",
        urgent=True,
    ),
    "receiving_high": Saying(
        "{received} en une heure de réception",
        "C'est bien plus que d'habitude. Le silence n'y change rien ; seul l'opérateur peut arrêter. Il reste {left}.",
        urgent=True,
    ),
    "restarts": Saying(
        "Le service redémarre sans cesse",
        "Plus de trois redémarrages en dix minutes ; le journal dit pourquoi.",
        urgent=True,
    ),
    "signatures": Saying(
        "Des messages sont refusés",
        "Des requêtes qui semblent venir de l'opérateur ont une mauvaise signature ; le journal dit pourquoi.",
        urgent=True,
    ),
    "quiet": Saying("Plus rien n'arrive", "Aucun message reçu depuis {hours} heures."),
    "channel_failing": Saying("Un canal ne marche plus", "Ce qui a été dit sur {channel} n'est pas arrivé : {why}."),
    "detached": Saying(
        "Détaché : {why}",
        "L'opérateur ne livre rien et ne facture rien {until}. Personne n'a de réponse entre-temps ; il reste {left}.",
    ),
    "detach_wise": Saying(
        "Détacher : {why}",
        "L'opérateur ne livrerait et ne facturerait rien un moment ; personne n'aurait de réponse. Il reste {left}.",
    ),
    "attached": Saying("De nouveau attaché", "L'opérateur livre de nouveau les messages ; il reste {left}."),
    "attachment_trouble": Saying(
        "Un problème du numéro chez l'opérateur",
        "{why}. Si rien n'arrive : y saisir number.url, l'adresse pour les messages entrants.",
        urgent=True,
    ),
    "ledger_down": Saying(
        "Le registre est inaccessible", "Silence, et aucune dépense, jusqu'à son retour.", urgent=True
    ),
    "ledger_back": Saying("Le registre est de retour", "Les messages reçoivent de nouveau une réponse."),
    "digest": Saying(
        "{cost} en un jour, il reste {left}",
        "{messages} messages, {replies} réponses : {replied} de réponses, {received} de réception. Cela dure jusqu'au {until}.",
    ),
}
LANGUAGES = {"en": EN, "fr": FR}
SENDERS = {"en": " from at least {count} senders", "fr": " d'au moins {count} expéditeurs"}
HELPED_BY = {
    Act.SILENCE: frozenset(["flood_began", "kitty_low", "receiving_high"]),
    Act.DETACH: frozenset(["flood_began", "kitty_low", "receiving_high", "pace_empty", "share_empty"]),
}
"""The events against which each button helps, and which nobody has used it against yet."""
BUTTON_EN = {Act.SILENCE: "Silence for an hour", Act.DETACH: "Detach for an hour"}
BUTTON_FR = {Act.SILENCE: "Silence pendant une heure", Act.DETACH: "Détacher pendant une heure"}
BUTTON = {"en": BUTTON_EN, "fr": BUTTON_FR}

OFF_EN = {
    Why.NOBODY_PAYABLE: ("nobody could be answered anyway", "until the kitty is raised"),
    Why.PER_ANSWER: ("receiving costs too much for each answer", "until somebody attaches it"),
    Why.KITTY_SPENT: ("the kitty is spent", "until the kitty is raised"),
    Why.PAUSED: ("it is paused", "until the pause ends"),
    Why.RECEIVING_PACE: ("receiving has used up its pace", "until that is filled again"),
    Why.BY_HAND: ("by hand", "until somebody attaches it"),
}
"""For each reason why a number is detached what is said of it, and until when, where it has no timer."""
OFF_FR = {
    Why.NOBODY_PAYABLE: ("personne n'aurait eu de réponse", "jusqu'à ce que la cagnotte soit augmentée"),
    Why.PER_ANSWER: ("recevoir coûte trop par réponse", "jusqu'à ce que quelqu'un l'attache"),
    Why.KITTY_SPENT: ("la cagnotte est vide", "jusqu'à ce que la cagnotte soit augmentée"),
    Why.PAUSED: ("il est en pause", "jusqu'à la fin de la pause"),
    Why.RECEIVING_PACE: ("recevoir a épuisé son rythme", "jusqu'à ce qu'il soit rempli"),
    Why.BY_HAND: ("à la main", "jusqu'à ce que quelqu'un l'attache"),
}
OFF = {"en": (OFF_EN, "for {minutes} minutes"), "fr": (OFF_FR, "pendant {minutes} minutes")}


def say(language: str, name: str, of: str = "", **values: Any) -> Alert:
    """Return what is said of an event; `of` is the key of the one of several numbers that it is about."""
    words = LANGUAGES[language][name]
    title = f"{of}: {words.title}" if of else words.title
    return Alert(name, title.format(**values), words.text.format(**values), words.urgent, of)


def senders_said(count: int | None, language: str) -> str:
    """Return from how many senders messages came; blank where nothing is known, or no more than that there was one."""
    return SENDERS[language].format(count=count) if count is not None and count > 1 else ""


def off_said(attachment: Attachment, language: str) -> dict[str, str]:
    """Return why a number is detached, and for how long, as an alert says it."""
    words, for_minutes = OFF[language]
    why, until = words[attachment.why or Why.BY_HAND]
    if attachment.attach_at_ms is not None:
        minutes = divide_up(attachment.attach_at_ms - attachment.since_ms, MINUTE_MS)
        until = for_minutes.format(minutes=minutes)
    return {"why": why, "until": until}


def money(micros: int, currency: str, language: str) -> str:
    """Return an amount for people, in hundredths, rounded up; a small one is not nothing."""
    hundredths = -(-micros * 100 // MICROS)
    amount = f"{hundredths // 100}.{hundredths % 100:02}"
    return f"{amount.replace('.', ',') if language == 'fr' else amount} {currency}"
