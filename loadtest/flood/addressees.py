"""To which of several numbers is written. Pure: it follows from the seed and the sender, so a sender always writes to the same one."""

from hashlib import blake2b

from loadtest.flood.scenario import Numbers, Scenario


class Addressees:
    """The numbers that are given away, and who knows which."""

    def __init__(self, numbers: Numbers, seed: int) -> None:
        self._numbers = numbers
        self._key = blake2b(f"numbers/{seed}".encode()).digest()

    def of(self, sender: str, *, genuine: bool) -> int:
        """Return the place of the number that a sender knows: any of them for a person, a known one for anybody else."""
        choice = self._numbers.count if genuine else self._numbers.known
        return int.from_bytes(blake2b(sender.encode(), key=self._key, digest_size=8).digest()) % choice


def addressees(scenario: Scenario, seed: int, count: int) -> Addressees | None:
    """Return who knows which of `count` numbers, as a scenario says; each is known to all alike where it says nothing.

    None where there is one.
    """
    return None if count == 1 else Addressees(scenario.numbers or Numbers(count, count), seed)
