"""Ways in which a room ends before its time, and a disk that is full."""
import contextlib
import os
import signal
import subprocess
import sys

import house

SIGNALS = {'kill': signal.SIGKILL, 'segv': signal.SIGSEGV, 'abort': signal.SIGABRT}
WAYS = tuple(SIGNALS) + ('memory', 'disk')
DISK_BYTES = (64 + 48) * 1024  # spool leaves 64 KiB free, firmware/spool/store.h
GROUPS = ('/sys/fs/cgroup/memory', '/sys/fs/cgroup')
# Takes more memory than the group may have; the kernel then ends the process that it is told to like least.
HOG = 'import os,sys; open("/proc/self/oom_score_adj","w").write("-500"); x=bytearray(64<<20); x[::4096]=b"1"*len(x[::4096])'


@contextlib.contextmanager
def prepared(how, run):
    """What must be so before the unit starts: for "disk", a spool on a small file system of its own."""
    if how != 'disk':
        yield
        return
    spool = run.unit.path('spool')
    os.makedirs(spool)
    run.unit.change(uplink__to='none')  # else what was delivered makes room, and it is never full
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=%d' % DISK_BYTES, 'tmpfs', spool], stderr=subprocess.DEVNULL).returncode:
        raise house.Skipped('a small file system cannot be mounted here')
    try:
        yield
    finally:
        subprocess.run(['umount', '-l', spool], check=False)


def own_group():
    """A memory control group of our own, and the file that limits it."""
    for base in GROUPS:
        for limit in ('memory.limit_in_bytes', 'memory.max'):
            folder = os.path.join(base, 'laneseal-proof-%d' % os.getpid())
            try:
                os.makedirs(folder, exist_ok=True)
                with open(os.path.join(folder, limit), 'w') as f:
                    f.write(str(4 << 20))
                return folder
            except OSError:
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
    raise house.Skipped('no memory control group can be made here')


def out_of_memory(pid):
    folder = own_group()
    try:
        with open('/proc/%d/oom_score_adj' % pid, 'w') as f:
            f.write('1000')
        with open(os.path.join(folder, 'cgroup.procs'), 'w') as f:
            f.write(str(pid))
        hog = subprocess.Popen(['sh', '-c', 'echo $$ > %s/cgroup.procs && exec %s -c \'%s\'' % (folder, sys.executable, HOG)],
                               stderr=subprocess.DEVNULL)
        hog.wait(30)
    except OSError as err:
        raise house.Skipped('the control group does not take the room: %s' % err) from None
    finally:
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def end_room(how, run, room):
    """Ends the room and waits until a fresh one runs and the unit works again. Returns what happened, in words."""
    if how == 'disk':
        house.wait_for('a full disk', lambda: run.unit.alive() and run.unit.vital('spool', 'spool_full') > 0)
    pid = house.wait_for('%s to run' % room, lambda: run.unit.alive() and run.rooms().get(room))
    if how == 'memory':
        out_of_memory(pid)
        if run.rooms().get(room) == pid:
            raise house.Skipped('the kernel ended another process than the one it was told to')
    else:
        os.kill(pid, SIGNALS.get(how, signal.SIGKILL))
    house.wait_for('a fresh %s' % room, lambda: run.unit.alive() and run.rooms().get(room) not in (None, pid))
    if how == 'disk':
        return 'the spool was full; then the room was killed'
    had = len(run.unit.records())
    house.wait_for('another record', lambda: run.unit.alive() and len(run.unit.records()) > had)
    return 'a fresh room took over, and records went on'
