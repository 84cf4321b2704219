"""Facts about the files of a sweep: each value or combination of values once, and mistakes in the file's own words."""

import pytest

from edge.errors import ConfigError
from edge.simulation.sweep import key_of, variants
from edge.units import DAY_MS, HOUR_MS
from tests.worker import config


def swept(*texts):
    """Return the files of a sweep."""
    return list(variants(config(), "edge.toml", [key_of(text) for text in texts]))


def test_a_key_takes_each_of_its_values():
    """Durations, amounts and whole numbers, in tables that are there or not."""
    assert [HOUR_MS, 7 * DAY_MS] == [
        variant.config.limit.sender.period for variant in swept("limit.sender.period=1h, 7d")
    ]
    assert [3, 5] == [variant.config.limit.block.digits for variant in swept("limit.block.digits=3,5")]
    assert [0, 0.125, 0.5] == [variant.config.knock.share for variant in swept("knock.share=0,0.125,.5")]
    assert [300_000, 3_600_000] == [variant.config.knock.after for variant in swept("knock.after=5m,1h")]
    assert [20_000_000] == [variant.config.budget.per_day for variant in swept("budget.per-day=20")]
    assert ["a", "b"] == [variant.config.ledger.name for variant in swept("ledger.name=a,b")]


def test_several_keys_are_combined():
    """The last one changes fastest, and a file differs in nothing else."""
    files = swept("limit.sender.period=1h,24h", "budget.per-day=20,35")

    assert [("1h", "20"), ("1h", "35"), ("24h", "20"), ("24h", "35")] == [variant.values for variant in files]
    assert 1 == len({variant.config.budget.kitty for variant in files})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limit.sender.period", "--sweep: found 'limit.sender.period'; write a key and its values, such as "),
        ("limit.sender.period=1h,,2h", "--sweep: found 'limit.sender.period=1h,,2h'; "),
        ("=1", "--sweep: found '=1'; "),
        ("limit.sendr.period=1h", "edge.toml with limit.sendr.period=1h: limit: unknown key 'sendr'; did you mean \"sender\"?"),
        ("limit.sender.period=soon", "edge.toml with limit.sender.period=soon: limit.sender.period: found 'soon'; "),
        ("number.phone.x=1", "--sweep: number.phone.x: phone is no table of the file; "),
    ],
)  # fmt: skip
def test_a_mistake_is_said_on_one_line(text, said):
    """With the key and the value."""
    with pytest.raises(ConfigError) as refused:
        swept(text)

    assert str(refused.value).startswith(said)
