"""a room is stopped, multiplies without end, is slow, or does not hear that it shall leave: it is ended, replaced, and the lane goes on"""
import os
import signal
import time

import house

PROCESSES_MOST = 8  # of a room, firmware/warden/walls.h
LEAVE_WITHIN_S = 15  # firmware/warden/rooms.c


def more_records(unit):
    had = len(unit.records())
    house.wait_for('two more records', lambda: unit.alive() and len(unit.records()) >= had + 2)


def stop_signal(day):
    """SIGSTOP, of each room in turn, while the lane runs; and of one that was asked to leave."""
    unit = day.unit('stopped', camera__vehicles=0, camera__name='synthetic:11').start().running()
    for room in house.ROOMS:
        pid = house.wait_for('%s to run' % room, lambda: unit.alive() and unit.children().get(room))
        os.kill(pid, signal.SIGSTOP)
        house.wait_for('a fresh %s' % room, lambda: unit.alive() and unit.children().get(room) not in (None, pid))
        day.check('%s: somebody stopped it' % room in unit.log(), 'it does not say so: %s', unit.log())
    more_records(unit)
    os.kill(unit.children()['uplink'], signal.SIGSTOP)
    began = time.monotonic()
    unit.process.send_signal(signal.SIGTERM)
    day.check(unit.process.wait(house.LIMIT_S) in (0, 1), 'closing')  # 1 if it was ended after it was asked to leave
    day.check(time.monotonic() - began < LEAVE_WITHIN_S, 'a room that was stopped delayed the closing')
    for room in house.ROOMS:
        day.check(unit.restarts(room) in ((1, 2) if room == 'uplink' else (1,)), 'restarts of %s: %d', room, unit.restarts(room))
    unit.all_open()


def fall_ill(unit, room, what):
    """Its programs are those that can; the room's own user has to remove the file."""
    os.chmod(unit.path(), 0o777)
    with open(unit.path('illness'), 'w') as f:
        f.write('%s %s' % (room, what))
    os.chmod(unit.path('illness'), 0o666)
    return unit.start()


def ill_unit(day, name):
    unit = house.Unit(day, os.path.join(day.reachable(), name), dict(camera__vehicles=0, camera__name='synthetic:11'))
    unit.bin = day.ill
    day.units.append(unit)
    return unit


def descendants(session):
    """Processes of that session that live; a room is the head of one."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/stat' % pid) as f:
                words = f.read().rsplit(')', 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(words[3]) == session and words[0] not in 'ZX':
            found.append(int(pid))
    return found


def bomb(day):
    """
    A room that multiplies before its locks close, then dies: its copies must neither be more than its limit nor stay.
    By an ordinary user, so that other units on this machine do not share the count of processes.
    """
    unit = day.ordinary('bomb', programs=day.ill, camera__vehicles=0, camera__name='synthetic:11')
    if unit is None:
        return
    fall_ill(unit, 'seal', 'bomb')
    first = house.wait_for('seal to start', lambda: unit.alive() and unit.children().get('seal'))
    most = 0

    def replaced():
        nonlocal most
        most = max(most, len(descendants(first)))
        return unit.alive() and unit.children().get('seal') not in (None, first)

    house.wait_for('a fresh seal', replaced)
    if 'weaker: rooms stay in' not in unit.log():  # else they cannot be counted for one room, and it did not go off
        day.check(2 <= most <= PROCESSES_MOST, '%d processes of a room that multiplies, at most %d wanted', most, PROCESSES_MOST)
        day.check('left others behind' in unit.log(), 'it does not say so: %s', unit.log())
    unit.running()
    day.equal(descendants(first), [], 'copies that are still there')
    more_records(unit)
    day.equal(unit.restarts('seal'), 1, 'restarts of seal')
    unit.stop()
    unit.all_open()


def late_bomb(day):
    """The same behind its list: the first copy is its end."""
    unit = fall_ill(ill_unit(day, 'late'), 'locate', 'late bomb').running()
    house.wait_for('a fresh locate', lambda: unit.alive() and unit.restarts('locate') == 1)
    day.check('locate: ended by signal 31' in unit.log(), 'it ended otherwise: %s', unit.log())
    more_records(unit)
    unit.stop()


def slow(day):
    """A room that is asked to leave before it can hear finishes its start, and leaves in order."""
    unit = fall_ill(ill_unit(day, 'slow'), 'capture', 'slow')
    house.wait_for('capture to start', lambda: unit.alive() and unit.children().get('capture'))
    unit.stop()
    day.check('ended by signal' not in unit.log(), 'it died of the request: %s', unit.log())


def deaf(day):
    """A room that does not leave: the others leave in order, it is ended in the end, and that is said by the exit status."""
    unit = fall_ill(ill_unit(day, 'deaf'), 'locate', 'deaf').running()
    more_records(unit)
    began = time.monotonic()
    unit.stop(status=1)
    took = time.monotonic() - began
    day.check(took >= LEAVE_WITHIN_S, 'it was ended after %.1f s', took)
    day.check('locate: it did not leave within 15 s' in unit.log(), 'it does not say so: %s', unit.log())
    day.equal(unit.log().count('did not leave'), 1, 'rooms that did not leave')
    unit.all_open()


def run(day):
    stop_signal(day)
    day.ill = os.path.join(day.bin, '..', 'ill', 'bin')
    if not os.path.exists(os.path.join(day.ill, 'laneseald')):
        return  # of this build no rooms are made that can fall ill
    bomb(day)
    late_bomb(day)
    slow(day)
    deaf(day)
