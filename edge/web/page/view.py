"""An overview in the words of a language: all that the templates are given."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec

from edge.core.kept.attachment import Attachment
from edge.core.showing.history import Period
from edge.core.showing.overview import Overview
from edge.units import DAY_MS, divide_up
from edge.web.page import saying
from edge.web.page.chart import chart_of
from edge.web.page.words import LANGUAGES, SILENCES


class Shown(msgspec.Struct, frozen=True):
    """What there is to show."""

    overview: Overview | None
    """The last one; None where there never was any."""
    away: str
    """Why the ledger does not answer; blank where it does."""


class View:
    """What there is, for one language and one zone of time."""

    def __init__(self, shown: Shown, language: str, zone: dt.tzinfo) -> None:
        self.language = language
        self.words = LANGUAGES[language]
        self._zone = zone
        self._seen = shown.overview
        self._away = shown.away

    @property
    def parts(self) -> dict[str, Any]:
        """What each part of the page is given, by its name; None where there is nothing to show in it."""
        seen = self._seen
        if seen is None:
            return {"state": self._state(), "kitty": None, "flood": None, "silence": None, "history": None}
        return {
            "state": self._state(),
            "kitty": self._kitty(seen),
            "flood": self._flood(seen),
            "silence": self._silence(seen),
            "history": [self._period(period, seen.now_ms) for period in seen.periods],
            "reasons": self._reasons(seen),
        } | {"health": list(self._health(seen))}

    def _state(self) -> dict[str, str]:
        """Return the one thing that must be known first, and how bad it is."""
        seen, words = self._seen, self.words
        if self._away or seen is None:
            of = words["state_away_of"].format(time=self._time(seen.now_ms, seen)) if seen else ""
            return {"mood": "bad", "title": words["state_away"], "text": f"{words['state_away_text']} {of}".strip()}
        name, mood, until, where = "state_well", "good", "", self._off(seen)
        if seen.silence:
            return {"mood": "silent", "title": words["state_file"], "text": seen.silence}
        if seen.is_paused:
            mood = "silent"
            name = "state_paused_for_good" if seen.paused_until_ms is None else "state_paused"
            until = "" if seen.paused_until_ms is None else self._time(seen.paused_until_ms, seen)
        elif not any(attachment.attached for attachment in seen.attachments):
            name, mood = "state_detached", "silent"
        elif seen.left_micros < seen.reply_micros:
            name, mood = "state_empty", "bad"
        elif seen.flood:
            name, mood = "state_flood", "bad"
        elif seen.pace_left_micros < seen.reply_micros:
            name, mood = "state_pace", "bad"
        elif where:
            name, mood = "state_part_detached", "silent"
        return {"mood": mood, "title": words[name].format(until=until, where=where), "text": words[f"{name}_text"]}

    @staticmethod
    def _off(seen: Overview) -> str:
        """Return which of several numbers are detached."""
        pairs = zip(seen.shares, seen.attachments, strict=False)
        return ", ".join(share.where for share, attachment in pairs if not attachment.attached)

    def _kitty(self, seen: Overview) -> dict[str, Any]:
        words, kitty_micros, day = self.words, seen.purse.kitty_micros, seen.day
        per_mille = seen.left_micros * 1000 // kitty_micros if kitty_micros else 0
        until, text = words["kitty_unknown"], words["kitty_unknown_text"]
        if seen.lasts_until is not None and day is not None:
            until = words["kitty_until"].format(until=saying.date(seen.lasts_until, self.language))
            text = words["kitty_until_text"].format(day=self._money(day.micros, seen))
        return {
            "left": self._money(seen.left_micros, seen, left=True),
            "of": words["kitty_left"].format(kitty=self._money(kitty_micros, seen, left=True)),
            "per_mille": per_mille,
            "mood": "bad" if per_mille < 200 else "good",  # noqa: PLR2004  a fifth, as the alerts have it
            "gauge": words["kitty_gauge"].format(percent=per_mille // 10),
            "until": until,
            "text": text,
            "replies": self._money(day.replies_micros, seen) if day else "—",
            "received": self._money(day.received_micros, seen) if day else "—",
            "most": words["pace_per_day"].format(money=self._money(seen.purse.per_day_micros, seen, left=True)),
            "now": self._money(seen.pace_left_micros, seen, left=True),
            "shares": [
                (
                    share.where,
                    self._number(share.lately.hour),
                    self._number(share.lately.day),
                    self._number(share.replies),
                    self._money(share.left_micros, seen, left=True),
                )
                for share in seen.shares
            ],
        }

    def _flood(self, seen: Overview) -> dict[str, str] | None:
        flood = seen.flood
        if flood is None:
            return None
        return {
            "since": self._time(flood.since_ms, seen),
            "messages": self._number(flood.messages),
            "again": self._number(flood.again),
            "senders": ""
            if flood.senders is None
            else self.words["flood_at_least"].format(count=self._number(flood.senders)),
            "replies": self._number(flood.replies),
            "cost": self._money(flood.cost_micros, seen),
            "without": self._money(flood.without_micros, seen),
        }

    def _silence(self, seen: Overview) -> dict[str, str]:
        if seen.silence:
            return {"can": "nothing", "text": self.words["silence_file_text"].format(why=seen.silence)}
        if seen.is_paused:
            return {"can": "resume", "text": self.words["silence_end_text"]}
        return {"can": "silence", "text": self.words["silence_text"]}

    def _period(self, period: Period, now_ms: int) -> dict[str, Any]:
        words, chart = self.words, chart_of(period.steps)
        title = words[f"history_{period.name}"]
        counts = {"messages": self._number(period.messages), "replies": self._number(period.replies)}
        begins = [self._step(step.at_ms, period.step_ms) for step in period.steps]
        return {
            "name": period.name,
            "title": title,
            "sum": words["history_sum"].format(**counts),
            "most": words["history_most"].format(most=self._number(chart.most)),
            "label": words["history_chart"].format(period=title, steps=len(period.steps), **counts),
            "chart": chart,
            "first": begins[0],
            "rows": [
                (begin, self._number(step.messages), self._number(step.replies))
                for begin, step in zip(begins, period.steps, strict=True)
            ],
            "now": self._time(now_ms, self._seen) if self._seen else "",
        }

    def _reasons(self, seen: Overview) -> dict[str, Any]:
        silences = [
            (self._number(count), SILENCES[self.language][reason], divide_up(count * 1000, max(seen.reasons.values())))
            for reason, count in seen.reasons.items()
        ]
        counts = {"messages": self._number(seen.messages), "replies": self._number(seen.replies)}
        text = self.words["reasons_text"].format(**counts) if silences else self.words["reasons_none"]
        return {"text": text, "rows": silences}

    def _health(self, seen: Overview) -> Iterator[tuple[str, bool, str]]:
        """Yield each part, whether it is well, and what is known of it."""
        words = self.words
        ledger = words["health_ledger_away"].format(why=self._away) if self._away else words["health_ledger_well"]
        yield words["health_ledger"], not self._away, ledger
        if seen.signatures_fail:
            yield words["health_provider"], False, words["health_provider_signatures"]
        elif seen.last_message_ms is None:
            yield words["health_provider"], True, words["health_provider_quiet"]
        else:
            last = self._time(seen.last_message_ms, seen)
            yield words["health_provider"], True, words["health_provider_well"].format(time=last)
        for where, attachment in zip([share.where for share in seen.shares] or [""], seen.attachments, strict=True):
            yield self._delivery(seen, where, attachment)
        alerts = seen.alerts
        if not alerts.are_set:
            yield words["health_alerts"], False, words["health_alerts_none"]
        elif alerts.failing:
            channels = ", ".join(alerts.failing)
            yield words["health_alerts"], False, words["health_alerts_failing"].format(channels=channels)
        else:
            yield words["health_alerts"], True, words["health_alerts_well"]

    def _delivery(self, seen: Overview, where: str, attachment: Attachment) -> tuple[str, bool, str]:
        """Return whether the provider delivers to a number, as a part of the health."""
        words, state = self.words, "attached" if attachment.attached else "detached"
        until = "" if attachment.attach_at_ms is None else self._time(attachment.attach_at_ms, seen)
        said = words[f"health_{state}_until" if until and state == "detached" else f"health_{state}"]
        said = said.format(since=self._time(attachment.since_ms, seen), until=until)
        text = "; ".join(filter(None, (said, attachment.trouble)))
        return f"{words['health_attachment']} {where}".strip(), attachment.attached and not attachment.trouble, text

    def _number(self, value: int) -> str:
        return saying.number(value, self.language)

    def _money(self, micros: int, seen: Overview, *, left: bool = False) -> str:
        return saying.money(micros, seen.currency, self.language, left=left)

    def _time(self, at_ms: int, seen: Overview) -> str:
        return saying.time(self._at(at_ms), self._at(seen.now_ms), self.language)

    def _step(self, at_ms: int, step_ms: int) -> str:
        """Return the beginning of a step; a day is that of UTC, as the ledger's hours are put together."""
        if step_ms == DAY_MS:
            return saying.day_and_month(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC), self.language)
        return f"{self._at(at_ms):%H:%M}"

    def _at(self, at_ms: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(at_ms // 1000, self._zone)
