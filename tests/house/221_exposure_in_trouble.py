"""a unit that is hurt, or was meddled with, tells its exposure truly: damage, stale words, keys and pictures that lie about"""
import json
import os
import signal

import house

def write(data, *path):
    with open(os.path.join(*path), 'wb') as f:
        f.write(data)


def killed(day, unit):
    """A room that is killed, the warden held, the warden killed."""
    unit.start().running()
    house.wait_for('two passages', lambda: unit.alive() and unit.vital('spool', 'stored') >= 2)
    os.kill(unit.children()['seal'], signal.SIGKILL)
    house.wait_for('seal to come again', lambda: unit.alive() and unit.restarts('seal') == 1 and 'seal' in unit.children())
    told = house.wait_for('the new seal to be told of', lambda: next(iter(
        [t for t in [unit.exposure()] if t['state']['rooms']['seal'] and
         t['state']['rooms']['seal']['pid'] == unit.children()['seal']]), None))
    day.check(told['sealed']['passages'] >= 2, 'passages after a kill: %r', told['sealed'])

    os.kill(unit.process.pid, signal.SIGSTOP)
    status = unit.status()
    status['written_utc_s'] -= 1000
    write(json.dumps(status).encode(), unit.path('state', 'status.json'))
    told = unit.exposure()
    day.check(told['state']['running'] and told['state']['stale'] and told['state']['status_age_s'] >= 1000, 'a held warden: %r', told['state'])
    words = unit.exposure_words()
    day.check('it hangs, or is held' in words, 'the words do not say that it is held:\n%s', words)

    unit.kill()
    house.wait_for('the rooms to be gone', lambda: not unit.children())
    told = unit.exposure()
    day.check(not told['state']['running'] and not any(told['state']['rooms'].values()), 'a killed warden: %r', told['state'])
    day.equal(told['sealed']['records'], len(unit.opened()), 'records of a killed unit')
    write(b'{"pid": ', unit.path('state', 'status.json'))
    day.check('it is damaged' in unit.exposure_words(), 'a damaged status.json')


def damaged(day, unit):
    before = unit.exposure()['sealed']['records']
    oldest = unit.path('spool', sorted(n for n in os.listdir(unit.path('spool')) if '.ls' in n)[0])
    os.chmod(oldest, 0o600)
    with open(oldest, 'r+b') as f:
        f.write(bytes(100))
    write(b'x', unit.path('spool', 'note.txt'))
    write(b'x', unit.path('spool', '00000000000000009999.lss.bad'))
    write(b'x' * 52, unit.path('spool', '.delivered'))
    told = unit.exposure()['sealed']
    day.equal((told['unreadable'], told['damaged'], told['foreign'], told['delivered']), (1, 1, 1, 0), 'a damaged spool')
    day.equal(told['records'], before - 1, 'records behind a damaged one')
    day.check('the mark of what was delivered is damaged' in unit.exposure_words(), 'the damaged mark')


def keys_about(day, unit):
    """Each of them makes the answer "something is readable": exit status 2."""
    day.tool('lanekeys', 'recipient', '--role', 'agency', '--out', day.path('locked'), '--passphrase-file', day.keys('unit-cert.pem'))
    with open(day.keys('agency.pem'), 'rb') as f:
        pem = f.read()
    with open(day.keys('unit.der'), 'rb') as f:
        der = f.read()
    with open(day.path('locked', 'agency.pem'), 'rb') as f:
        locked = f.read()
    for name, data in (('spool/left.pem', pem), ('state/copy', b'note\n' + der), ('.hidden', locked)):
        write(data, unit.path(*name.split('/')))
        told = unit.exposure(status=2)
        day.equal((told['readers']['private_keys_on_unit'], told['nothing_readable']), (1, False), name)
        day.check(told['readers']['private_key_files'][0].endswith(name), 'it names %r', told['readers']['private_key_files'])
        os.remove(unit.path(*name.split('/')))
    day.equal(unit.exposure()['readers']['private_keys_on_unit'], 0, 'keys after they are gone')

    with open(day.keys('policy-key.der'), 'rb') as f:
        head = f.read()[:26]
    write(head + der[-65:], day.path('own.der'))
    day.tool('lanekeys', 'policy', '--version', 2, '--recipient', 'agency=' + day.keys('agency.pub.pem'), '--recipient',
             'escrow=' + day.path('own.der'), '--key', day.keys('policy-key.pem'), '--out', day.path('own.cose'))
    unit.change(policy__file=day.path('own.cose'))
    told = unit.exposure(status=2)
    day.equal(told['readers']['own_key_is_recipient'], True, 'the unit\'s own key as a recipient')
    unit.change(policy__file='nothing.cose')
    day.equal(unit.exposure()['readers']['policy_readable'], False, 'a policy that is not there')
    unit.change(policy__file='policy.cose')


def run(day):
    unit = day.lonely(camera__pace='real', camera__vehicles=0)
    killed(day, unit)
    damaged(day, unit)
    keys_about(day, unit)

    os.makedirs(day.path('pictures'))
    write(bytes(1234), day.path('pictures', 'a.jpg'))
    unit.change(camera__name='replay:' + day.path('pictures'))
    told = unit.exposure(status=2)
    day.equal((told['plaintext']['storage_bytes_most'], told['plaintext']['replayed_bytes']), (1234, 1234), 'pictures that are replayed')

    words = day.tool('laneseald', '--settings', day.path('nothing.conf'), '--exposure', status=78)
    day.check('nothing.conf' in words, 'settings that are not there: %s', words)
    day.check('--json goes with --exposure' in day.tool('laneseald', '--json', '--list-settings', status=64), '--json alone')
