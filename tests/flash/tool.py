#!/usr/bin/env python3
"""lanekeys image and lanectl as programs: releases, their refusals, and flashing loop devices where this user may have some.

    tests/flash/tool.py --bin DIR
"""
import argparse
import contextlib
import hashlib
import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CASES = []
MIB = 1 << 20


def case(f):
    CASES.append(f)
    return f


def with_disks(f):
    """A case that needs loop devices."""
    f.needs_disks = True
    return case(f)


class Bench:
    def __init__(self, bin_dir):
        self.bin = bin_dir
        self.dir = tempfile.mkdtemp(prefix='lanectl-')
        self.good('lanekeys', 'release-key', '--out', self.path('keys'))
        self.good('lanekeys', 'technician-key', '--out', self.path('keys'))
        self.release('image', 24 * MIB)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def run(self, *args, **more):
        args = [os.path.join(self.bin, args[0]), *map(str, args[1:])]
        done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              start_new_session=True, **more)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def good(self, *args):
        status, out, err = self.run(*args)
        assert status == 0, '%s: status %d, %s' % (args, status, err)
        return out

    def refused(self, status, words, *args):
        was, out, err = self.run(*args)
        assert was == status, '%s: status %d, not %d: %s%s' % (args, was, status, out, err)
        assert re.search(words, err), 'expected %r in: %s' % (words, err)
        assert out == '' or args[1] == 'flash', 'output beside a refusal: %s' % out

    def draw(self, name, size):
        """An image with holes, data at both ends, and more data than one piece."""
        with open(self.path(name), 'wb') as f:
            f.truncate(size)
            for at, n in ((0, 2 * MIB), (3 * MIB, 9 * MIB), (15 * MIB + 4096, 65536), (size - 8192, 8192)):
                f.seek(at)
                f.write(random.Random(at).randbytes(n))
        with open(self.path(name + '.sbom.json'), 'w') as f:
            f.write('{"spdxVersion": "SPDX-2.3"}')

    def release(self, name, size, *more):
        self.draw(name, size)
        self.good('lanekeys', 'image', self.path(name), '--key', self.path('keys', 'release.pem'), '--board', 'qemu-x86_64',
                  '--version', '1.2', '--rollback', 3, *more)

    def copy(self, name):
        """The release under another name, whole."""
        for ending in ('', '.bmap', '.manifest.cose', '.sbom.json'):
            subprocess.run(['cp', '--sparse=always', self.path('image' + ending), self.path(name + ending)], check=True)
        return self.path(name)

    def key(self):
        return '--release-key', self.path('keys', 'release.pub.pem')

    def desk(self):
        return (*self.key(), '--log', self.path('log'), '--log-key', self.path('keys', 'technician.pem'),
                '--allow-list', self.path('allow'))

    def verify_log(self):
        return json.loads(self.good('lanectl', 'log', 'verify', '--json', '--log', self.path('log'), '--key',
                                    self.path('keys', 'technician.pub.pem')))

    @contextlib.contextmanager
    def disk(self, name, size, *options):
        """A loop device that the list of allowed disks names; yields (device, file)."""
        file = self.path(name)
        with open(file, 'wb') as f:
            f.write(b'\xa5' * size)
        device = subprocess.run(['losetup', '--find', '--show', *options, file], check=True,
                                stdout=subprocess.PIPE).stdout.decode().strip()
        with open(self.path('allow'), 'a') as f:
            f.write('loop:%s\n' % file)
        try:
            yield device, file
        finally:
            subprocess.run(['losetup', '-d', device], check=True)

    def is_whole(self, file, image='image'):
        """Every byte that the block map names is the image's."""
        with open(self.path(image), 'rb') as f, open(file, 'rb') as g, open(self.path(image + '.bmap')) as m:
            for a, b in re.findall(r'> (\d+)(?:-(\d+))? </Range>', m.read()):
                n = (int(b or a) - int(a) + 1) * 4096
                f.seek(int(a) * 4096)
                g.seek(int(a) * 4096)
                if f.read(n) != g.read(n):
                    return False
        return True


def boots(file):
    with open(file, 'rb') as f:
        return any(f.read(4096))


def untouched(file):
    with open(file, 'rb') as f:
        return not f.read().strip(b'\xa5')


# ---- images ----

