"""every room is killed in the middle of a passage, several times: nothing twice, nothing lost past the seal"""
import os
import random
import signal
import time

import house

KILLS = 3


def kill(unit, room):
    """At some moment of the work: a pause of no particular length, then SIGKILL."""
    time.sleep(random.uniform(0.0, 0.25))
    pid = house.wait_for('%s to run' % room, lambda: unit.alive() and unit.children().get(room))
    os.kill(pid, signal.SIGKILL)
    house.wait_for('a fresh %s' % room, lambda: unit.alive() and unit.children().get(room) not in (None, pid))


def one_room(day, room):
    unit = day.unit(room, camera__vehicles=0, camera__name='synthetic:11', uplink__to='file:' + day.path(room, 'out'))
    unit.start().running()
    for _ in range(KILLS):
        kill(unit, room)
    had = len(unit.records())
    out = day.path(room, 'out')
    house.wait_for('two more records', lambda: unit.alive() and len(unit.records()) >= had + 2)
    house.wait_for('two more deliveries', lambda: unit.alive() and len(unit.records(out)) >= had + 2)
    unit.stop()
    for other in house.ROOMS:
        day.equal(unit.restarts(other), KILLS if other == room else 0, 'restarts of %s, %s was killed' % (other, room))
    index = unit.all_open()
    names = unit.records()
    last = unit.chain()[-1]
    day.check(all(boot == 1 for boot, _ in names), 'a boot without a start when %s was killed', room)
    if room != 'spool':  # it may have been killed in the middle of a write, and says so
        day.equal(unit.chain(), [(1, s + 1) for s in range(last[1])], 'numbers when %s was killed' % room)
    day.equal(len(index), len(names), 'records opened when %s was killed' % room)
    delivered = unit.records(out)  # the rest waits in the spool for the next day
    day.equal(delivered, unit.records()[:len(delivered)], 'records delivered when %s was killed' % room)
    if room != 'locate':  # what it held itself dies with it, and so does its count
        day.equal(unit.vital('locate', 'passages'), len(names), 'passages and records when %s was killed' % room)


def run(day):
    random.seed(201)
    for room in house.ROOMS:
        one_room(day, room)
