"""rubbish comes through each door: that room ends, a fresh one starts, and the day goes on"""
import fcntl
import os

import house

DOORS = (  # who reads there, and as which descriptor
    ('locate', 4), ('seal', 4), ('spool', 4), ('uplink', 4), ('capture', 7), ('locate', 7), ('seal', 7), ('spool', 7),
    ('spool', 15),
)
VITALS = ('seal', 3)


def packet(kind, payload, magic=b'LS', version=1, part=0, parts=1, length=None):
    numbers = (1 << 30, 4), (part, 2), (parts, 2), (len(payload) if length is None else length, 2), (0, 2)
    return magic + bytes([version, kind]) + b''.join(n.to_bytes(size, 'big') for n, size in numbers) + payload


RUBBISH = (packet(1, b'', magic=b'XX'), packet(1, b'x', version=9), packet(99, b'x'), packet(1, b'too short'),
           packet(1, b'x' * 4000), packet(1, b'x', length=5), packet(1, b'', part=3, parts=2), b'\0' * 7,
           packet(1, bytes(8 * 30 + 1)))


def write_end(unit, room, fd):
    """The warden keeps the writing end of every door; find it by the pipe's number."""
    pipe = os.readlink('/proc/%d/fd/%d' % (unit.children()[room], fd))
    for name in os.listdir('/proc/%d/fd' % unit.process.pid):
        path = '/proc/%d/fd/%s' % (unit.process.pid, name)
        try:
            if os.readlink(path) == pipe:
                end = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                fcntl.fcntl(end, fcntl.F_SETFL, os.O_NONBLOCK | os.O_DIRECT)
                return end
        except FileNotFoundError:
            continue
    raise house.Failed('no end of %s in the warden' % pipe)


def throw_in(unit, room, fd, rubbish):
    before = house.wait_for('%s to run' % room, lambda: unit.alive() and unit.children().get(room))
    end = write_end(unit, room, fd)
    os.write(end, rubbish)
    os.close(end)
    house.wait_for('a fresh %s after %r' % (room, rubbish[:20]), lambda: unit.alive() and
                   unit.children().get(room) not in (None, before), limit_s=20)


def run(day):
    unit = day.unit(camera__vehicles=0, camera__name='synthetic:11').start().running()
    try:
        os.listdir('/proc/%d/fd' % unit.process.pid)
    except PermissionError:
        day.skip('only root may reach into the doors of a unit that closed itself up')
    for i, (room, fd) in enumerate(DOORS):
        throw_in(unit, room, fd, RUBBISH[i])
    throw_in(unit, *VITALS, b'rubbish')
    had = len(unit.records())
    house.wait_for('two more records', lambda: unit.alive() and len(unit.records()) >= had + 2)
    unit.stop()
    for room in house.ROOMS:
        day.equal(unit.restarts(room), sum(r == room for r, _ in DOORS + (VITALS,)), 'restarts of ' + room)
    index = unit.all_open()
    day.equal(len(index), len(unit.records()), 'records opened')
