"""a second day goes on where the first ended: next boot, next sequence, the same chain"""
import house


def run(day):
    unit = day.unit().run()
    first = unit.chain()
    day.check(unit.records(), 'nothing was stored')
    day.equal(first, [(1, s + 1) for s in range(len(first))], 'first day')
    unit.change(camera__name='synthetic:12,day,dry')
    unit.run()
    both = unit.chain()
    day.check(unit.records()[-1][0] == 2, 'the second day stored nothing')
    day.equal(both, first + [(2, s + 1) for s in range(len(first), len(both))], 'both days')
    unit.all_open(len(unit.records()))
