"""A gateway that a day's unit may deliver to: certificates, the policy that names it, and the unit's settings for it."""
import os
import random
import sys

import house

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../uplink'))


class Gateway:
    """The collector of the uplink's own tests. With `cuts` it stands behind a line that cuts connections, see line.Wire."""

    def __init__(self, day, name='gateway', cuts=None):
        try:
            import authority
        except ImportError:
            raise house.Skipped('python3-cryptography is not installed, so no certificates can be made') from None
        import collector
        import line
        os.makedirs(day.path(name))
        trust = authority.Authority()
        pair = trust.pair(day.path(name, 'server.pem'), 'collector', hosts=['localhost'])
        self.collector = collector.Collector(pair, clients=trust.pem().decode())
        self.wire = None if cuts is None else line.Wire(self.collector.port, random.Random(5), cuts, down=True)
        self.address = 'https://localhost:%d/in' % (self.wire or self.collector).port
        for file, data in (('anchor.pem', trust.pem()), ('anchor.der', trust.der()), ('other.der', authority.Authority('Other').der())):
            with open(day.path(name, file), 'wb') as f:
                f.write(data)
        policy = day.policy(day.keys(), day.path(name, 'policy.cose'), '--collector', self.address, '--collector-anchor', day.path(name, 'anchor.pem'))
        self.settings = dict(policy__file=policy, uplink__to=self.address, uplink__anchor=day.path(name, 'anchor.der'),
                             uplink__certificate=trust.pair(day.path(name, 'booth.pem'), 'house', client=True))
