"""Facts about when a worker that died is started again."""

from edge.serving.respawn import PAUSE_MAX_S, STEADY_S, Respawn


def pauses(lives_s):
    """Return the pauses after lives of these lengths, one after the other."""
    respawn, now_s, found = Respawn(), 1_000.0, []
    for lived_s in lives_s:
        now_s += lived_s
        found.append(respawn.died(0, now_s))
        now_s += respawn.wait_s(now_s)
        assert [0] == respawn.take_due(now_s)
    return found


def test_the_first_death_is_mended_at_once_and_the_next_ones_after_growing_pauses():
    """Doubling up to a bound, for ever."""
    assert [0, 1, 2, 4, 8, 16, 30, 30] == pauses([0.5] * 8)


def test_who_lived_long_begins_anew():
    """A death after a minute has nothing to do with the start."""
    assert [0, 1, 2, 0, 1] == pauses([0.5, 0.5, 0.5, STEADY_S, 0.5])


def test_each_worker_has_its_own_pause():
    """A worker that goes on dying does not keep another one waiting, and is not started before its time."""
    respawn = Respawn()
    respawn.died(0, 10.0)
    respawn.take_due(10.0)
    respawn.died(0, 10.0)
    respawn.died(1, 10.0)

    assert [1] == respawn.take_due(10.0)
    assert ([], 0.5) == (respawn.take_due(10.5), respawn.wait_s(10.5))
    assert ([0], None) == (respawn.take_due(11.0), respawn.wait_s(11.0))


def test_a_reload_forgets_who_died():
    """All workers are new, and none is due."""
    respawn = Respawn()
    respawn.died(0, 10.0)
    respawn.take_due(10.0)
    respawn.died(0, 10.0)
    respawn.forget()

    assert (None, 0.0) == (respawn.wait_s(10.0), respawn.died(0, 10.0))
    assert PAUSE_MAX_S < STEADY_S
