"""A number's webhook at Twilio: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource.

1. `SmsUrl` is the address that is called for a message. While it is blank Twilio takes none, and charges for none:
   "remove the webhook URL … to prevent all incoming messages and corresponding charges"
   (https://support.twilio.com, articles 223135287 and 223181528).
2. With an `SmsApplicationSid` Twilio ignores `SmsUrl`; `SmsFallbackUrl` is called where `SmsUrl` fails, and cannot stand
   without it (https://www.twilio.com/docs/api/errors/21406). Both are found, and said.
3. A number in the pool of a Messaging Service takes the service's address instead, unless the service says
   `use_inbound_webhook_on_number` (https://www.twilio.com/docs/messaging/services/api). The number does not say whether it is in
   one, so the services are looked through.
4. Whether a filter by number finds others as well is not said: the number has to be the same.
"""

from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from edge.api.call import Call, Calls, Returned
from edge.api.fate import Fate, Reached
from edge.api.twilio_rest import Failed, Rest, explained, next_page, read
from edge.api.webhook import Access, Webhook
from edge.errors import UNREADABLE

NUMBERS_PAGE, SERVICES_PAGE = 50, 20
"""So many in an answer, which no more is read of than 64 kB: a number in a pool has some 600 bytes, a service 1,500."""
PAGES_MAX = 100
"""So many answers are read for one look."""
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class _Number(msgspec.Struct):
    """A number in a list of Twilio's; what is not set is blank or null."""

    sid: str
    phone_number: str
    sms_url: str | None
    sms_application_sid: str | None = None
    sms_fallback_url: str | None = None


class _Numbers(msgspec.Struct):
    incoming_phone_numbers: list[_Number]


class _Written(msgspec.Struct):
    sms_url: str | None


class _Meta(msgspec.Struct):
    next_page_url: str | None = None


class _Service(msgspec.Struct):
    sid: str
    use_inbound_webhook_on_number: bool | None = None


class _Services(msgspec.Struct):
    services: list[_Service]
    meta: _Meta


class _Pooled(msgspec.Struct):
    phone_number: str


class _Pool(msgspec.Struct):
    phone_numbers: list[_Pooled]
    meta: _Meta


class Twilio:
    """The webhook of one number at Twilio."""

    def __init__(self, access: Access, phone: str) -> None:
        self._phone = phone
        self._rest = Rest(access)
        self._messaging = _messaging(self._rest.base)
        self._numbers = f"{self._rest.account}/IncomingPhoneNumbers"

    def look(self) -> Calls[Webhook | Fate]:
        """Return the calls that find out what Twilio has; or what became of the one that failed."""
        try:
            number = yield from self._number()
            pools = yield from self._pools()
        except Failed as failed:
            return failed.fate
        return Webhook(number.sid, number.sms_url or "", (*_overrides(number), *pools))

    def write(self, webhook: Webhook, address: str) -> Call:
        """Return the call that sets `SmsUrl` and nothing else."""
        body = urlencode({"SmsUrl": address}).encode()
        return Call("POST", f"{self._numbers}/{quote(webhook.id, safe='')}.json", body, self._rest.headers | _FORM)

    def written(self, returned: Returned, address: str) -> Fate:
        """Return what became of such a call; the answer shows the number as it is afterwards."""
        if returned.fate.reached is not Reached.DONE:
            return explained(returned)
        try:
            now = msgspec.json.decode(returned.body, type=_Written).sms_url or ""
        except UNREADABLE:
            return Fate(Reached.UNKNOWN, f"{returned.fate.said} with what cannot be read")
        return returned.fate if now == address else Fate(Reached.UNKNOWN, f"{returned.fate.said}, and has not done it")

    def _number(self) -> Calls[_Number]:
        query = urlencode({"PhoneNumber": self._phone, "PageSize": NUMBERS_PAGE})
        returned = yield self._rest.get(f"{self._numbers}.json?{query}")
        for number in read(returned, _Numbers).incoming_phone_numbers:
            if number.phone_number == self._phone:
                return number
        raise Failed(Fate(Reached.REFUSED, "number.api-account-env: this account has no such number"))

    def _pools(self) -> Calls[list[str]]:
        """Return the Messaging Services that take what is sent to the number."""
        left, found = PAGES_MAX, []
        url = f"{self._messaging}/v1/Services?PageSize={SERVICES_PAGE}"
        services: list[_Service] = []
        while url and left:
            page = read((yield self._rest.get(url)), _Services)
            services += page.services
            url, left = next_page(url, page.meta.next_page_url), left - 1
        for service in services:
            pool = "" if service.use_inbound_webhook_on_number else self._pool(service.sid)
            while pool and left:
                numbers = read((yield self._rest.get(pool)), _Pool)
                if any(number.phone_number == self._phone for number in numbers.phone_numbers):
                    found.append(f"the Messaging Service {service.sid}")
                pool, left = next_page(pool, numbers.meta.next_page_url), left - 1
        if not left:
            raise Failed(Fate(Reached.REFUSED, "has more Messaging Services than can be looked through"))
        return found

    def _pool(self, service: str) -> str:
        return f"{self._messaging}/v1/Services/{quote(service, safe='')}/PhoneNumbers?PageSize={NUMBERS_PAGE}"


def _messaging(base: str) -> str:
    """Return the beginning of the addresses that are about services: another host at Twilio, in whichever region, the same elsewhere."""
    head, api, host = base.partition("://api.")
    return f"{head}://messaging.{host}" if api and urlsplit(base).netloc.endswith(".twilio.com") else base


def _overrides(number: _Number) -> Iterator[str]:
    if number.sms_application_sid:
        yield "the application in SmsApplicationSid"
    if number.sms_fallback_url:
        yield "the fallback address in SmsFallbackUrl"
