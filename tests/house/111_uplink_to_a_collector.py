"""the uplink delivers to a collector over HTTPS, which the policy names, and to no other"""
import os
import sys

import house

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../uplink'))


def run(day):
    try:
        import authority
    except ImportError:
        day.skip('python3-cryptography is not installed, so no certificates can be made')
    import collector
    trust = authority.Authority()
    with open(day.path('anchor.pem'), 'wb') as f:
        f.write(trust.pem())
    with open(day.path('anchor.der'), 'wb') as f:
        f.write(trust.der())
    gateway = collector.Collector(trust.pair(day.path('server.pem'), 'collector', hosts=['localhost']), clients=trust.pem().decode())
    address = 'https://localhost:%d/in' % gateway.port
    trust.pair(day.path('booth.pem'), 'house', client=True)
    policy = day.policy(day.keys(), day.path('policy.cose'), '--collector', address, '--collector-anchor', day.path('anchor.pem'))
    unit = day.unit(policy__file=policy, uplink__to=address, uplink__anchor=day.path('anchor.der'),
                    uplink__certificate=day.path('booth.pem'), camera__vehicles=0, camera__pace='real')
    unit.start().running()
    house.wait_for('three deliveries', lambda: unit.alive() and unit.vital('uplink', 'delivered') >= 3)
    unit.stop()
    day.check(len(gateway.kept) >= 3, 'the collector holds %d records', len(gateway.kept))
    for path, record in gateway.kept.items():
        name = path.rsplit('/', 1)
        day.equal(name[0], '/in/house', 'folder of a record')
        boot, sequence = map(int, name[1][:-len('.lsr')].split('-'))
        day.check(unit.entries()[boot, sequence][1] == record, '%s differs', name[1])

    # A collector that the policy does not name gets nothing, and the unit goes on.
    before = len(gateway.seen)
    unit.change(uplink__to=address + '2')
    unit.start().running()
    house.wait_for('records', lambda: unit.alive() and unit.vital('spool', 'stored') >= 2)
    unit.stop()
    day.check('a collector that the policy names' in unit.log(), 'the log does not say that the policy forbids it')
    day.equal(len(gateway.seen), before, 'requests at a collector that the policy does not name')
    day.tool('laneseald', '--check', '--settings', unit.write(), status=78)

    # Another anchor than the policy's is no anchor.
    with open(day.path('other.der'), 'wb') as f:
        f.write(authority.Authority('Other').der())
    unit.change(uplink__to=address, uplink__anchor=day.path('other.der'))
    unit.start().running()
    unit.stop()
    day.check('another certificate' in unit.log(), 'the log does not say that the anchor is another one')
    day.equal(len(gateway.seen), before, 'requests with another anchor')

    # Back to what the policy says: all that waited goes, once.
    unit.change(uplink__anchor=day.path('anchor.der'), camera__vehicles=1)
    unit.start().running()
    house.wait_for('all that waited', lambda: unit.process.poll() is not None or len(gateway.kept) >= len(unit.chain()))
    unit.stop() if unit.process.poll() is None else unit.wait()
    day.check(not gateway.problems, 'problems at the collector: %r', gateway.problems)