@case
def a_release_is_told_and_verified(b):
    out = json.loads(b.good('lanectl', 'image', 'info', '--json', b.path('image'), *b.key()))
    assert (out['board'], out['version'], out['rollback'], out['bytes']) == ('qemu-x86_64', '1.2', 3, 24 * MIB), out
    with open(b.path('image'), 'rb') as f:
        assert out['sha256'] == hashlib.sha256(f.read()).hexdigest()
    words = b.good('lanectl', 'image', 'info', b.path('image'), *b.key())
    assert 'qemu-x86_64' in words and 'never' in words
    out = json.loads(b.good('lanectl', 'image', 'verify', '--json', b.path('image'), *b.key()))
    assert out['verified'] is True and out['sbom'] == 'matches'
    strange = b.copy('\udce9.img')  # a name that is no UTF-8, as JSON is
    out = json.loads(b.good('lanectl', 'image', 'verify', '--json', strange, *b.key()))
    assert out['verified'] is True and out['image'] == b.path('?.img'), out


@case
def a_bad_release_is_refused_with_its_reason(b):
    def bad(words, change, verb='info'):
        path = b.copy('bad')
        change(path)
        b.refused(2, words, 'lanectl', 'image', verb, path, *b.key())

    def put(ending, at, data):
        def change(path):
            with open(path + ending, 'r+b') as f:
                f.seek(at)
                f.write(data)
        return change

    bad('bad.manifest.cose: is not there', lambda p: os.unlink(p + '.manifest.cose'))
    bad('bad.manifest.cose: is no manifest, or damaged', lambda p: os.truncate(p + '.manifest.cose', 50))
    bad('bad.manifest.cose: is no manifest', put('.manifest.cose', 0, b'{}'))
    bad('bad.manifest.cose: is not signed by the release key', put('.manifest.cose', 60, b'\x01'))
    bad('bad.bmap: cannot read it', lambda p: os.unlink(p + '.bmap'))
    bad('bad.bmap: is not the block map', put('.bmap', 30, b' '))
    bad('bad: has 4096 bytes and the manifest names', lambda p: os.truncate(p, 4096))
    bad('bad: cannot read it: No such file', os.unlink)
    bad('bad: is damaged at or behind byte', put('', 5 * MIB, b'xx'), 'verify')
    bad('bad: is damaged', put('', 2 * MIB + 4096, b'in a hole'), 'verify')
    bad('bad.sbom.json: is not the list of packages', put('.sbom.json', 0, b'['), 'verify')
    b.refused(2, 'technician.pem: is a private key', 'lanectl', 'image', 'info', b.path('image'), '--release-key',
              b.path('keys', 'technician.pem'))
    b.refused(2, 'is not signed by the release key', 'lanectl', 'image', 'info', b.path('image'), '--release-key',
              b.path('keys', 'technician.pub.pem'))
    b.refused(2, 'get it from your maker', 'lanectl', 'image', 'info', b.path('image'), '--release-key', b.path('gone'))


@case
def times_of_a_release_are_kept(b):
    made = dict(os.environ, SOURCE_DATE_EPOCH='1700000000')
    b.draw('old', 24 * MIB)
    status, _, err = b.run('lanekeys', 'image', b.path('old'), '--key', b.path('keys', 'release.pem'), '--board', 'x',
                           '--version', '1', '--rollback', '0', '--valid-days', '10', env=made)
    assert status == 0, err
    b.refused(2, 'old.manifest.cose: has expired', 'lanectl', 'image', 'info', b.path('old'), *b.key())
    b.draw('new', 24 * MIB)
    made['SOURCE_DATE_EPOCH'] = '9000000000'
    status, _, err = b.run('lanekeys', 'image', b.path('new'), '--key', b.path('keys', 'release.pem'), '--board', 'x',
                           '--version', '1', '--rollback', '0', env=made)
    assert status == 0, err
    b.refused(2, 'set the clock', 'lanectl', 'image', 'info', b.path('new'), *b.key())


@case
def a_release_is_not_made_of_nothing_or_twice(b):
    def make(words, name, *more):
        b.refused(1, words, 'lanekeys', 'image', b.path(name), '--key', b.path('keys', 'release.pem'), '--board', 'x',
                  '--version', '1', '--rollback', '0', *more)
        assert not os.path.exists(b.path(name + '.manifest.cose')) or name == 'image'

    make('image.bmap: is there already', 'image')
    b.draw('odd', 24 * MIB)
    os.truncate(b.path('odd'), 24 * MIB + 1)
    make('multiple of 4096', 'odd')
    with open(b.path('hole'), 'wb') as f:
        f.truncate(MIB)
    make('hole.sbom.json', 'hole')
    with open(b.path('hole.sbom.json'), 'w') as f:
        f.write('{}')
    make('holds data', 'hole')
    make('--valid-days -1: must be a number', 'hole', '--valid-days', '-1')


