"""--self-test: a plate that locate draws is found, sealed, stored and opened, and without its record the unit is not healthy"""
import os
import signal
import time

import house

NOT_STORED = 'the record of the self-test is not stored yet'


def tested(day, name, **changes):
    unit = day.unit(name, **changes)
    unit.options = ['--self-test']
    return unit


def sources(records):
    return [r['source'] for r in records if r['kind'] == 'passage']


def run(day):
    # It is a record more than vehicles, comes first, and says what it is.
    unit = tested(day, 'two', camera__vehicles=2).run()
    day.equal(sources(unit.all_open(3)), ['self-test', 'synthetic', 'synthetic'], 'sources of the records')
    day.equal((unit.vital('locate', 'self_tests'), unit.vital('locate', 'passages'), unit.vital('locate', 'passages_stored')), (1, 2, 2), 'counted')

    # A locate that is started again tests itself again.
    unit = tested(day, 'killed', camera__vehicles=0, camera__pace='real').start().running()
    house.wait_for('a healthy unit', lambda: unit.alive() and unit.wanting() == '')
    os.kill(unit.children()['locate'], signal.SIGKILL)
    house.wait_for('the second record', lambda: unit.alive() and unit.vital('locate', 'self_tests') == 2)
    unit.stop()
    day.equal(sources(unit.opened()).count('self-test'), 2, 'records of a self-test')

    # A policy that is not in force yet, as when the clock is still to be set: it is no vehicle, so nobody counts it, and it is tried again.
    soon = day.policy(day.keys(), day.path('soon.cose'), '--not-before', time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 15)))
    unit = tested(day, 'early', camera__vehicles=0, camera__pace='real', policy__file=soon).start().running()
    house.wait_for('the rooms to be heard of', lambda: unit.alive() and 'in force' in unit.wanting())
    day.equal(unit.vital('locate', 'self_tests'), 0, 'records of a self-test without a policy')
    house.wait_for('the policy to be in force', lambda: unit.alive() and unit.wanting() == '')
    unit.stop()
    day.equal(sources(unit.opened(policy=soon)).count('self-test'), 1, 'records of a self-test, when the policy came late')
    day.equal(unit.vital('seal', 'counted_only'), unit.vital('locate', 'passages') - unit.vital('locate', 'passages_stored'), 'counted only are vehicles')

    # A policy that lets nothing be cut out fails it.
    narrow = day.policy(day.keys(), day.path('narrow.cose'), '--share-max', 1)
    unit = tested(day, 'narrow', camera__vehicles=0, camera__pace='real', policy__file=narrow).start().running()
    house.wait_for('the test to fail', lambda: unit.alive() and 'self_test_failed errno=1' in unit.log())
    house.wait_for('all else to be well', lambda: unit.alive() and unit.wanting() == NOT_STORED)
    unit.stop()
