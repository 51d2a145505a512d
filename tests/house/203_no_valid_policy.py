"""no policy, or one that is damaged, expired, foreign or older: vehicles are counted, nothing is stored, and it is loud"""
import os
import time

import house


def counted_only(day, name, words, **settings):
    unit = day.unit(name, camera__vehicles=2, **settings).run()
    day.equal(unit.records(), [], name + ': records')
    day.equal(unit.vital('spool', 'stored'), 0, name + ': stored')
    said = [house.cbor(house.cbor(entry, 0)[0][2], 0)[0] for kind, entry in unit.entries().values() if kind == house.GAP]
    day.equal(sum(e[13] for e in said if e[14] == 5), unit.vital('seal', 'counted_only'), name + ': counted in the chain')
    day.check(unit.vital('locate', 'passages') > 0, '%s: no vehicle was counted', name)
    day.equal(unit.vital('seal', 'counted_only'), unit.vital('locate', 'passages'), name + ': counted only')
    day.check('NO VALID POLICY' in unit.log() and words in unit.log(), '%s: it does not say so: %s', name, unit.log())
    day.equal(unit.status()['policy']['in_force'], False, name + ': in force')
    # Nothing was sealed, so whoever reads the chain later needs no policy to be told why.
    told = day.tool('laneopen', '--verify-only', '--unit-cert', day.keys('unit-cert.pem'), unit.path('spool'))
    day.check('only counted, without a valid policy: %d\n' % unit.vital('seal', 'counted_only') in told,
              '%s: laneopen does not say why nothing is there: %s', name, told)
    day.check('taken as given' not in told, '%s: no policy was given: %s', name, told)


def run(day):
    keys = day.keys()
    counted_only(day, 'absent', 'No such file', policy__file=day.path('nothing.cose'))

    with open(day.path('damaged.cose'), 'wb') as f, open(day.keys('policy.cose'), 'rb') as good:
        f.write(good.read()[:-1])
    counted_only(day, 'damaged', 'not in the form', policy__file=day.path('damaged.cose'))

    early = day.policy(keys, day.path('early.cose'), '--not-before', '2999-01-01')
    counted_only(day, 'early', 'expired or not valid yet', policy__file=early)

    # lanekeys makes none that has expired already, so this one expires while the others are looked at.
    end = int(time.time()) + 3
    expired = day.policy(keys, day.path('expired.cose'), '--not-after', time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(end)))

    day.tool('lanekeys', 'policy-key', '--out', day.path('other'))
    foreign = day.policy(keys, day.path('foreign.cose'), key=day.path('other', 'policy-key.pem'))
    counted_only(day, 'foreign', 'not signed by a policy key', policy__file=foreign)

    # The next policy key may sign as well; that is how keys are changed.
    unit = day.unit('next', camera__vehicles=2, policy__file=foreign,
                    policy__key_next=day.path('other', 'policy-key.der')).run()
    day.check(unit.records(), 'a policy signed by the next key is not used')

    # What was sealed cannot be told without its policy; and a key to check none with is a slip.
    told = day.tool('laneopen', '--verify-only', '--unit-cert', day.keys('unit-cert.pem'), unit.path('spool'), status=4)
    day.check('sealed under a policy that was not given' in told, 'it does not name what is missing: %s', told)
    told = day.tool('laneopen', '--verify-only', '--policy-key', day.keys('policy-key.der'),
                    '--unit-cert', day.keys('unit-cert.pem'), unit.path('spool'), status=1)
    day.check('name one with --policy' in told, 'it does not say what to do: %s', told)

    # Version 2 was in force once: version 1 is history, also after another start.
    second = day.policy(keys, day.path('second.cose'), version=2)
    unit = day.unit('older', camera__vehicles=2, policy__file=second).run()
    day.check(unit.records(), 'version 2 is not used')
    day.equal(unit.status()['policy']['newest_version'], 2, 'newest version')
    os.rename(unit.path('spool'), unit.path('spool-before'))
    counted_only(day, 'older', 'older than one', state__folder=unit.path('state'), policy__file=day.keys('policy.cose'))

    time.sleep(max(0, end + 1 - time.time()))
    counted_only(day, 'expired', 'expired or not valid yet', policy__file=expired)

    # Nor is it forgotten by damage to what the unit remembers: then it does not start.
    with open(unit.path('state', 'newest-policy'), 'w') as f:
        f.write('x')
    unit.run(status=1)
    day.check('newest-policy' in unit.log(), 'it does not name the file: %s', unit.log())
