"""the uplink delivers to a collector over HTTPS, which the policy names, and to no other"""
import gateway
import house


def run(day):
    g = gateway.Gateway(day)
    unit = day.unit(camera__vehicles=0, camera__pace='real', **g.settings)
    unit.start().running()
    house.wait_for('three deliveries', lambda: unit.alive() and unit.vital('uplink', 'delivered') >= 3)
    unit.stop()
    day.check(len(g.collector.kept) >= 3, 'the collector holds %d records', len(g.collector.kept))
    for path, record in g.collector.kept.items():
        name = path.rsplit('/', 1)
        day.equal(name[0], '/in/house', 'folder of a record')
        boot, sequence = map(int, name[1][:-len('.lsr')].split('-'))
        day.check(unit.entries()[boot, sequence][1] == record, '%s differs', name[1])

    # A collector that the policy does not name gets nothing, and the unit goes on.
    before = len(g.collector.seen)
    unit.change(uplink__to=g.address + '2')
    unit.start().running()
    house.wait_for('records', lambda: unit.alive() and unit.vital('spool', 'stored') >= 2)
    unit.stop()
    day.check('a collector that the policy names' in unit.log(), 'the log does not say that the policy forbids it')
    day.equal(len(g.collector.seen), before, 'requests at a collector that the policy does not name')
    day.tool('laneseald', '--check', '--settings', unit.write(), status=78)

    # Another anchor than the policy's is no anchor.
    unit.change(uplink__to=g.address, uplink__anchor=day.path('gateway', 'other.der'))
    unit.start().running()
    unit.stop()
    day.check('another certificate' in unit.log(), 'the log does not say that the anchor is another one')
    day.equal(len(g.collector.seen), before, 'requests with another anchor')

    # Back to what the policy says: all that waited goes, once.
    unit.change(uplink__anchor=g.settings['uplink__anchor'], camera__vehicles=1)
    unit.start().running()
    house.wait_for('all that waited', lambda: unit.process.poll() is not None or len(g.collector.kept) >= len(unit.chain()))
    unit.stop() if unit.process.poll() is None else unit.wait()
    day.check(not g.collector.problems, 'problems at the collector: %r', g.collector.problems)
