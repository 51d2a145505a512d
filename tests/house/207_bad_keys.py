"""missing or malformed keys of the unit and of the policy: named, and nothing is stored"""
import os

import house


def run(day):
    good_unit, good_policy = house.read(day.keys('unit.der')), house.read(day.keys('policy-key.der'))

    def file(name, content, mode=0o400):
        path = day.path(name)
        with open(path, 'wb') as f:
            f.write(content)
        os.chmod(path, mode)
        return path

    off_curve = good_policy[:-1] + bytes([good_policy[-1] ^ 1])
    for setting, path, words in (
            ('unit.key', day.path('nothing'), 'cannot be opened (No such file'),
            ('unit.key', file('open.der', good_unit, 0o444), 'others may use (mode 0444)'),
            ('unit.key', file('short.der', good_unit[:-1]), 'a file of 137 bytes'),
            ('unit.key', file('empty.der', b''), 'a file of 0 bytes'),
            ('unit.key', day.folder, 'no file'),
            ('policy.key', day.path('nothing'), 'cannot be read (No such file'),
            ('policy.key', file('short-policy.der', good_policy[:-1]), 'shorter than 91 bytes'),
            ('policy.key', file('long-policy.der', good_policy + b'\0'), 'longer than 91 bytes'),
            ('policy.key', file('pem-policy.der', b'-----BEGIN PUBLIC KEY-----\n' + b'A' * 64), 'no such key'),
            ('policy.key', file('off-curve.der', off_curve), 'no such key'),
            ('policy.key_next', file('cut-next.der', good_policy[:50]), 'shorter than 91 bytes')):
        unit = day.unit('bad', **{setting.replace('.', '__'): path}).run(status=78)
        line = [text for text in unit.log().split('\n') if ' %s: found ' % (setting) in text]
        day.check(len(line) == 1 and words in line[0] and 'allowed: ' in line[0], '%s = %s: %s', setting, path, unit.log())
        day.check('ready' not in unit.log(), 'a room was started')

    # 138 bytes that are no key: only spool may look inside, and says so.
    unit = day.unit('noise', unit__key=file('noise.der', bytes(range(138)))).run(status=78)
    day.check('spool' in unit.log() and 'key' in unit.log(), 'it does not name the key: %s', unit.log())
    day.equal(unit.records(), [], 'records')
