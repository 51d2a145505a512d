"""laneseald --healthy says whether the unit that runs does its work, and what is wanting"""
import time

import house


def wanting(day, unit):
    words = day.tool('laneseald', '--settings', unit.path('unit.conf'), '--healthy', status=None)
    return words.split('not healthy: ')[1].strip() if 'not healthy' in words else words


def run(day):
    unit = day.unit(camera__pace='real', camera__vehicles=0)
    unit.write()
    day.check('status.json' in wanting(day, unit), 'before it ever ran: %s', wanting(day, unit))
    unit.start().running()
    house.wait_for('a healthy unit', lambda: unit.alive() and wanting(day, unit) == '')
    unit.kill()
    day.equal(wanting(day, unit), 'laneseald does not run', 'after it was killed')
    day.equal(len(day.tool('laneseald', '--settings', unit.path('unit.conf'), '--healthy', status=3).split('\n')), 2, 'lines')

    # Vehicles are only counted without a policy: a firmware that cannot read it would be as bad.
    unit = day.unit('blind', camera__pace='real', camera__vehicles=0, policy__file=day.keys('unit.der')).start().running()
    time.sleep(7)
    day.equal(wanting(day, unit), 'the policy is not in force', 'without a policy')
    unit.stop()
    day.equal(day.tool('laneseald', '--settings', '/nowhere', '--healthy', status=78) != '', True, 'no settings')
