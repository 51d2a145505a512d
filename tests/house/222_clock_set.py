"""the clock is set a year forward, a year back, also between two days: it is flagged where it happened, and breaks nothing"""
import os
import struct
import time

import house

YEAR_S = 365 * 86400


class Clock:
    """What the programs of tests/house/set_clock.c read their clock from."""

    def __init__(self, day, unit):
        self.path = unit.path('clock')
        unit.bin = os.path.join(day.bin, '..', 'clock', 'bin')
        unit.environment = {'LANESEAL_TEST_CLOCK': self.path}
        with open(self.path, 'wb') as f:
            f.write(bytes(16))
        self.set(0)

    def set(self, ahead_s, synchronised=1):
        with open(self.path, 'r+b', buffering=0) as f:  # mapped by the rooms: never cut
            f.write(struct.pack('=qq', ahead_s, synchronised))


def more(unit, n):
    had = len(unit.records())
    house.wait_for('%d more records' % n, lambda: unit.alive() and len(unit.records()) >= had + n)


def beats(unit, n):
    """With a heartbeat a unit also looks what is old."""
    had = unit.vital('spool', 'heartbeats')
    house.wait_for('%d more heartbeats' % n, lambda: unit.alive() and unit.vital('spool', 'heartbeats') >= had + n)


def payloads(unit):
    return [house.cbor(house.cbor(entry, 0)[0][2], 0)[0] for _, (_, entry) in sorted(unit.entries().items())]


def flagged(day, unit, wanted):
    """The entries that say that the clock was set, and by how much: these, in this order, and no other."""
    found = [e[19] for e in payloads(unit) if e[19] != 0]
    day.equal(len(found), len(wanted), 'entries that say that the clock was set, of %r' % found)
    for said, of in zip(found, wanted):
        day.check(abs(said - of) <= 30, 'the clock was set by %d s, and the entry says %d', of, said)


def nothing_is_gone(day, unit, policy=None):
    sequences = [s for _, s in unit.chain()]
    day.equal(sequences, list(range(1, len(sequences) + 1)), 'numbers in the spool')
    unit.all_open(len(unit.records()), policy=policy)


def set_while_it_runs(day, long_policy):
    # Small segments, and a policy by which records of over 30 days may go: they would, if the clock were believed.
    unit = day.unit('running', camera__vehicles=0, camera__name='synthetic:11', spool__max_records=160, policy__file=long_policy)
    clock = Clock(day, unit)
    unit.start().running()
    more(unit, 21)
    for ahead_s in (YEAR_S, 0, -YEAR_S, 0):
        clock.set(ahead_s)
        more(unit, 3)
        beats(unit, 2)
    house.wait_for('the clock in status.json', lambda: unit.vital('spool', 'clock_sets') == 4)
    day.equal([unit.vital('spool', 'clock'), unit.vital('spool', 'clock_source')], [2, 2], 'synchronised, by a daemon')
    clock.set(0, synchronised=0)
    more(unit, 1)
    clock.set(0)
    more(unit, 1)
    unit.stop()
    jumps = [YEAR_S, -YEAR_S, -YEAR_S, YEAR_S]
    flagged(day, unit, jumps)
    day.equal(unit.log().count('clock_set'), 4, 'lines in the log')
    day.equal([unit.restarts(r) for r in house.ROOMS], [0] * 5, 'restarts')
    day.check(3 in [e[7] for e in payloads(unit)], 'no entry says holdover')
    nothing_is_gone(day, unit, long_policy)

    # Between two days nobody can count: what went back is said, and what went on by more than a day.
    for ahead_s, of in ((-YEAR_S, -YEAR_S), (YEAR_S, 2 * YEAR_S)):
        clock.set(ahead_s)
        unit.change(camera__name='synthetic:%d' % (20 + len(jumps)))  # other vehicles: none is stored twice
        unit.start().running()
        more(unit, 1)
        unit.stop()
        jumps.append(of)
        flagged(day, unit, jumps)
    nothing_is_gone(day, unit, long_policy)
    said = [r['clock_set_s'] for r in unit.opened(policy=long_policy) if r['clock_set_s']]
    day.equal(said, [e[19] for e in payloads(unit) if e[19]], 'what laneopen says')


def a_policy_that_ends_meanwhile(day):
    """Vehicles are counted while the policy is not valid by that clock, and stored again when it was set right."""
    unit = day.unit('counted', camera__vehicles=0, camera__name='synthetic:11')
    clock = Clock(day, unit)
    unit.start().running()
    more(unit, 1)
    clock.set(2 * YEAR_S)
    house.wait_for('vehicles that are counted', lambda: unit.alive() and unit.vital('seal', 'counted_only') >= 2)
    day.check('NO VALID POLICY' in unit.log(), 'it does not say so: %s', unit.log())
    clock.set(0)
    more(unit, 2)
    unit.stop()
    counted = sum(e[13] for e in payloads(unit) if e[2] == house.GAP)
    day.equal(counted, unit.vital('seal', 'counted_only'), 'counted in the chain')
    nothing_is_gone(day, unit)


def run(day):
    if not os.path.exists(os.path.join(day.bin, '..', 'clock', 'bin', 'laneseald')):
        day.skip('programs whose clock can be set are not made of this build')
    for name in ('bin/laneseald',) + tuple('libexec/' + room for room in house.ROOMS):
        day.check(b'LANESEAL_TEST_CLOCK' not in house.read(os.path.join(day.bin, '..', name)), '%s: its clock can be set', name)
    before = time.strftime('%Y-%m-%d', time.gmtime(time.time() - 2 * YEAR_S))
    set_while_it_runs(day, day.policy(day.keys(), day.path('long.cose'), '--not-before', before, '--valid-days', 5 * 365,
                                      '--retention-days', 30, '--heartbeat-s', 1, '--drop-undelivered', 1))
    a_policy_that_ends_meanwhile(day)
