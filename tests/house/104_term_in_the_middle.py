"""SIGTERM in the middle of the day: what passed the seal is on disk, and the unit leaves in order"""
import house


def run(day):
    unit = day.unit(camera__vehicles=0).start().running()
    house.wait_for('three records', lambda: unit.alive() and len(unit.records()) >= 3)
    unit.stop()
    status = unit.status()
    day.equal(status['phase'], 'closed', 'phase')
    stored = unit.vital('spool', 'stored')
    day.equal(unit.vital('seal', 'sealed'), stored, 'sealed and stored')
    day.equal(unit.vital('locate', 'passages'), stored, 'passages and stored')
    day.equal(unit.vital('locate', 'passages_stored'), stored, 'passages that locate knows to be stored')
    unit.all_open(stored)
    day.equal([unit.restarts(r) for r in house.ROOMS], [0] * 5, 'restarts')
    order = [line for line in unit.log().split('\n') if 'warden: clos' in line]
    day.equal(len(order), 2, 'lines about closing')
