"""One unit in a folder of its own: its keys, its settings, its life, and what the recipient finds afterwards.

A scenario is a file NNN_words.py with a first docstring line that says what day it is,
and a function run(day). `day` makes units (day.unit()), checks (day.check) and may give
up with a reason (day.skip). Everything lies under one temporary folder.
"""
import csv
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

ROOMS = ('capture', 'locate', 'seal', 'spool', 'uplink')
ORDINARY = 65533  # a user that nobody is
LIMIT_S = 900  # a hang, not a slow machine: several days run side by side, some under sanitizers


class Failed(Exception):
    """The scenario's own finding: something is not as it should be."""


class Skipped(Exception):
    """This machine cannot show it; the reason is said."""


def wait_for(what, condition, limit_s=LIMIT_S, every_s=0.02):
    until = time.monotonic() + limit_s
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > until:
            raise Failed('waited %d s in vain for %s' % (limit_s, what))
        time.sleep(every_s)


class Day:
    """What one scenario has in hand."""

    def __init__(self, programs, folder, shared):
        self.bin, self.folder, self.shared = programs, folder, shared
        self.units, self.places = [], []
        os.makedirs(folder, exist_ok=True)

    def check(self, condition, words, *values):
        if not condition:
            raise Failed(words % values if values else words)

    def equal(self, found, wanted, what):
        if found != wanted:
            raise Failed('%s: found %r, wanted %r' % (what, found, wanted))

    def skip(self, why):
        raise Skipped(why)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def tool(self, name, *args, status=0, stdin=b''):
        """Runs a tool; returns what it printed. A wrong exit status is a finding."""
        command = [os.path.join(self.bin, name)] + [str(a) for a in args]
        done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)
        output = done.stdout.decode(errors='replace')
        if status is not None and done.returncode != status:
            raise Failed('%s ended with %d, wanted %d:\n%s' % (' '.join(command), done.returncode, status, output[-2000:]))
        return output

    def sanitized(self):
        """Whether the programs are a sanitizer build, which brings its own malloc and needs more time."""
        with open(os.path.join(self.bin, 'laneseald'), 'rb') as f:
            return b'__asan_init' in f.read()

    def keys(self, *names):
        """The keys of all days, made once. With a name: the path of that file."""
        folder = os.path.join(self.shared, 'keys')
        if not os.path.exists(folder):
            make = folder + '.making'
            shutil.rmtree(make, ignore_errors=True)
            for role in ('agency', 'escrow'):
                self.tool('lanekeys', 'recipient', '--role', role, '--out', make)
            self.tool('lanekeys', 'policy-key', '--out', make)
            self.tool('lanekeys', 'maker', '--out', make)
            self.tool('lanekeys', 'unit', '--name', 'house', '--maker', make, '--out', make)
            self.policy(make, os.path.join(make, 'policy.cose'))
            os.rename(make, folder)
        return os.path.join(folder, *names)

    def policy(self, keys, out, *more, version=1, key=None):
        self.tool('lanekeys', 'policy', '--version', version, '--recipient', 'agency=%s/agency.pub.pem' % keys,
                  '--recipient', 'escrow=%s/escrow.pub.pem' % keys, '--key', key or keys + '/policy-key.pem', *more,
                  '--out', out)
        return out

    def truth(self, camera, vehicles, size='640x360', rate=10):
        """What the drawn lane knows of itself: (vehicles, plates in frames), each a list of dicts."""
        passages, frames = self.path('truth-passages.csv'), self.path('truth-frames.csv')
        self.tool('lanesim', '--camera', camera, '--vehicles', vehicles, '--size', size, '--rate', rate,
                  '--passages', passages, '--truth', frames)
        with open(passages) as p, open(frames) as f:
            return list(csv.DictReader(p)), list(csv.DictReader(f))

    def unit(self, name='unit', **changes):
        unit = Unit(self, self.path(name), changes)
        self.units.append(unit)
        return unit

    def lonely(self, name='unit', **changes):
        """A unit with its files in its own folder, as on the road: nobody's key lies beside them."""
        os.makedirs(self.path(name))
        for file in ('unit.der', 'policy.cose', 'policy-key.der'):
            shutil.copy(self.keys(file), self.path(name))
        return self.unit(name, unit__key='unit.der', policy__file='policy.cose', policy__key='policy-key.der', **changes)

    def reachable(self):
        """A folder that every user may enter; it is gone with the day."""
        self.places.append(tempfile.mkdtemp(prefix='house.'))
        os.chmod(self.places[-1], 0o755)
        return self.places[-1]

    def ordinary(self, name, under=(), programs=None, **changes):
        """A unit with its own files that an ordinary user runs, by that command; None where he cannot reach the programs."""
        programs = programs or self.bin
        as_user = ['setpriv', '--reuid', str(ORDINARY), '--regid', str(ORDINARY), '--clear-groups'] if os.geteuid() == 0 else []
        try:
            subprocess.run(as_user + [os.path.join(programs, 'laneseald'), '--list-settings'], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            print('    %s is left out: an ordinary user cannot reach the programs' % name)
            return None
        unit = Unit(self, os.path.join(self.reachable(), name), changes)
        for path in ('unit.der', 'policy.cose', 'policy-key.der'):
            shutil.copy(self.keys(path), unit.path(path))
        unit.change(unit__key=unit.path('unit.der'), policy__file=unit.path('policy.cose'), policy__key=unit.path('policy-key.der'))
        if as_user:
            for path in (os.path.dirname(unit.folder), unit.folder, unit.path('unit.der')):
                os.chown(path, ORDINARY, ORDINARY)
        unit.bin, unit.under = programs, as_user + list(under)
        self.units.append(unit)
        return unit

    def end(self):
        for unit in self.units:
            unit.kill()
        for place in self.places:
            shutil.rmtree(place, ignore_errors=True)


class Unit:
    """A laneseald with its settings. `changes` are GROUP__KEY=value; None leaves a setting out."""

    def __init__(self, day, folder, changes):
        self.day, self.folder, self.process = day, folder, None
        self.bin, self.environment, self.under, self.options = day.bin, {}, [], []  # under: a command that runs it
        os.makedirs(folder, exist_ok=True)
        self.runs = 0
        self.settings = {
            'unit': {'name': 'house', 'key': day.keys('unit.der')},
            'camera': {'name': 'synthetic:11,day,dry', 'format': 'grey', 'width_px': 640, 'height_px': 360,
                       'rate_fps': 10, 'pace': 'free', 'vehicles': 3, 'still_frames': 4, 'gap_ms': 1000},
            'policy': {'file': day.keys('policy.cose'), 'key': day.keys('policy-key.der')},
            'spool': {'folder': self.path('spool'), 'free_floor_mib': 0},
            'uplink': {'to': 'none'},
            'state': {'folder': self.path('state')},
        }
        self.change(**changes)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def change(self, **changes):
        for name, value in changes.items():
            group, key = name.split('__')
            self.settings.setdefault(group, {})[key] = value
            if value is None:
                del self.settings[group][key]

    def write(self):
        with open(self.path('unit.conf'), 'w') as f:
            for group, keys in self.settings.items():
                f.write('%s: {\n' % group)
                for key, value in keys.items():
                    f.write('  %s = %s;\n' % (key, json.dumps(value)))
                f.write('};\n')
        return self.path('unit.conf')

    # ---- life ----

    def start(self):
        if os.path.exists(self.path('state', 'status.json')):
            os.remove(self.path('state', 'status.json'))
        self.runs += 1
        with open(self.log_file(), 'wb') as log:
            self.process = subprocess.Popen(self.under + [os.path.join(self.bin, 'laneseald'), '--settings', self.write()] + self.options,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=dict(os.environ, **self.environment))
        return self

    def wait(self, status=0, limit_s=LIMIT_S):
        """Until it ends by itself, or after a signal."""
        try:
            got = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed('the unit was still there after %d s:\n%s' % (limit_s, self.log()[-3000:])) from None
        if got != status:
            raise Failed('the unit ended with %d, wanted %d:\n%s' % (got, status, self.log()[-3000:]))
        return self

    def run(self, status=0):
        return self.start().wait(status)

    def stop(self, status=0):
        self.process.send_signal(signal.SIGTERM)
        return self.wait(status)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def alive(self):
        if self.process.poll() is not None:
            raise Failed('the unit ended too early, with %d:\n%s' % (self.process.returncode, self.log()[-3000:]))
        return True

    def running(self):
        """Waits until every room has said that it is ready."""
        wait_for('all rooms to be ready', lambda: self.alive() and 'the lane runs' in self.log())
        return self

    def log_file(self):
        return self.path('log.%d' % self.runs)

    def log(self):
        with open(self.log_file(), errors='replace') as f:
            return f.read()

    # ---- what it tells ----

    def status(self):
        try:
            with open(self.path('state', 'status.json')) as f:
                return json.load(f)
        except FileNotFoundError:
            return {}

    def exposure(self, status=0):
        return json.loads(self.day.tool('laneseald', '--settings', self.write(), '--exposure', '--json', status=status))

    def exposure_words(self, status=0):
        return self.day.tool('laneseald', '--settings', self.write(), '--exposure', status=status)

    def wanting(self):
        """What laneseald --healthy finds wanting; empty when nothing is."""
        words = self.day.tool('laneseald', '--settings', self.path('unit.conf'), '--healthy', status=None)
        return words.split('not healthy: ')[1].strip() if 'not healthy' in words else words

    def of_room(self, room):
        return self.status().get('rooms', {}).get(room, {})

    def told(self, room):
        """Waits for the status.json that has what the room told when it was ready: one is written each second."""
        wait_for(room + ' to be ready in status.json', lambda: self.alive() and self.of_room(room).get('ready'))
        return self

    def vital(self, room, name):
        return self.of_room(room).get('vitals', {}).get(name, 0)

    def restarts(self, room):
        return self.status()['rooms'][room]['restarts']

    def children(self):
        """{room: process id}, from the kernel and not from the unit's own account."""
        found = {}
        try:
            with open('/proc/%d/task/%d/children' % (self.process.pid, self.process.pid)) as f:
                pids = f.read().split()
        except FileNotFoundError:
            return found
        for pid in pids:
            try:
                with open('/proc/%s/cmdline' % pid, 'rb') as f:
                    name = f.read().split(b'\0')[0].decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if name in ROOMS:
                found[name] = int(pid)
        return found

    def entries(self, folder=None):
        """{(boot, sequence): (kind, bytes)} of a spool's segments, or of a folder that was delivered to."""
        folder, found = folder or self.path('spool'), {}
        try:
            names = sorted(n for n in os.listdir(folder) if n.endswith(('.lss', '.lsr')))
        except FileNotFoundError:
            return found
        for name, following in zip(names, names[1:] + [None]):
            data, at = read(os.path.join(folder, name)), 0
            below = int(following[:20]) if following and name.endswith('.lss') else 1 << 64
            while at < len(data):
                try:
                    end, boot, sequence, kind = entry_at(data, at)
                except (ValueError, IndexError):
                    break  # still being written
                if end > len(data) or sequence >= below:
                    break
                found[boot, sequence] = kind, data[at:end]
                at = end
        return found

    def records(self, folder=None):
        """(boot, sequence) of the passages, in order."""
        return sorted(k for k, (kind, _) in self.entries(folder).items() if kind == PASSAGE)

    def chain(self, folder=None):
        """(boot, sequence) of all entries, in order."""
        return sorted(self.entries(folder))

    # ---- what the recipient finds ----

    def opened(self, folder=None, policy=None, status=0):
        """The recipient's index of the records; nothing altered, nothing missing, or it is a finding."""
        out = self.path('opened')
        shutil.rmtree(out, ignore_errors=True)
        self.day.tool('laneopen', '--key', self.day.keys('agency.pem'), '--policy', policy or self.day.keys('policy.cose'),
                      '--policy-key', self.day.keys('policy-key.der'), '--unit-cert', self.day.keys('unit-cert.pem'),
                      folder or self.path('spool'), '--out', out, status=status)
        with open(os.path.join(out, 'index.json')) as f:
            return json.load(f)['records']

    def all_open(self, count=None, folder=None, policy=None):
        """As opened(), and every record must open, and no two be the same passage."""
        index = self.opened(folder, policy)
        bad = [r for r in index if r['status'] != ('opened' if r['kind'] == 'passage' else 'verified')]
        self.day.check(not bad, 'records that do not open: %r', bad[:3])
        index = [r for r in index if r['kind'] == 'passage']
        if count is not None:
            self.day.equal(len(index), count, 'records opened')
        crops = [view_bytes(self, r) for r in index]
        self.day.check(len(set(crops)) == len(crops), 'a passage was stored twice')
        return index


def view_bytes(unit, record):
    return b''.join(read(unit.path('opened', v['file'])) for v in record['views'])


def read(path):
    with open(path, 'rb') as f:
        return f.read()


PASSAGE, HEARTBEAT, GAP, HEALTH = 1, 2, 3, 4


def cbor(data, at):
    """(value, end) of one CBOR item: unsigned and negative integers, bytes, texts, arrays, maps, tags."""
    major, low, at = data[at] >> 5, data[at] & 31, at + 1
    if low >= 24:
        n = 1 << (low - 24)
        low, at = int.from_bytes(data[at:at + n], 'big'), at + n
    if major in (2, 3):
        return data[at:at + low], at + low
    if major == 4:
        items = []
        for _ in range(low):
            item, at = cbor(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs = {}
        for _ in range(low):
            key, at = cbor(data, at)
            pairs[key], at = cbor(data, at)
        return pairs, at
    if major == 6:
        return cbor(data, at)
    return (low if major == 0 else -1 - low), at


def entry_at(data, at):
    """(end, boot, sequence, kind) of the record that begins here, from docs/RECORD.md."""
    if data[at] != 0xd2:
        raise ValueError('no COSE_Sign1')
    sign1, end = cbor(data, at)
    entry, _ = cbor(sign1[2], 0)
    return end + entry.get(10, 0), entry[4], entry[5], entry[2]
