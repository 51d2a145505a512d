"""the uplink delivers to a folder: the same bytes, once, also what waited from the day before"""
import os

import house


def run(day):
    unit = day.unit().run()
    waiting = unit.records()
    day.check(waiting, 'nothing was stored')
    out = day.path('collector')
    unit.change(uplink__to='file:' + out, camera__name='synthetic:12,day,dry')
    unit.run()
    stored = unit.records()
    day.check(len(stored) > len(waiting), 'the second day stored nothing')
    day.equal(unit.records(out), stored, 'delivered records')
    day.equal(unit.entries(out), unit.entries(), 'bytes of what was delivered')
    chain = unit.chain()
    day.equal(unit.vital('uplink', 'delivered'), len(chain), 'deliveries')
    unit.all_open(len(stored), folder=out)

    # A third day delivers its own and nothing again.
    times = {n: os.stat(os.path.join(out, n)).st_mtime_ns for n in os.listdir(out)}
    unit.change(camera__name='synthetic:13,day,dry')
    unit.run()
    day.equal({n: os.stat(os.path.join(out, n)).st_mtime_ns for n in times}, times, 'times of what was delivered before')
    day.equal(unit.records(out), unit.records(), 'delivered records')
    day.equal(unit.vital('uplink', 'delivered'), len(unit.chain()) - len(chain), 'deliveries of the third day')
