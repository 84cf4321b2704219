"""One promise of the worker, and what breaks it."""

import msgspec


class Promise(msgspec.Struct, frozen=True):
    """A promise by its name; a line for everything that breaks it, and for everything that leaves it open."""

    name: str
    broken: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()

    @property
    def kept(self) -> bool | None:
        """Whether it was kept, None if that is undecided."""
        if self.broken:
            return False
        return None if self.undecided else True
