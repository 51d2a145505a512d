#!/usr/bin/env python3
"""lanekeys and laneopen, given what they must refuse: each time status 1, a sentence that names
the file and what is needed, and nothing written or changed.

    tests/opening/tools.py --bin DIR
"""
import argparse
import base64
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

CASES = []

# A throw-away key of the curve P-384, PKCS #8 and SubjectPublicKeyInfo.
P384 = (
    'MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDloV8kNw6EKVwNlic6qojgbjBE2O/CAEvRI20M/Myq6cI52auw'
    'cvpSiaDkkCgM5LahZANiAASGgZIw3EdKdds4V1PxHqUHk5YuIOrYR7XIG5gl7AIHmHs5DhiphbRG1673j2vMj6OzaTY9UnFy'
    '1GNgAznMeSASq0gKc092TQsMXaAB8aOPb4/xfyNDbR7FwlWaCb/T7co=')
P384_PUBLIC = (
    'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEhoGSMNxHSnXbOFdT8R6lB5OWLiDq2Ee1yBuYJewCB5h7OQ4YqYW0Rteu949rzI+j'
    's2k2PVJxctRjYAM5zHkgEqtICnNPdk0LDF2gAfGjj2+P8X8jQ20excJVmgm/0+3K')


def pem(kind, text):
    return ('-----BEGIN %s-----\n%s\n-----END %s-----\n' % (
        kind, '\n'.join(text[i:i + 64] for i in range(0, len(text), 64)), kind)).encode()


def case(f):
    CASES.append(f)
    return f