@case
def bmaptool_takes_the_map(b):
    if not shutil.which('bmaptool'):
        print('skipped: bmaptool is not installed')
        return
    done = subprocess.run(['bmaptool', 'copy', '--bmap', b.path('image.bmap'), b.path('image'), b.path('copy')],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    assert b.is_whole(b.path('copy'))


@case
def the_disk_of_this_computer_is_refused_by_every_name(b):
    if not os.path.exists('/sys/class/block') or not os.listdir('/sys/class/block'):
        print('skipped: no disk is visible here')
        return
    source = subprocess.run(['stat', '-c', '%d', '/'], stdout=subprocess.PIPE).stdout
    device = os.path.join('/sys/dev/block', '%d:%d' % (os.major(int(source)), os.minor(int(source))))
    if not os.path.exists(device):
        print('skipped: / is on no disk that is visible here')
        return
    path = os.path.realpath(device)
    name = os.path.basename(os.path.dirname(path) if os.path.exists(path + '/partition') else path)
    if not os.path.exists('/dev/' + name):
        print('skipped: /dev/%s is not there' % name)
        return
    link = b.path('usb-Harmless_Stick')
    os.symlink('/dev/' + name, link)
    for to in ('/dev/' + name, link):
        b.refused(3, 'this computer runs from it|cannot be taken out', 'lanectl', 'flash', b.path('image'), '--to', to, '--yes',
                  name, *b.desk())


# ---- disks ----

@with_disks
def a_loop_device_is_listed_only_when_allowed(b):
    with b.disk('listed', 32 * MIB) as (device, file):
        out = json.loads(b.good('lanectl', 'devices', '--json', '--allow-list', b.path('allow')))
        assert [d['serial'] for d in out if d['path'] == device] == [file], out
        assert all(d['may_be_flashed'] for d in out if d['path'] == device)
        out = json.loads(b.good('lanectl', 'devices', '--json', '--allow-list', '/none'))
        assert not [d for d in out if d['path'] == device], out
        b.refused(3, 'cannot be taken out of this computer', 'lanectl', 'flash', b.path('image'), '--to', device, '--yes', file,
                  *b.desk()[:-1], '/none')
        assert untouched(file)


@with_disks
def two_disks_at_once_are_flashed_and_recorded(b):
    with b.disk('one', 24 * MIB) as (d1, f1), b.disk('two', 40 * MIB) as (d2, f2):
        os.symlink(d2, b.path('by-id'))
        out = json.loads(b.good('lanectl', 'flash', b.path('image'), '--json', '--to', d1, '--to', b.path('by-id'), '--yes', f1,
                                '--yes', f2, '--unit', 'lane-1', '--unit', 'lane-2', *b.desk()))
        assert [t['result'] for t in out['targets']] == ['verified'] * 2, out
        assert b.is_whole(f1) and b.is_whole(f2)
        log = b.verify_log()
        assert log['bad'] == 0
        assert [x['record']['unit'] for x in log['lines'][-2:]] in (['lane-1', 'lane-2'], ['lane-2', 'lane-1'])
        with open(b.path('keys', 'technician.pub.pem')) as f:
            assert 'PUBLIC' in f.read()


@with_disks
def the_signature_of_a_record_is_checked_by_openssl_alone(b):
    with b.disk('ssl', 24 * MIB) as (device, file):
        b.good('lanectl', 'flash', b.path('image'), '--to', device, '--yes', file, *b.desk())
    with open(b.path('log')) as f:
        line = f.read().splitlines()[-1]
    assert json.loads(line)['record']['device']['serial'] == file
    record, signature = re.fullmatch(r'\{"record":(.*),"signature":"([^"]*)"\}', line).groups()
    with open(b.path('record'), 'w') as f:
        f.write(record)
    subprocess.run('base64 -d > sig && openssl dgst -sha256 -verify keys/technician.pub.pem -signature sig record',
                   shell=True, cwd=b.dir, input=signature.encode(), check=True, stdout=subprocess.DEVNULL)


@with_disks
def a_mounted_disk_is_refused_by_us_and_by_the_kernel(b):
    with b.disk('mounted', 32 * MIB) as (device, file):
        subprocess.run(['mkfs.ext4', '-q', '-L', 'holiday', device], check=True)
        os.mkdir(b.path('at'))
        if subprocess.run(['mount', device, b.path('at')]).returncode != 0:
            print('skipped: mounting is not allowed here')
            return
        try:
            b.refused(3, 'mounted at .*unmount it first', 'lanectl', 'flash', b.path('image'), '--to', device, '--yes', file,
                      *b.desk())
            out = json.loads(b.good('lanectl', 'devices', '--json', '--allow-list', b.path('allow')))
            mine = [d for d in out if d['path'] == device][0]
            assert not mine['may_be_flashed'] and mine['parts'][0]['label'] == 'holiday', mine
        finally:
            subprocess.run(['umount', b.path('at')], check=True)
        with open(device, 'rb'):
            fd = os.open(device, os.O_RDWR | os.O_EXCL)
            try:
                status, _, err = b.run('lanectl', 'flash', b.path('image'), '--to', device, '--yes', file, *b.desk())
                assert status == 4 and 'something holds it' in err, err
            finally:
                os.close(fd)


@with_disks
def small_and_write_protected_disks_are_refused(b):
    with b.disk('small', 24 * MIB - 4096) as (device, file):
        b.refused(3, 'too small: it has 25161728 bytes and the image 25165824', 'lanectl', 'flash', b.path('image'), '--to',
                  device, '--yes', file, *b.desk())
        assert untouched(file)
    with b.disk('locked', 24 * MIB, '--read-only') as (device, file):
        b.refused(3, 'write-protected', 'lanectl', 'flash', b.path('image'), '--to', device, '--yes', file, *b.desk())
        assert untouched(file)


@with_disks
def a_person_confirms_by_typing_the_serial(b):
    def ask(device, answer):
        """On a terminal of its own; returns (status, what was shown)."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(os.path.join(b.bin, 'lanectl'), ['lanectl', 'flash', b.path('image'), '--to', device, *b.desk()])
        shown = b''
        answered = False
        while True:
            try:
                more = os.read(fd, 4096)
            except OSError:
                break
            if not more:
                break
            shown += more
            if b'): ' in shown and not answered:
                os.write(fd, answer.encode() + b'\n')
                answered = True
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(fd)
        return status, shown.decode()

    with b.disk('asked', 24 * MIB) as (device, file):
        for answer in ('yes', '', file + 'x', device):
            status, shown = ask(device, answer)
            assert status == 3 and 'not confirmed; nothing was written' in shown, shown
        assert untouched(file)
        status, shown = ask(device, file)
        assert status == 0 and 'Everything on it will be lost' in shown and 'good: qemu-x86_64 1.2' in shown, shown
        assert b.is_whole(file)


@with_disks
def stopped_in_the_middle_it_says_so_and_goes_on(b):
    b.draw('large', 24 * MIB)
    with open(b.path('large'), 'r+b') as f:
        f.truncate(320 * MIB)
        f.seek(24 * MIB)
        for _ in range(290):
            f.write(random.randbytes(MIB))
    b.good('lanekeys', 'image', b.path('large'), '--key', b.path('keys', 'release.pem'), '--board', 'x', '--version', '1',
           '--rollback', '0')
    with b.disk('stopped', 320 * MIB) as (device, file):
        for name in (signal.SIGINT, signal.SIGTERM):
            p = subprocess.Popen([os.path.join(b.bin, 'lanectl'), 'flash', b.path('large'), '--json', '--to', device, '--yes',
                                  file, *b.desk()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
            # The second time it never boots, and is stopped wherever it is, perhaps before it began.
            while boots(file) and p.poll() is None:
                time.sleep(0.01)
            time.sleep(0.15 if name == signal.SIGINT else 0.5)
            p.send_signal(name)
            out, err = p.communicate()
            if p.returncode == 0:
                print('skipped: this machine was done before it could be stopped')
                return
            assert p.returncode == 5 or (name == signal.SIGTERM and p.returncode == -name), (p.returncode, err)
            if name == signal.SIGINT:
                assert b'goes on where it stopped' in err and b'does not boot' in err, err
            assert not boots(file)
        out = json.loads(b.good('lanectl', 'flash', b.path('large'), '--json', '--to', device, '--yes', file, *b.desk()))
        assert out['targets'][0]['kept_bytes'] > 0, out
        assert b.is_whole(file, 'large')
    os.unlink(b.path('large'))
    os.unlink(file)


def may_have_disks(b):
    if os.geteuid() != 0 or not shutil.which('losetup'):
        return 'loop devices need root and losetup'
    try:
        with b.disk('try', MIB) as (device, _):
            return '' if os.path.exists(device) else 'no device node for a loop device'
    except (subprocess.CalledProcessError, OSError):
        return 'this machine gives no loop device'


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--bin', required=True)
    failed = skipped = 0
    bench = Bench(os.path.abspath(ap.parse_args().bin))
    try:
        why = may_have_disks(bench)
        if why:
            print('skipped: %d cases over loop devices: %s' % (sum(hasattr(f, 'needs_disks') for f in CASES), why))
        for f in CASES:
            if why and hasattr(f, 'needs_disks'):
                skipped += 1
                continue
            try:
                f(bench)
                print('ok      ' + f.__name__)
            except (AssertionError, subprocess.CalledProcessError) as bad:
                failed += 1
                print('FAILED  %s: %s' % (f.__name__, bad))
    finally:
        shutil.rmtree(bench.dir)
    print('%d passed, %d failed%s' % (len(CASES) - failed - skipped, failed, ', %d skipped' % skipped if skipped else ''))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
