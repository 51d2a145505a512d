"""a light barrier tells of vehicles: each is one passage or one count, with bouncing contacts, a killed room, and an hour without any"""
import json
import os
import signal

import house

LANE = 'synthetic:11,day,dry,gap=4000'
VEHICLES = 12


def add_up(day, unit, what):
    """Every vehicle that the trigger told of is one record, or was refused, or is a count: nothing else."""
    told, passages = unit.vital('capture', 'triggers'), unit.vital('locate', 'passages')
    unread, refused = unit.vital('locate', 'passages_unread'), unit.vital('locate', 'passages_refused')
    day.equal(passages + unread + refused, told, what + ': passages, counts and refusals')
    day.equal(len(unit.records()), passages, what + ': records')
    return told, passages, unread


def run(day):
    # A vehicle that has a plate is a passage; each is told once by the barrier, whatever locate makes of it.
    unit = day.unit('barrier', camera__name=LANE, camera__vehicles=VEHICLES, trigger__input='simulated:lane').run()
    told, passages, unread = add_up(day, unit, 'barrier')
    day.equal(told, VEHICLES, 'vehicles that the barrier told of')
    day.check(passages >= VEHICLES * 3 // 4, '%d passages of %d vehicles', passages, VEHICLES)
    day.check(unit.vital('capture', 'frames_passed_over') > 0, 'no frame was outside of a window')
    last = [r for r in unit.opened() if r['kind'] == 'health'][-1]['health']
    day.equal((last['triggers'], last['passages_unread']), (told, unread), 'what the unit signed of it')

    # Nobody comes, but contacts close, and bounce: counts and no record. No plate is in sight for most of a minute.
    unit = day.unit('empty', camera__name='synthetic:11,day,dry,gap=600000', camera__vehicles=2, camera__rate_fps=2,
                    trigger__input='simulated:every=20000,first=60000,bounce=3', trigger__window_ms=1000).run()
    told, passages, unread = add_up(day, unit, 'empty lane')
    day.check(told >= 20 and unread >= told - 2, 'of %d contacts %d were counts', told, unread)

    # An hour and more passes, vehicles among it, and the trigger is silent: no record, no fault, no restart.
    unit = day.unit('silent', camera__name='synthetic:11,day,dry,gap=600000', camera__vehicles=7, camera__rate_fps=1,
                    trigger__input='simulated:every=86400000,first=86400000').run()
    told, passages, unread = add_up(day, unit, 'silent')
    day.equal((told, passages, unread), (0, 0, 0), 'silent')
    day.check(unit.vital('capture', 'frames_passed_over') > 3600, 'less than an hour')
    day.equal([unit.restarts(room) for room in house.ROOMS], [0] * 5, 'restarts')

    # A flash is lit within windows only, and once for a frame at most.
    unit = day.unit('flash', camera__name=LANE, camera__vehicles=2, camera__pace='real', trigger__input='simulated:lane',
                    camera__exposure_us=500, strobe__output='simulated').run()
    add_up(day, unit, 'flash')
    lit, missed = unit.vital('capture', 'strobes'), unit.vital('capture', 'strobes_missed')
    day.check(0 < lit + missed <= unit.vital('capture', 'frames') + 4, '%d lit and %d missed of %d frames', lit, missed,
              unit.vital('capture', 'frames'))

    # Rooms are killed while a vehicle passes: it may be lost, the sum may not exceed what was told.
    unit = day.unit('killed', camera__name=LANE, camera__vehicles=4, camera__pace='real', trigger__input='simulated:lane').start()
    unit.running()
    for room in ('locate', 'capture'):
        house.wait_for('a vehicle at the barrier', lambda: unit.alive() and unit.vital('capture', 'triggers') > 0)
        os.kill(unit.children()[room], signal.SIGKILL)
    unit.wait()
    sums = [unit.vital('locate', n) for n in ('passages', 'passages_unread', 'passages_refused')]
    day.check(sum(sums) <= unit.vital('capture', 'triggers'), 'more passages than vehicles: %r', sums)

    # What a port does not know is said before anything runs.
    for name, value in (('trigger__input', 'gpiochip0:3'), ('trigger__input', 'simulated:'), ('strobe__output', 'lamp')):
        unit = day.unit('bad', **{name: value})
        unit.run(78)
        day.check('allowed' in unit.log(), '%s: %s', value, unit.log())
    unit = day.unit('worse', trigger__input='simulated:every=x').run(78)
    day.check('trigger_or_strobe_refused' in unit.log(), unit.log())
    told = json.loads(day.tool('laneseald', '--explain', '--json'))['rooms']
    for word in ('tells of vehicles', 'lights the flash'):
        holders = [room for room in told if any(word in d['what'] for d in told[room]['descriptors'])]
        day.equal(holders, ['capture'], 'who may hold what ' + word)
