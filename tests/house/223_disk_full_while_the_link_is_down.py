"""the disk fills while the link is down, then the link comes back and flaps: what was stored arrives, once, and the chain is whole"""
import contextlib
import os
import subprocess

import gateway
import house


def gathered(day, unit, collector):
    """A folder with what arrived and what still lies on the unit. The same number is the same bytes."""
    folder = unit.path('gathered')
    os.makedirs(folder)
    for path, record in collector.kept.items():
        with open(os.path.join(folder, path.rsplit('/', 1)[1]), 'wb') as f:
            f.write(record)
    for (boot, sequence), (_, record) in unit.entries().items():
        name = os.path.join(folder, '%d-%d.lsr' % (boot, sequence))
        day.check(not os.path.exists(name) or house.read(name) == record, '%s arrived with other bytes', name)
        with open(name, 'wb') as f:
            f.write(record)
    return folder


def fill_and_drain(day, unit, g):
    unit.start().running()
    house.wait_for('a full spool', lambda: unit.alive() and unit.vital('spool', 'spool_full') > 0)
    day.equal(len(g.collector.kept), 0, 'records delivered over a link that is down')
    stored = unit.vital('spool', 'stored')
    for words in ('was not delivered', 'cannot store: No space left on device'):
        day.check(words in unit.log(), 'the log does not say %r', words)

    g.wire.down(False)
    house.wait_for('%d cuts and twice as many records' % g.wire.cuts,
                   lambda: unit.alive() and g.wire.cut >= g.wire.cuts and unit.vital('spool', 'stored') > 2 * stored)
    g.wire.down(True)
    full = unit.vital('spool', 'spool_full')
    house.wait_for('a spool that is full again', lambda: unit.alive() and unit.vital('spool', 'spool_full') > full)
    g.wire.down(False)
    before = len(g.collector.kept)
    house.wait_for('deliveries after that', lambda: unit.alive() and len(g.collector.kept) > before)
    unit.stop()
    day.equal([unit.restarts(r) for r in house.ROOMS], [0] * 5, 'restarts')
    day.check(not g.collector.problems, 'problems at the collector: %r', g.collector.problems)

    folder = gathered(day, unit, g.collector)
    chain = unit.chain(folder)
    day.equal(chain, [(1, s + 1) for s in range(len(chain))], 'the chain')
    unit.all_open(unit.vital('spool', 'stored'), folder=folder, policy=g.settings['policy__file'])


@contextlib.contextmanager
def small_disk(folder):
    os.makedirs(folder)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', folder], check=True)
    try:
        yield
    finally:
        subprocess.run(['umount', '--lazy', folder], check=True)


def run(day):
    # Few pictures a vehicle: what is filled here is the disk. While it fills, uplink's pauses grow.
    lane = dict(camera__vehicles=0, camera__rate_fps=5)
    g = gateway.Gateway(day, cuts=8)
    fill_and_drain(day, day.unit('limit', spool__max_records=16, **lane, **g.settings), g)
    if os.geteuid() != 0:
        day.skip('only root can mount a disk that is small; the spool that is full by its own limit was shown')
    g = gateway.Gateway(day, 'other', cuts=8)
    unit = day.unit('disk', **lane, **g.settings)
    with small_disk(unit.path('spool')):
        fill_and_drain(day, unit, g)
        unit.kill()
