"""capture, locate and seal ask the kernel for no memory after they are ready"""
import time

import house

ROOMS = ('capture', 'locate', 'seal')


def maps(pid):
    """Every mapping but the stack, which the kernel grows by itself; without offsets that say nothing."""
    with open('/proc/%d/maps' % pid) as f:
        return [line.split(None, 5)[:2] + line.split()[5:] for line in f if '[stack]' not in line]


def run(day):
    if day.sanitized():
        day.skip('a sanitizer build brings its own malloc')
    unit = day.unit(camera__name='synthetic:11', camera__vehicles=0).start().running()
    children = unit.children()
    try:
        before = {room: maps(children[room]) for room in ROOMS}
    except PermissionError:
        day.skip('only root may look at the memory of rooms that closed themselves up')
    house.wait_for('six records', lambda: unit.alive() and len(unit.records()) >= 6)
    time.sleep(0.5)
    day.equal({r: unit.children()[r] for r in ROOMS}, {r: children[r] for r in ROOMS}, 'rooms that still run')
    for room in ROOMS:
        after = maps(children[room])
        new = [m for m in after if m not in before[room]]
        day.check(after == before[room], '%s has other memory than when it was ready: %r', room, new)
        day.check(not any('[heap]' in m for m in after), '%s has a heap', room)
    unit.stop()
