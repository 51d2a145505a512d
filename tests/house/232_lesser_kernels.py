"""kernels that lack Landlock, seccomp, namespaces or locked memory, or have an old Landlock: the unit refuses, or says what is weaker"""
import json
import os
import subprocess

import house

EXIT_LOCK = 77
LOCK_MEMORY = 8  # firmware/base/lock.h
CAP_SYS_RESOURCE = 24
ABI_OF_PORTS = 4

REFUSED = (  # what is lacking, what the log says, what --explain says, and whether only root is refused
    ('landlock=none', 'lock_landlock_does_not_close errno=38', 'this kernel has none', False),
    ('landlock=off', 'lock_landlock_does_not_close errno=95', 'this kernel has none', False),
    ('seccomp=none', 'lock_seccomp_does_not_close errno=', 'does not end a process for a system call', False),
    ('spaces=none', 'namespaces: the kernel makes none', 'the kernel makes no namespaces', True),
)


def explain(day, under):
    """(exit status, {...}) of laneseald --explain --json there."""
    done = subprocess.run(under + [os.path.join(day.bin, 'laneseald'), '--explain', '--json'], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=house.LIMIT_S)
    return done.returncode, json.loads(done.stdout)


def refused(day, lacking, words, explained, as_root_only):
    under = [day.lesser, lacking, '--']
    if as_root_only and os.geteuid() != 0:
        return
    unit = day.unit(lacking, camera__vehicles=1)
    unit.under = under
    unit.run(status=EXIT_LOCK)
    day.check(words in unit.log(), '%s: it does not say so: %s', lacking, unit.log())
    day.check('the lane runs' not in unit.log() and not unit.records(), '%s: the lane ran: %s', lacking, unit.log())
    status, told = explain(day, under)
    if explained is None:
        return  # only trying shows it, and --explain starts no room
    day.equal((status, told['runs_here']), (EXIT_LOCK, False), lacking + ': --explain')
    day.check(any(explained in note for note in told['weaker']), '%s: --explain says %r', lacking, told['weaker'])


def no_locked_memory(day):
    """Refused where the rooms have no limit for it, which root may lift unless somebody took that right from him; else it is counted."""
    with open('/proc/self/status') as f:
        rights = int(next(line for line in f if line.startswith('CapEff')).split()[1], 16)
    if rights >> CAP_SYS_RESOURCE & 1:
        refused(day, 'memory=none', 'lock_memory_does_not_close errno=1', None, True)
        return
    unit = day.unit('memory=none', camera__vehicles=2, camera__pace='real')
    unit.under = [day.lesser, 'memory=none', '--']
    unit.start().running()
    memory_not_locked(day, unit)
    unit.wait()


def memory_not_locked(day, unit):
    for room in house.ROOMS:
        day.equal(unit.told(room).vital(room, 'locks'), 15 & ~LOCK_MEMORY, 'locks of ' + room)
        day.check(unit.vital(room, 'memory_refused') > 0, '%s does not say that its memory is not locked', room)


def old_landlock(day, abi):
    under = [day.lesser, 'landlock=%d' % abi, '--']
    unit = day.unit('abi%d' % abi, camera__vehicles=1, camera__pace='real', uplink__to='file:' + day.path('abi%d' % abi, 'out'))
    unit.under = under
    unit.start().running()
    for room in house.ROOMS:
        day.equal(unit.told(room).vital(room, 'landlock_abi'), abi, 'ABI %d in %s' % (abi, room))
    if abi == 1:
        unit.wait()
        day.check(unit.records(), 'ABI %d: no record', abi)
    else:
        unit.stop()
    day.equal('weaker_landlock_leaves_all_tcp_ports_open abi=%d' % abi in unit.log(), abi < ABI_OF_PORTS,
              'ABI %d: says that TCP ports are open' % abi)
    status, told = explain(day, under)
    day.equal((status, told['landlock_abi']), (0, abi), '--explain')
    day.equal(any('any TCP port' in note for note in told['weaker']), abi < ABI_OF_PORTS, 'ABI %d: --explain on ports' % abi)


def ordinary(day):
    """Who is not root may lack namespaces and locked memory: the unit runs, and says what is weaker."""
    unit = day.ordinary('ordinary', [day.lesser, 'spaces=none', 'memory=none', '--'], camera__vehicles=1, camera__pace='real')
    if unit is None:
        return
    unit.start().running()
    memory_not_locked(day, unit)
    unit.wait()
    for words in ("weaker: rooms stay in the machine's network namespace", 'weaker: all rooms run as user '):
        day.check(words in unit.log(), 'it does not say "%s": %s', words, unit.log())
    day.check(unit.records(), 'no record')


def run(day):
    day.lesser = os.path.join(day.bin, '..', 'helper', 'lesser_kernel')
    if not os.path.exists(day.lesser):
        day.skip('lesser_kernel is not made of this build')
    for row in REFUSED:
        refused(day, *row)
    no_locked_memory(day)
    _, told = explain(day, [])
    for abi in range(1, told['landlock_abi'] + 1):
        old_landlock(day, abi)
    ordinary(day)
