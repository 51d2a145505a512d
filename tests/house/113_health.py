"""the unit signs how it is, at its start and at its end: the numbers are those of status.json, and nothing else"""
import glob
import os

import house

# Places in the list of docs/RECORD.md, "Health": what each must be when the unit has ended.
SAYS = {3: ('capture', 'frames'), 4: ('capture', 'frames_dropped'), 5: ('capture', 'frames_bad'), 6: ('locate', 'passages'),
        9: ('seal', 'sealed'), 10: ('spool', 'stored'), 16: ('uplink', 'delivered')}
LOCKS = {24 + i: room for i, room in enumerate(house.ROOMS)}


def statements(unit):
    entries = [house.cbor(house.cbor(entry, 0)[0][2], 0)[0] for _, (kind, entry) in sorted(unit.entries().items())
               if kind == house.HEALTH]
    return [e[20] for e in entries], entries


def usb_ignored():
    """As the kernel has it here; a desk has drivers for most."""
    return sum(not os.path.exists(os.path.join(one, 'driver')) for one in glob.glob('/sys/bus/usb/devices/*:*'))


def each_look_counts_once(day):
    """What is counted at a look is one number wherever it is written: of this warden the next count is one more."""
    unit = day.unit('usb')
    unit.bin = os.path.join(day.bin, '..', 'ill', 'bin')
    if not os.path.exists(os.path.join(unit.bin, 'laneseald')):
        return  # of this build no such warden is made
    unit.run()
    last, signed = unit.status()['usb_ignored'], [n[30] for n in statements(unit)[0]]
    day.check('\nlaneseal_usb_ignored %d\n' % last in house.read(unit.path('state', 'metrics.prom')).decode(),
              'status.json has %d USB functions, metrics.prom another number', last)
    day.check(1 <= signed[0] <= signed[1] <= last, 'USB functions: %r signed, %d in status.json at the end', signed, last)


def run(day):
    each_look_counts_once(day)
    unit = day.unit().run()
    told, entries = statements(unit)
    day.equal(len(told), 2, 'statements: one at the start, one at the end')
    day.check(all(len(n) == 31 and all(isinstance(x, int) for x in n) for n in told), 'not 31 numbers: %r', told)
    day.check(all(set(e) == {1, 2, 3, 4, 5, 6, 7, 8, 15, 17, 18, 19, 20} for e in entries), 'other fields: %r', entries)
    last = dict(enumerate(told[-1], 1))
    for place, (room, name) in SAYS.items():
        day.equal(last[place], unit.vital(room, name), 'health %d, %s of %s' % (place, name, room))
    day.equal(last[2], 1, 'the policy is in force')
    day.equal(last[31], usb_ignored(), 'USB functions that nothing drives')
    day.equal([last[p] for p in range(19, 24)], [unit.restarts(room) for room in house.ROOMS], 'restarts')
    day.check(last[3] > 0 and last[6] > 0, 'a day without frames and vehicles: %r', last)
    # Rooms above spool are gone by then and their locks with them; at the start nobody was.
    first = dict(enumerate(told[0], 1))
    day.equal({room: first[place] for place, room in LOCKS.items()},
              {room: first[24] for room in house.ROOMS}, 'locks at the start')
    day.check(first[24] & 5 == 5, 'locks at the start: %d', first[24])
    healths = [r for r in unit.opened() if r['kind'] == 'health']
    day.equal([list(r['health'].values()) for r in healths], told, 'what laneopen says of it')
    day.equal(healths[-1]['health']['frames'], last[3], 'frames by name')
