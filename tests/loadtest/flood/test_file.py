"""Facts about scenario files: every mistake is one line that says where, what, and what would be right."""

import pytest

from loadtest.flood.file import ScenarioError, load, parse, shipped

GOOD = """
description = "A test."
[[phase]]
name = "a phase"
lasts = "1m30s"
messages = 200
arrivals = { process = "poisson" }
senders = { from = "one" }
"""


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_is_valid(name):
    """It loads by its name, carries it, and can be played in a minute or so."""
    scenario = load(name)

    assert name == scenario.name
    assert 0 < scenario.lasts_us <= 65_000_000


def test_a_file_of_ones_own_is_named_by_its_path(tmp_path):
    """Anything with a dot or a slash is a path, and the file's name is the scenario's."""
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)

    assert "mine" == load(str(path)).name


def test_lengths_of_time_are_exact():
    """Parts add up, in microseconds."""
    assert 90_000_000 == parse(GOOD, "test").phase[0].lasts


def test_a_scenario_without_a_phase_is_a_trace_or_nothing():
    """What workers recorded may stand in the place of phases."""
    trace = parse('description = "A test."\ntrace = { files = ["a", "b"] }', "test")

    assert (("a", "b"), 0) == (trace.trace.files, trace.lasts_us)
    for head, complaint in (
        ("", "test: missing key 'phase'; write at least one [[phase]], or a [trace]"),
        ("trace = { }", "test: trace: missing key 'files'"),
        ("trace = { files = [] }", "test: trace.files: found an empty list; write a list of length >= 1"),
    ):
        with pytest.raises(ScenarioError) as refused:
            parse(f'description = "A test."\n{head}', "test")
        assert complaint == str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('description = "A test."', "", "missing key 'description'"),
        ('description = "A test."', 'descripton = "A test."', 'unknown key \'descripton\'; did you mean "description"?'),
        ("messages = 200", "mesages = 200", 'phase[0]: unknown key \'mesages\'; did you mean "messages"?'),
        ("messages = 200", "messages = 0", "phase[0].messages: found 0; write a whole number >= 1"),
        ("messages = 200", 'messages = "many"', "phase[0].messages: found 'many'; write a whole number"),
        ('"1m30s"', '"90"', "phase[0].lasts: found '90'; write a length of time such as"),
        ('"1m30s"', "90", "phase[0].lasts: found 90; write a length of time such as"),
        ('"1m30s"', '["+33"]', "phase[0].lasts: found a list; write a length of time such as"),
        ('"1m30s"', '"0s"', "phase[0].lasts: zero; write how long the phase takes"),
        ('"poisson"', '"posson"', "phase[0].arrivals.process: 'posson' is not known; did you mean \"poisson\"?"),
        ('"poisson"', '"ramp", form = 1', 'unknown key \'form\'; did you mean "from"? (known: process, from, to)'),
        ('"poisson"', '"decay"', "phase[0].arrivals: missing key 'knee'"),
        ('"poisson"', '"decay", knee = "0s"', "phase[0].arrivals.knee: zero"),
        ('"poisson"', '"ramp", from = 0, to = 0', "from and to: both zero; nobody would come"),
        ('"poisson"', '"bursts", quiet = "0s", burst = "1s"', "quiet and burst: write two lengths of time above zero"),
        ('"poisson"', '"hawkes", delay = "0s"', "delay: zero"),
        ('"poisson"', '"hawkes", delay = "1s", branching = 1.5', "branching: found 1.5; write a number <= 0.99"),
        ('{ process = "poisson" }', "{ }", "phase[0].arrivals: missing key 'process'"),
        ('from = "one"', 'from = "nobody"', "senders.from: 'nobody' is not known; known: one, pool, distinct, block, farm, list"),
        ('from = "one"', 'from = "one", prefix = "336"', "prefix: found '336'; write \"+\" and up to eight digits"),
        ('from = "one"', 'from = "pool", zipf = 1.0, pareto = 1.0', "zipf and pareto: both given; keep one"),
        ('{ from = "one" }', '{ from = "one" }\nkind = "forgd"', 'kind: \'forgd\' is not known; did you mean "forged"?'),
        ('{ from = "one" }', '{ from = "one" }\nkind = "retried"', 'repeats other messages; write it under "again"'),
        ('{ from = "one" }', '{ from = "one" }\nkind = "forged"\ngenuine = true', "genuine: a genuine sender's messages are fresh"),
        ('{ from = "one" }', '{ from = "one" }\ngenuine = 1', "phase[0].genuine: found 1; write true or false"),
        ('{ from = "one" }', '{ from = "one" }\ntexts = []', "phase[0].texts: found an empty list; write a list of length >= 1"),
        ('{ from = "one" }', '{ from = "one" }\ntexts = ["rude"]', "phase[0].texts: 'rude' is not known; known: same"),
        ('{ from = "one" }', '{ from = "one" }\nagain = [{ kind = "fresh", after = "1s" }]', 'write "retried" or "replayed"'),
        ('{ from = "one" }', '{ from = "one" }\nagain = [{ kind = "retried", after = "1s", share = 2 }]', "again[0].share: found 2"),
        ('"A test."', '"A test."\nlimits = ["cost.totl <= 1"]', "limits[0]: 'cost.totl' is not a figure; did you mean \"cost.total\"?"),
        ('"A test."', '"A test."\nlimits = ["cheap"]', "limits[0]: found 'cheap'; write a figure, a sign and a number"),
        ('"A test."', '"A test."\nspeed = 0', "speed: found 0; write a number > 0.0"),
        ("[[phase]]", "[[phase]", "not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(old, new, complaint):
    """It names the file and the place, and says what would be right."""
    with pytest.raises(ScenarioError) as caught:
        parse(GOOD.replace(old, new), "mine")

    assert str(caught.value).startswith("mine: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_is_answered_with_the_nearest():
    """Somebody who mistypes a shipped scenario is told which one was meant."""
    with pytest.raises(ScenarioError, match="scenario 'raids' is not known; did you mean \"raid\""):
        load("raids")


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    """Not a traceback."""
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        load(str(tmp_path / "none.toml"))


def test_a_byte_order_mark_is_no_part_of_a_scenario(tmp_path):
    """Some editors begin a file with one."""
    path = tmp_path / "marked.toml"
    path.write_text(GOOD, encoding="utf-8-sig")

    assert parse(GOOD, "marked") == load(str(path))


def test_a_file_that_is_not_text_is_one_line(tmp_path):
    """Bytes that are not UTF-8 are said to be so."""
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ScenarioError, match="cannot be read: not UTF-8"):
        load(str(path))


@pytest.mark.parametrize("value", ["inf", "nan", "-inf", "1e10"])
@pytest.mark.parametrize("key", ["speed", "zipf", "pareto", "times", "exponent", "to", "from"])
def test_no_number_without_end_is_played(key, value):
    """Whatever it multiplies: one line names the key."""
    arrivals = {
        "times": 'process = "bursts", quiet = "5s", burst = "1s", times = VALUE',
        "exponent": 'process = "decay", knee = "1s", exponent = VALUE',
        "to": 'process = "ramp", to = VALUE',
        "from": 'process = "ramp", from = VALUE',
    }.get(key, 'process = "constant"')
    senders = f'from = "pool", {key} = VALUE' if key in ("zipf", "pareto") else 'from = "one"'
    text = f"""
description = "A test."
speed = {"VALUE" if key == "speed" else 1}
[[phase]]
name = "a phase"
lasts = "10s"
messages = 1
arrivals = {{ {arrivals} }}
senders = {{ {senders} }}
"""
    with pytest.raises(
        ScenarioError, match=rf"\b{key}: found {value.replace('1e10', '10000000000.0')}; write a number "
    ):
        parse(text.replace("VALUE", value), "test")
