"""a second day goes on where the first ended: next boot, next sequence, the same chain"""
import house


def run(day):
    unit = day.unit().run()
    first = [house.boot_and_sequence(n) for n in unit.records()]
    day.check(first, 'nothing was stored')
    day.equal(first, [(1, s + 1) for s in range(len(first))], 'first day')
    unit.change(camera__name='synthetic:12,day,dry')
    unit.run()
    both = [house.boot_and_sequence(n) for n in unit.records()]
    day.check(len(both) > len(first), 'the second day stored nothing')
    day.equal(both, first + [(2, s + 1) for s in range(len(first), len(both))], 'both days')
    unit.all_open(len(both))
