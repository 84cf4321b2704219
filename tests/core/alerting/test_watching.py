"""From sums and instants to events: each once, again only after it ended, and the same after a takeover."""

import msgspec
import pytest

from edge.core.alerting.floodwatch import Minute
from edge.core.alerting.watching import AlertTerms, Notes, Seen, Tended, events
from edge.core.kept.attachment import ADDRESS, BLANK, Attachment, Why
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

NOW_MS = 1_800_000_000_000
EUR = 1_000_000
TERMS = AlertTerms("en", "EUR", 2_000 * EUR, 8 * EUR, 76_300, 8 * 60, 0)
NONE = {"restart": [], "signature": []}


class Life:
    """A number and its watch, whose notes are kept and read again between two looks, as another worker would."""

    def __init__(self, **terms):
        self.terms = msgspec.structs.replace(TERMS, **terms)
        self.notes = Notes()
        self.now_ms = NOW_MS
        self.sums = Minute()
        self.pace_micros = 8 * EUR
        self.noted = dict(NONE)
        self.attachment = self.advised = None
        self.others = []
        self.least = ""
        self.senders, self.asked = None, []
        self.day, self.minute = "2027-01-15", 12 * 60
        self.look()

    def look(self, ms=0):
        """Let time pass, and return the names of what is said."""
        self.now_ms += ms
        self.notes = msgspec.json.decode(msgspec.json.encode(self.notes), type=Notes)
        tended = self.others or [Tended(self.attachment, self.advised)]
        seen = Seen(
            self.now_ms, self.sums, self.pace_micros, "2027-04-01", self.day, self.minute, self.noted, tended,
            self.least, self.count_senders,
        )  # fmt: skip
        self.said = events(self.notes, seen, self.terms)
        return [alert.name for alert in self.said]

    def count_senders(self, ago_ms):
        """Return how many are noted, and note how far back that goes."""
        self.asked.append(ago_ms // MINUTE_MS)
        return self.senders

    def receive(self, messages=0, again=0, replies=0, **money):
        """Have so much come in."""
        received = money.get("received", messages * 7_500)
        self.sums += Minute(messages, again, replies, money.get("replied", replies * 76_300), received)


def test_a_flood_is_told_at_its_begin_and_at_its_end():
    """Messages, replies, what it cost, and what it would have cost."""
    life = Life()
    for _ in range(15):
        life.receive(20, replies=1)
        said = life.look(MINUTE_MS)
        if said:
            break
    began = life.said[0].text
    ended = [alert.text for _ in range(40) if "flood_ended" in life.look(MINUTE_MS) for alert in life.said]

    assert ["flood_began"] == said
    assert (
        "160 messages in the last ten minutes, 8 answered. Receiving alone costs 1.20 EUR so far; 1998.19 EUR left."
        == (began)
    )
    assert [
        "160 messages, 8 answered: 1.82 EUR in all. To answer each would have cost 13.41 EUR. 1998.19 EUR left."
    ] == ended


@pytest.mark.parametrize(
    ("language", "senders", "began", "ended"),
    [
        (
            "en",
            37,
            "160 messages from at least 37 senders in the last",
            "160 messages from at least 37 senders, 8 answered",
        ),
        (
            "fr",
            37,
            "160 messages d'au moins 37 expéditeurs en dix",
            "160 messages d'au moins 37 expéditeurs, 8 réponses",
        ),
        ("en", 1, "160 messages in the last", "160 messages, 8 answered"),
        ("en", None, "160 messages in the last", "160 messages, 8 answered"),
    ],
)
def test_a_flood_is_told_with_its_senders_where_they_are_noted(language, senders, began, ended):
    """At least so many, since it began; they are counted when something is to be said, and at no other time."""
    life = Life(language=language)
    life.senders = senders
    for _ in range(8):
        life.receive(20, replies=1)
        life.look(MINUTE_MS)
    texts = [life.said[0].text]
    texts += [alert.text for _ in range(40) if "flood_ended" in life.look(MINUTE_MS) for alert in life.said]

    assert [True, True] == [text.startswith(told) for text, told in zip(texts, (began, ended), strict=True)]
    assert [11, 31] == life.asked


def test_what_nobody_looked_at_is_spread_over_the_time():
    """A night without a watch makes no flood of what came in it."""
    life = Life()
    life.receive(1_000)

    assert [] == life.look(10 * HOUR_MS)
    life.receive(1_000)
    assert ["flood_began"] == life.look(MINUTE_MS)


def test_the_kitty_is_told_of_at_its_bounds():
    """At 50, 20 and 5 percent, and when it pays for no reply any more; the lowest one that was passed, once."""
    life = Life()
    said = []
    for spent in (999, 1_001, 1_002, 1_700, 1_999, 1_999.95):
        life.sums = Minute(received_micros=int(spent * EUR))
        said.append((life.look(SECOND_MS), life.said[0].text[:14] if life.said else ""))

    assert [
        ([], ""),
        (["kitty_low"], "Less than 50 %"),
        ([], ""),
        (["kitty_low"], "Less than 20 %"),
        (["kitty_low"], "Less than 5 % "),
        (["kitty_empty"], "Nobody is answ"),
    ] == said


def test_a_raised_kitty_is_told_and_its_alerts_are_armed_again():
    """And what it is below by then is said with it."""
    life = Life()
    life.sums = Minute(received_micros=1_999 * EUR)
    first = life.look(SECOND_MS)
    life.terms = msgspec.structs.replace(life.terms, kitty_micros=3_000 * EUR)

    assert (["kitty_low"], ["kitty_raised", "kitty_low"]) == (first, life.look(SECOND_MS))
    assert [] == life.look(SECOND_MS)
    life.terms = TERMS
    life.look()
    assert [] == life.look(SECOND_MS)


def test_a_pace_that_is_used_up_for_an_hour_is_told():
    """Not before; again only after a quarter of it was there."""
    life = Life()
    life.pace_micros = 100_000
    said = [life.look(10 * MINUTE_MS) for _ in range(8)]
    life.pace_micros = EUR
    still = life.look(HOUR_MS)
    life.pace_micros = 3 * EUR
    back = life.look(SECOND_MS)
    life.pace_micros = 0
    again = [*life.look(SECOND_MS), *life.look(HOUR_MS)]

    assert [[]] * 6 + [["pace_empty"], []] == said
    assert ([], [], ["pace_empty"]) == (still, back, again)


def test_a_share_that_is_used_up_for_an_hour_is_told_with_its_number():
    """By its place in the file: the one with the least; the others may answer."""
    life = Life(numbers=("+33937000000", "+33937000001"))
    life.pace_micros, life.least = 0, "number[1]"
    said = [life.look(30 * MINUTE_MS) for _ in range(4)]
    text = [alert.text for alert in life.said]
    life.pace_micros = 8 * EUR

    assert [[], [], ["share_empty"], []] == said
    assert ([], []) == (text, life.look(SECOND_MS))
    life.pace_micros = 0
    life.look(SECOND_MS)
    life.look(HOUR_MS)
    assert [("number[1]: Nobody answered for an hour", "number[1]")] == [(alert.title, alert.of) for alert in life.said]
    assert (
        "This number's share of the pace has been used up for an hour; 2000.00 EUR left in the kitty."
        == life.said[0].text
    )


def test_a_pace_is_no_news_where_the_kitty_is_empty():
    """That was said."""
    life = Life()
    life.sums, life.pace_micros = Minute(received_micros=2_000 * EUR), 0
    life.look(SECOND_MS)

    assert "pace_empty" not in life.look(2 * HOUR_MS)


def test_receiving_far_above_the_usual_is_told():
    """Above ten busy hours, and a hundredth of the kitty; again when it has fallen by half."""
    life = Life()
    said = []
    for received in (15, 6, 0, 0):
        life.receive(10, received=received * EUR)
        said.append(life.look(MINUTE_MS))
    for _ in range(70):
        life.look(MINUTE_MS)
    life.receive(10, received=21 * EUR)

    assert [[], ["receiving_high"], [], []] == said
    assert ["receiving_high"] == life.look(MINUTE_MS)


def test_workers_that_die_again_and_again_are_told_of():
    """More than three in ten minutes; again when there were none in ten."""
    life = Life()
    life.noted["restart"] = [NOW_MS + second * SECOND_MS for second in (1, 2, 3)]
    three = life.look(5 * SECOND_MS)
    life.noted["restart"].append(NOW_MS + 5 * SECOND_MS)
    four, later = life.look(), life.look(MINUTE_MS)
    quiet = life.look(10 * MINUTE_MS)
    life.noted["restart"] = [life.now_ms] * 4

    assert ([], ["restarts"], [], [], ["restarts"]) == (three, four, later, quiet, life.look())


def test_signatures_that_do_not_verify_are_told_once_an_hour_at_most():
    """What was noted before the watch began is nobody's news; and it is said again after an hour without."""
    life = Life()
    life.noted["signature"] = [NOW_MS + MINUTE_MS]
    first, later = life.look(MINUTE_MS), life.look(MINUTE_MS)
    life.noted["signature"].append(life.now_ms)
    same = life.look()
    quiet = life.look(HOUR_MS)
    life.noted["signature"].append(life.now_ms)

    assert (["signatures"], [], [], [], ["signatures"]) == (first, later, same, quiet, life.look())


def test_quiet_is_told_where_the_file_asks_for_it():
    """After so long without a message, once; and never unless asked."""
    life, never = Life(quiet_ms=6 * HOUR_MS), Life()
    said = [life.look(3 * HOUR_MS) for _ in range(3)]
    text = "Nothing was received for 6 hours."
    life.receive(1)
    back = life.look(SECOND_MS)

    assert ([[], ["quiet"], []], []) == (said, back)
    assert ["quiet"] == life.look(6 * HOUR_MS)
    assert text == life.said[0].text
    assert [] == never.look(30 * DAY_MS)


def test_the_digest_comes_once_a_day_at_its_minute_or_after_it():
    """With what the day came to; a day that had begun when the watch did is told of the next morning."""
    life = Life()
    life.receive(100, replies=10)
    same_day = life.look(SECOND_MS)
    life.day, life.minute = "2027-01-16", 7 * 60 + 59
    early = life.look(SECOND_MS)
    life.minute = 8 * 60 + 1
    morning, text = life.look(SECOND_MS), life.said[0]
    again = life.look(SECOND_MS)

    assert ([], [], ["digest"], []) == (same_day, early, morning, again)
    assert "1.52 EUR in a day, 1998.49 EUR left" == text.title
    assert (
        "100 messages, 10 answered: 0.77 EUR for replies, 0.75 EUR for receiving. It lasts until 2027-04-01."
        == text.text
    )


def test_a_day_that_begins_before_its_digest_has_it():
    """A watch that begins at night says it that morning; one without a digest never."""
    early, none = Life(), Life(digest_minute=None)
    early.notes.digest_day, early.day, early.minute = "", "2027-01-15", 8 * 60
    none.day, none.minute = "2027-01-17", 8 * 60

    assert (["digest"], []) == (early.look(SECOND_MS), none.look(SECOND_MS))


@pytest.mark.parametrize("minute", [0, 23 * 60])
def test_a_watch_that_begins_says_nothing_of_what_was_before(minute):
    """Whatever the sums are, unless the kitty is low."""
    notes = Notes()
    seen = Seen(
        NOW_MS, Minute(10_000, 5_000, 100, 7_630_000, 75 * EUR), 0, "", "d", minute, {"restart": [], "signature": [1]}
    )

    assert [] == events(notes, seen, TERMS)


def test_sums_that_fell_are_no_news():
    """A ledger that was restored knows less than it did."""
    life = Life()
    life.receive(100)
    life.look(MINUTE_MS)
    life.sums = Minute()

    assert [] == life.look(MINUTE_MS)


OFF = Attachment(attached=False, since_ms=NOW_MS, why=Why.PER_ANSWER, written=BLANK)


def test_that_detaching_would_pay_is_told_where_the_file_only_says_it():
    """Once, and again after it would not have."""
    life, said = Life(), []
    for life.advised in (Attachment(), OFF, OFF, None, OFF):
        said.append(life.look(SECOND_MS))

    assert [[], ["detach_wise"], [], [], ["detach_wise"]] == said


def test_a_number_that_is_detached_and_attached_again_is_told_when_it_is_done():
    """Not while it is only wanted, or nobody knows; and each once."""
    life, said = Life(), []
    story = (
        Attachment(),
        msgspec.structs.replace(OFF, written=None),
        msgspec.structs.replace(OFF, pending_ms=NOW_MS),
        OFF,
        OFF,
        Attachment(written=BLANK),
        Attachment(written=ADDRESS),
        Attachment(written=ADDRESS),
        None,
    )
    for life.attachment in story:
        said.append(life.look(SECOND_MS))

    assert [[], [], [], ["detached"], [], [], ["attached"], [], []] == said


@pytest.mark.parametrize(
    ("language", "attachment", "title", "until"),
    [
        ("en", OFF, "Detached: receiving costs too much for each answer", "until somebody attaches it"),
        (
            "fr",
            msgspec.structs.replace(OFF, why=Why.NOBODY_PAYABLE, attach_at_ms=NOW_MS + 30 * MINUTE_MS),
            "Détaché : personne n'aurait eu de réponse",
            "pendant 30 minutes",
        ),
        ("en", msgspec.structs.replace(OFF, why=None), "Detached: by hand", "until somebody attaches it"),
    ],
)
def test_why_and_for_how_long_is_told(language, attachment, title, until):
    """In the words of the language; a timer in minutes, and otherwise what has to happen."""
    life = Life(language=language)
    life.attachment = attachment
    life.look(SECOND_MS)

    assert title == life.said[0].title
    assert until in life.said[0].text


def test_trouble_at_the_provider_is_told_once_and_again_after_it_ended():
    """With what to enter there; and for whatever reason."""
    life, said = Life(), []
    for trouble in ("no", "no", "other", "", "no"):
        life.attachment = Attachment(trouble=trouble)
        said.append(life.look(SECOND_MS))

    assert [["attachment_trouble"], [], [], [], ["attachment_trouble"]] == said
    assert "no. If nothing comes in: enter number.url there, as the address for incoming messages." == life.said[0].text
    assert life.said[0].urgent


def of_two(first, second):
    """Return what is known of two numbers."""
    return [Tended(one, None, f"number[{index}]", f"+{index}") for index, one in enumerate((first, second))]


def test_each_of_several_numbers_is_told_by_itself():
    """By its place in the file: one that is detached hides nothing of the other; and by the number it is known again."""
    life, said = Life(), []
    off, on = msgspec.structs.replace(OFF, trouble=""), Attachment(written=ADDRESS)
    moved = msgspec.structs.replace(of_two(off, off)[1], where="number[0]")
    for life.others in (of_two(on, off), of_two(off, off), of_two(off, on), [moved], of_two(off, off)):
        life.look(SECOND_MS)
        said.append([(alert.name, alert.title) for alert in life.said])

    costs = "Detached: receiving costs too much for each answer"
    assert [
        [("detached", f"number[1]: {costs}")],
        [("detached", f"number[0]: {costs}")],
        [("attached", "number[1]: Attached again")],
        [("detached", f"number[0]: {costs}")],  # it was attached before
        [("detached", f"number[0]: {costs}")],  # what was said of a number that was gone is forgotten
    ] == said
