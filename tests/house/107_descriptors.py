"""each running room holds what the wiring list says, and nothing else

The list is written out here once more, by hand: a change in wiring.c has to be wanted twice.
"""
import os

import house

LOG, VITALS, IN, IN_ACK, OUT, OUT_ACK, FRAMES, POLICY, FOLDER, KEY = range(2, 12)
HEALTH = 15
DOORS = {  # (writer, its descriptor): (reader, its descriptor)
    ('capture', OUT): ('locate', IN), ('locate', IN_ACK): ('capture', OUT_ACK),
    ('locate', OUT): ('seal', IN), ('seal', IN_ACK): ('locate', OUT_ACK),
    ('seal', OUT): ('spool', IN), ('spool', IN_ACK): ('seal', OUT_ACK),
    ('spool', OUT): ('uplink', IN), ('uplink', IN_ACK): ('spool', OUT_ACK),
}
THINGS = {  # what the link in /proc must begin with, and whether it may be written to
    ('capture', FRAMES): ('/memfd:frames', True), ('locate', FRAMES): ('/memfd:frames', False),
    ('capture', FOLDER): ('PICTURES', False), ('seal', POLICY): ('/memfd:policy', False),
    ('spool', FOLDER): ('SPOOL', False), ('spool', KEY): ('KEY', False), ('uplink', FOLDER): ('OUTBOX', False),
}
MAY_BE_CLOSED = {('seal', POLICY), ('spool', KEY)}  # read once, and then better gone


def held(pid):
    """{descriptor: (where it leads, may write)}"""
    found = {}
    for name in os.listdir('/proc/%d/fd' % pid):
        try:
            with open('/proc/%d/fdinfo/%s' % (pid, name)) as f:
                flags = int(next(line.split()[1] for line in f if line.startswith('flags:')), 8)
            found[int(name)] = (os.readlink('/proc/%d/fd/%s' % (pid, name)), flags & os.O_ACCMODE != os.O_RDONLY)
        except FileNotFoundError:
            pass  # a file that the room was just done with
    return found


def check_things(day, room, fds, places):
    for (who, fd), (target, writes) in THINGS.items():
        if who != room:
            continue
        if fd not in fds:
            day.check((who, fd) in MAY_BE_CLOSED, '%s lacks descriptor %d', room, fd)
            continue
        leads, may_write = fds[fd]
        target = places.get(target, target)
        day.check(leads.startswith(target), '%s: descriptor %d is %s, wanted %s', room, fd, leads, target)
        day.equal(may_write, writes, '%s: descriptor %d may be written to' % (room, fd))


def run(day):
    os.makedirs(day.path('pictures'))
    day.tool('lanesim', '--camera', 'synthetic:11,day,dry', '--vehicles', 3, '--size', '640x360', '--rate', 10, '--every', 5,
             '--png', day.path('pictures'))
    places = {'PICTURES': day.path('pictures'), 'OUTBOX': day.path('collector'), 'KEY': day.keys('unit.der')}
    unit = day.unit(camera__name='replay:' + day.path('pictures'), camera__pace='real', camera__gap_ms=10000,
                    uplink__to='file:' + places['OUTBOX']).start().running()
    places['SPOOL'] = unit.path('spool')
    try:
        all_fds = {room: held(pid) for room, pid in unit.children().items()}
    except PermissionError:
        day.skip('only root may look at the descriptors of rooms that closed themselves up')
    day.equal(sorted(all_fds), sorted(house.ROOMS), 'rooms that run')

    expected = {room: {0, 1, LOG, VITALS} for room in house.ROOMS}
    for (writer, out), (reader, into) in DOORS.items():
        expected[writer].add(out)
        expected[reader].add(into)
        there, here = all_fds[writer].get(out), all_fds[reader].get(into)
        day.check(there and there[0].startswith('pipe:') and there[1], '%s: %d is %r', writer, out, there)
        day.check(here and here[0] == there[0] and not here[1], '%s: %d is %r, wanted the other end of %s', reader, into,
                  here, there[0])
    own = {all_fds[r][fd] for r in house.ROOMS for fd in (LOG, VITALS)}
    day.equal(len(own), 10, 'pipes for log and vitals')
    day.check(all(leads.startswith('pipe:') and writes for leads, writes in own), 'log and vitals: %r', own)
    leads, writes = all_fds['spool'].get(HEALTH, ('nothing', True))
    day.check(leads.startswith('pipe:') and not writes, 'spool: %d is %s', HEALTH, leads)
    day.check(all(fds[fd][0] != leads for room, fds in all_fds.items() for fd in fds if (room, fd) != ('spool', HEALTH)),
              'health is held by another room as well')
    expected['spool'].add(HEALTH)
    for room, fds in all_fds.items():
        check_things(day, room, fds, places)
        expected[room] |= {fd for who, fd in THINGS if who == room}
        for fd, (leads, _) in fds.items():
            own_folder = places.get({'capture': 'PICTURES', 'spool': 'SPOOL', 'uplink': 'OUTBOX'}.get(room), 'nowhere')
            inside = leads == own_folder or leads.startswith(own_folder + '/')
            day.check(fd in expected[room] or inside, '%s holds %d, %s', room, fd, leads)
        day.check(all(fds[fd][0] == '/dev/null' for fd in (0, 1)), '%s: 0 and 1 are not nothing', room)
    unit.stop()
