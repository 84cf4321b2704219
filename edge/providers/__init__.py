"""One file per provider: how it signs, what it sends, how it is answered. CONTRIBUTING.md says what another one takes.

`docs/reference/providers.md` says what each signs and what it does not; `tests/providers/samples/` has its requests.
"""

from edge.core.wire.provider import ProviderType
from edge.errors import ConfigError, did_you_mean
from edge.providers.elks46 import Elks46
from edge.providers.plivo import Plivo
from edge.providers.signalwire import SignalWire
from edge.providers.twilio import Twilio

PROVIDERS: dict[str, ProviderType] = {
    "twilio": Twilio,
    "signalwire": SignalWire,
    "plivo": Plivo,
    "46elks": Elks46,
}


def provider_type(name: str, where: str = "number") -> ProviderType:
    """Return the provider that the file names at a number. Raises ConfigError with the nearest name."""
    if name not in PROVIDERS:
        raise ConfigError(f"{where}.provider: found {name!r}; {did_you_mean(name, PROVIDERS)}")
    return PROVIDERS[name]
