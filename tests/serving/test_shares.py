import pytest

from lrdemo.serving.shares import CREDIT_SECONDS, Shares


def share(shares, costs, turns):
    """Serve whoever is next so many times; return the seconds that each has used."""
    used = dict.fromkeys(costs, 0.0)
    for _ in range(turns):
        taker = shares.next(costs)
        shares.charge(taker, costs[taker])
        used[taker] += costs[taker]
    return used


def test_nobody_is_next_where_nobody_waits():
    assert Shares().next([]) is None


def test_time_is_shared_however_much_a_turn_costs():
    used = share(Shares(), {1: 0.004, 2: 0.004, 3: 0.1}, 2_000)

    assert used[1] == pytest.approx(used[2], abs=0.01)
    assert used[3] == pytest.approx(used[1], abs=0.11)


def test_equal_takers_come_in_turn():
    shares, order = Shares(), []
    for _ in range(6):
        order.append(shares.next([1, 2, 3]))
        shares.charge(order[-1], 0.01)

    assert sorted(order[:3]) == [1, 2, 3] and order[:3] == order[3:]


def test_who_comes_back_is_next_but_has_saved_no_more_than_a_little():
    shares = Shares()
    shares.charge(1, 0.001)
    share(shares, {2: 0.01}, 1_000)

    used = share(shares, {1: 0.001, 2: 0.001}, 1)
    assert used == {1: 0.001, 2: 0.0}
    used = share(shares, {1: 0.001, 2: 0.001}, 400)
    assert used[1] - used[2] == pytest.approx(CREDIT_SECONDS, abs=0.012)


def test_who_is_new_does_not_wait_for_those_before_and_does_not_hold_them_up():
    shares = Shares()
    share(shares, {1: 0.01, 2: 0.01}, 1_000)

    used = share(shares, {1: 0.001, 2: 0.001, 3: 0.001}, 300)

    assert max(used.values()) - min(used.values()) < CREDIT_SECONDS + 0.012


def test_a_command_is_charged_too():
    shares = Shares()
    shares.charge(1, 0.5)
    used = share(shares, {1: 0.01, 2: 0.01}, 60)

    assert used[2] - used[1] == pytest.approx(0.5, abs=0.04)


def test_who_is_hurried_comes_first_but_gets_no_more_in_the_long_run():
    shares, used = Shares(), {1: 0.0, 2: 0.0, 3: 0.0}
    order = []
    for _ in range(3_000):
        taker = shares.next(used, hurried={3})
        order.append(taker)
        shares.charge(taker, 0.001)
        used[taker] += 0.001

    ahead = round(CREDIT_SECONDS / 0.001)
    assert order[:ahead] == [3] * ahead
    assert used[3] - used[1] == pytest.approx(CREDIT_SECONDS, abs=0.0025)
    assert used[1] == pytest.approx(used[2], abs=0.0015)
