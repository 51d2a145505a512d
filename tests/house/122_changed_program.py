"""a program of which one byte is another shows in every record, and a program that is gone stops the unit"""
import os
import shutil


def firmware_of(unit):
    """What the records say, which must be one thing, and what status.json says."""
    told = {r['firmware'] for r in unit.opened() if r['kind'] == 'passage'}
    unit.day.equal(told, {unit.status()['firmware']}, 'firmware in records and status.json')
    return told.pop()


def run(day):
    before = firmware_of(day.unit('before', camera__vehicles=1).run())
    other = day.path('other')
    shutil.copytree(os.path.join(day.bin, '..', 'libexec'), os.path.join(other, 'libexec'))
    os.makedirs(os.path.join(other, 'bin'))
    shutil.copy(os.path.join(day.bin, 'laneseald'), os.path.join(other, 'bin'))
    unit = day.unit('after', camera__vehicles=1)
    unit.bin = os.path.join(other, 'bin')
    unit.run()
    day.equal(firmware_of(unit), before, 'firmware of a copy')
    with open(os.path.join(other, 'libexec', 'uplink'), 'ab') as f:
        f.write(b'\0')
    shutil.rmtree(unit.path('spool'))
    unit.run()
    day.check(firmware_of(unit) != before, 'a changed program does not show')
    os.remove(os.path.join(other, 'libexec', 'uplink'))
    unit.run(status=1)
    day.check('uplink' in unit.log(), 'it does not name the program that is gone: %s', unit.log())
