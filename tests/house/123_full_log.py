"""a log that nobody takes stops no vehicle, and rooms have so much of everything and no more"""
import fcntl
import os
import subprocess

import house

LIMITS = {  # /proc/PID/limits: name, and what it must be
    'capture': {'core file size': '0', 'processes': '0', 'file size': '0', 'open files': '26'},
    'locate': {'core file size': '0', 'processes': '0', 'file size': '0', 'open files': '18'},
    'seal': {'core file size': '0', 'processes': '0', 'file size': '0', 'open files': '18'},
    'spool': {'core file size': '0', 'processes': '0', 'file size': str(16 << 20), 'open files': '34'},
    'uplink': {'core file size': '0', 'file size': str(1 << 20), 'open files': '66'},
}


def check_limits(day, unit):
    for room, pid in unit.children().items():
        with open('/proc/%d/limits' % pid) as f:
            lines = f.read().split('\n')
        wanted = dict(LIMITS[room], **({'processes': str(8 * 16)} if room == 'uplink' and os.geteuid() == 0 else {}))
        for name, most in wanted.items():
            line = next(l for l in lines if l.startswith('Max ' + name))[26:].split()
            day.equal(line[:2], [most, most], '%s: %s' % (room, name))


def check_few_descriptors(day):
    """A shell or a service that allows few: the unit takes more where it may, or says what it needs; it never half starts."""
    unit = day.unit('few', camera__vehicles=2)
    command = [os.path.join(day.bin, 'laneseald'), '--settings', unit.write()]
    as_allowed = subprocess.run(['prlimit', '--nofile=32:', '--'] + command, capture_output=True, text=True, timeout=house.LIMIT_S)
    day.equal(as_allowed.returncode, 0, 'exit status with a soft limit of 32 descriptors: ' + as_allowed.stderr[-2000:])
    unit.all_open(2)

    # Without CAP_SYS_RESOURCE, which root has, the hard limit holds.
    unit = day.unit('fewer', camera__vehicles=2)
    drop = ['setpriv', '--bounding-set=-sys_resource', '--inh-caps=-sys_resource'] if os.geteuid() == 0 else []
    command = ['prlimit', '--nofile=64:64', '--'] + drop + [os.path.join(day.bin, 'laneseald'), '--settings', unit.write()]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=house.LIMIT_S)
    day.equal(refused.returncode, 1, 'exit status with a hard limit of 64 descriptors: ' + refused.stderr[-2000:])
    day.check('LimitNOFILE=' in refused.stderr, 'it does not say what to do: %s', refused.stderr)
    day.check(not unit.records(), 'a unit that was refused stored something')


def run(day):
    unit = day.unit(camera__pace='real', camera__vehicles=2).start().running()
    check_limits(day, unit)
    unit.wait()
    unit.all_open(2)
    check_few_descriptors(day)

    # Standard error is a pipe that is full to the last byte, and nobody reads it.
    unit = day.unit('deaf', camera__vehicles=2)
    out, into = os.pipe()
    fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 4096)
    os.write(into, b'x' * 4096)
    unit.process = subprocess.Popen([os.path.join(day.bin, 'laneseald'), '--settings', unit.write()], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=into)
    day.equal(unit.process.wait(house.LIMIT_S), 0, 'exit status')
    day.equal(os.read(out, 8192), b'x' * 4096, 'what the pipe took')
    os.close(out)
    os.close(into)
    unit.all_open(2)
