"""the spool's file system fails and becomes read-only: said; what is held still goes out; when the disk was checked the chain goes on"""
import contextlib
import os
import subprocess

import gateway
import house

SBIN = dict(os.environ, PATH=os.environ['PATH'] + ':/usr/sbin:/sbin')


def root(*words, good=(0,)):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=SBIN, text=True)
    if done.returncode not in good:
        raise house.Failed('%s: %s' % (' '.join(words), done.stdout))
    return done.stdout.strip()


class Disk:
    """An ext4 in a file, as in a unit: at its first error the kernel makes it read-only."""

    def __init__(self, day, where):
        self.image, self.where = day.path('disk.img'), where
        os.makedirs(where)
        with open(self.image, 'wb') as f:
            f.truncate(8 << 20)
        try:
            root('mkfs.ext4', '-q', self.image)
            self.mount()
        except (OSError, house.Failed) as why:
            day.skip('no ext4 can be made and mounted here: %s' % why)

    def mount(self):
        root('mount', '-o', 'loop,errors=remount-ro', self.image, self.where)

    def fail(self):
        with open('/sys/fs/ext4/%s/trigger_fs_error' % os.path.basename(root('findmnt', '-no', 'SOURCE', self.where)), 'w') as f:
            f.write('1')

    def umount(self):
        root('umount', self.where)

    def check(self):
        root('e2fsck', '-fy', self.image, good=(0, 1))


def fails_while_it_runs(day, unit, disk, g):
    unit.start().running()
    house.wait_for('six records', lambda: unit.alive() and unit.vital('spool', 'stored') >= 6)
    disk.fail()
    house.wait_for('a refusal', lambda: unit.alive() and unit.vital('spool', 'spool_full') > 0)
    day.check('cannot store: Read-only file system' in unit.log(), 'the log does not say why: %s', unit.log())
    promised = unit.vital('spool', 'stored')
    held = {k: v for k, v in unit.entries().items() if v[0] == house.PASSAGE}
    day.equal(len(held), promised, 'records on the disk, of those that were promised')

    g.wire.down(False)
    house.wait_for('all that is held to be delivered', lambda: unit.alive() and len(g.collector.kept) >= len(unit.entries()))
    unit.stop()
    day.equal([unit.restarts(r) for r in house.ROOMS], [0] * 5, 'restarts')
    return held


def run(day):
    if os.geteuid() != 0:
        day.skip('only root can mount a disk')
    g = gateway.Gateway(day, cuts=0)
    unit = day.unit(camera__vehicles=0, camera__rate_fps=5, **g.settings)
    disk = Disk(day, unit.path('spool'))
    try:
        held = fails_while_it_runs(day, unit, disk, g)
        unit.run(status=78)    # not before somebody has looked
        day.check('in which nothing can be written (Read-only file system)' in unit.log(), 'it starts: %s', unit.log())
        disk.umount()
        disk.check()
        disk.mount()
        unit.change(camera__name='synthetic:12,day,dry')
        unit.start().running()
        house.wait_for('three more records', lambda: unit.alive() and unit.vital('spool', 'stored') >= 3)
        unit.stop()
        now = unit.entries()
        day.check(all(now.get(k) == v for k, v in held.items()), 'what was promised before is not there')
        unit.all_open(len(unit.records()), policy=g.settings['policy__file'])
        day.check(not g.collector.problems, 'problems at the collector: %r', g.collector.problems)
    finally:
        unit.kill()
        with contextlib.suppress(house.Failed):
            disk.umount()