class Bench:
    def __init__(self, bin_dir):
        self.bin = bin_dir
        self.dir = tempfile.mkdtemp(prefix='lanetools-')

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def run(self, tool, *args):
        done = subprocess.run([os.path.join(self.bin, tool), *map(str, args)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def good(self, *args):
        status, out, err = self.run(*args)
        assert status == 0, '%s: status %d, %s' % (' '.join(map(str, args)), status, err)
        return out

    def refused(self, words, *args):
        """Status 1, these words in the sentence, no secret in it, and the folder as before."""
        before = self.listing()
        status, out, err = self.run(*args)
        assert status == 1, '%s: status %d, not 1: %s%s' % (' '.join(map(str, args)), status, out, err)
        assert re.search(words, err), 'expected %r in: %s' % (words, err)
        assert self.listing() == before, 'files changed: %r' % (set(self.listing().items()) ^ set(before.items()))

    def listing(self):
        found = {}
        for base, _, names in os.walk(self.dir):
            for n in names:
                with open(os.path.join(base, n), 'rb') as f:
                    found[os.path.join(base, n)] = f.read()
        return found

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        return self.path(name)

    def keys(self):
        k = self.path('keys')
        for role in ('agency', 'escrow'):
            self.good('lanekeys', 'recipient', '--role', role, '--out', k)
        self.good('lanekeys', 'policy-key', '--out', k)
        self.good('lanekeys', 'maker', '--out', k)
        self.good('lanekeys', 'unit', '--name', 'lane-7', '--maker', k, '--out', k)
        self.good(*self.policy(k + '/policy.cose'))
        os.mkdir(self.path('empty'))
        return k

    def policy(self, out, agency='agency.pub.pem', escrow='escrow.pub.pem', key='policy-key.pem', more=()):
        k = self.path('keys')
        return ('lanekeys', 'policy', '--version', 1, '--recipient', 'agency=' + os.path.join(k, agency), '--recipient',
                'escrow=' + os.path.join(k, escrow), '--key', os.path.join(k, key), '--out', out, *more)

    def open(self, key='agency.pem', policy='policy.cose', unit='unit-cert.pem', folder='empty', out='opened', more=()):
        k = self.path('keys')
        return ('laneopen', '--key', os.path.join(k, key), '--policy', os.path.join(k, policy), '--unit-cert',
                os.path.join(k, unit), self.path(folder), '--out', self.path(out), *more)


@case
def files_have_the_right_modes_and_sizes(b):
    k = b.path('keys')
    want = {'agency.pem': (0o600, None), 'agency.pub.pem': (0o644, None), 'policy-key.pem': (0o600, None),
            'policy-key.der': (0o644, 91), 'maker-key.pem': (0o600, None), 'maker-cert.pem': (0o644, None),
            'unit.der': (0o400, 138), 'unit-cert.pem': (0o644, None), 'policy.cose': (0o644, None)}
    for name, (mode, size) in want.items():
        st = os.stat(os.path.join(k, name))
        assert stat.S_IMODE(st.st_mode) == mode, '%s: mode %o' % (name, st.st_mode)
        assert size in (None, st.st_size), '%s: %d bytes' % (name, st.st_size)


@case
def nothing_is_overwritten(b):
    k = b.path('keys')
    b.refused('agency.pem: is there already', 'lanekeys', 'recipient', '--role', 'agency', '--out', k)
    b.refused('policy-key.pem: is there already', 'lanekeys', 'policy-key', '--out', k)
    b.refused('maker-cert.pem: is there already', 'lanekeys', 'maker', '--out', k)
    b.refused('unit.der: is there already', 'lanekeys', 'unit', '--name', 'lane-7', '--maker', k, '--out', k)
    b.refused('policy.cose: is there already', *b.policy(k + '/policy.cose'))


@case
def private_keys_are_refused_where_public_ones_are_wanted(b):
    b.refused('agency.pem: is a private key; never give that away', *b.policy(b.path('p'), agency='agency.pem'))
    b.refused('unit.der: is a private key', *b.policy(b.path('p'), escrow='unit.der'))
    b.refused('unit-cert.pem: is a certificate', *b.policy(b.path('p'), escrow='unit-cert.pem'))
    b.refused('agency.pub.pem: is a public key', *b.policy(b.path('p'), key='agency.pub.pem'))


@case
def missing_and_malformed_files_are_named(b):
    b.refused('gone.pem: cannot read it: No such file', *b.policy(b.path('p'), agency='gone.pem'))
    with open(b.path('keys', 'agency.pub.pem'), 'rb') as f:
        whole = f.read()
    b.write('keys/cut.pem', whole[:100])
    b.refused('cut.pem: is a public key; a whole public key is needed', *b.policy(b.path('p'), agency='cut.pem'))
    b.write('keys/noise', bytes(range(256)))
    b.refused('noise: is not a key file', *b.policy(b.path('p'), agency='noise'))
    b.write('keys/nothing', b'')
    b.refused('nothing: is empty', *b.policy(b.path('p'), agency='nothing'))
    b.write('keys/huge', b'x' * 100000)
    b.refused('huge: has 100000 bytes', *b.policy(b.path('p'), agency='huge'))
    b.refused('is not a file', *b.policy(b.path('p'), agency='.'))


@case
def other_curves_are_refused(b):
    b.write('keys/p384.pub.pem', pem('PUBLIC KEY', P384_PUBLIC))
    b.write('keys/p384.pem', pem('PRIVATE KEY', P384))
    b.refused('p384.pub.pem: is not a key of the curve P-256', *b.policy(b.path('p'), agency='p384.pub.pem'))
    b.refused('p384.pem: is not a key of the curve P-256', *b.policy(b.path('p'), key='p384.pem'))


@case
def values_out_of_range_say_what_is_allowed(b):
    b.refused('--margin-x 1001: must be a whole number from 0 to 1000', *b.policy(b.path('p'), more=('--margin-x', 1001)))
    b.refused('--views 0: must be a whole number from 1 to 8', *b.policy(b.path('p'), more=('--views', 0)))
    b.refused('--not-after 31.12.2031: must be a date', *b.policy(b.path('p'), more=('--not-after', '31.12.2031')))
    b.refused('never be valid', *b.policy(b.path('p'), more=('--not-after', '2001-01-01')))
    b.refused('same key as agency', *b.policy(b.path('p'), escrow='agency.pub.pem'))
    b.refused('no --recipient auditor=FILE was given', *b.policy(b.path('p'), more=('--require', 'auditor')))
    b.refused('a role has 1 to 23 small letters', 'lanekeys', 'recipient', '--role', '../x', '--out', b.path('keys'))
    b.refused("a unit's name has 1 to 31", 'lanekeys', 'unit', '--name', 'a b', '--maker', b.path('keys'), '--out', b.path('u'))


@case
def a_locked_key_needs_its_passphrase(b):
    b.write('right', b'correct horse\nsecond line\n')
    b.write('wrong', b'battery staple\n')
    b.good('lanekeys', 'recipient', '--role', 'locked', '--out', b.path('keys'), '--passphrase-file', b.path('right'))
    out = b.good('lanekeys', 'show', '--passphrase-file', b.path('right'), b.path('keys', 'locked.pem'))
    assert 'key id' in out
    b.refused('does not unlock', 'lanekeys', 'show', '--passphrase-file', b.path('wrong'), b.path('keys', 'locked.pem'))
    b.refused('no terminal to ask on', 'lanekeys', 'show', b.path('keys', 'locked.pem'))


@case
def show_tells_no_secret(b):
    for name in sorted(os.listdir(b.path('keys'))):
        status, out, err = b.run('lanekeys', 'show', b.path('keys', name))
        if name in ('agency.pem', 'unit.der'):
            assert status == 0, err
            with open(b.path('keys', name), 'rb') as f:
                der = f.read()
            if name.endswith('.pem'):
                der = base64.b64decode(b''.join(der.split(b'\n')[1:-2]))
            scalar = der[der.index(b'\x04\x20') + 2:][:32].hex()
            assert scalar not in (out + err).lower(), name


@case
def laneopen_names_wrong_files(b):
    b.refused('agency.pub.pem: is a public key; a private key', *b.open(key='agency.pub.pem'))
    b.refused('unit-cert.pem: is a certificate; a private key', *b.open(key='unit-cert.pem'))
    b.refused('agency.pem: the policy is not in the form', *b.open(policy='agency.pem'))
    b.refused("maker-cert.pem: is a maker's certificate", *b.open(unit='maker-cert.pem'))
    b.refused('agency.pub.pem: is a public key; a whole certificate', *b.open(unit='agency.pub.pem'))
    b.refused('is not signed by the key that --policy-key names',
              *b.open(more=('--policy-key', b.path('keys', 'agency.pub.pem'))))
    b.good('lanekeys', 'maker', '--out', b.path('other'))
    b.refused('was not signed by the maker', *b.open(more=('--maker', b.path('other', 'maker-cert.pem'))))


@case
def laneopen_names_wrong_folders(b):
    b.refused('gone: the folder cannot be read', *b.open(folder='gone'))
    b.refused('empty: there is no record in this folder', *b.open())
    b.refused('keys: is not empty', *b.open(out='keys'))
    unit = ('laneopen', b.path('empty'), '--unit-cert', b.path('keys', 'unit-cert.pem'))
    b.refused('--policy is missing', *unit, '--key', b.path('keys', 'agency.pem'), '--out', b.path('pictures'))
    b.refused('none is given: name one with --policy', *unit, '--verify-only', '--policy-key', b.path('keys', 'agency.pub.pem'))
    b.refused('empty: there is no record in this folder', *unit, '--verify-only')


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--bin', required=True)
    bin_dir = os.path.abspath(ap.parse_args().bin)
    failed = 0
    bench = Bench(bin_dir)
    try:
        bench.keys()
        for f in CASES:
            try:
                f(bench)
                print('ok      ' + f.__name__)
            except AssertionError as why:
                failed += 1
                print('FAILED  %s: %s' % (f.__name__, why))
    finally:
        shutil.rmtree(bench.dir)
    print('%d passed, %d failed' % (len(CASES) - failed, failed))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
