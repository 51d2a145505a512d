"""What one scenario has in hand."""
import os
import traceback

import booth
import collector as collectors


class Place:
    """A folder, an authority, rooms and servers that end with it."""

    def __init__(self, program, folder, authority):
        self.program, self.folder, self.authority, self.rooms, self.ends = program, folder, authority, [], []
        os.makedirs(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def server(self, hosts=('localhost', '127.0.0.1', '192.0.2.2'), **how):
        return self.authority.pair(self.path('server.pem'), 'collector', hosts=hosts, **how)

    def client(self, authority=None):
        path = self.path('client.pem')
        return path if os.path.exists(path) else (authority or self.authority).pair(path, 'booth-7', client=True)

    def collector(self, pair=None, **how):
        return collectors.Collector(pair or self.server(), **how)

    def room(self, to, anchor=None, **how):
        room = booth.Room(self.program, self.path('room%d' % len(self.rooms)), to,
                          anchor=self.authority.der() if anchor is None else anchor, **how)
        self.rooms.append(room)
        return room.start()

    def front(self, port, acts_as=collectors.Front, **how):
        """Something between units and a server of this place; it has that server's certificate."""
        return acts_as(self.path('server.pem'), self.authority.pem().decode(), port, client=self.client(), **how)

    def gateway(self, plan=(), pair=None, **how):
        """A gateway that knows units by their certificate, and a room that delivers there."""
        c = self.collector(pair, clients=self.authority.pem().decode())
        c.plan.extend(plan)
        return c, self.room('https://localhost:%d/in' % c.port, certificate=self.client(), **how)

    def store(self, plan=(), pair=None, **how):
        c = self.collector(pair, s3=True)
        c.plan.extend(plan)
        keys = '%s\n%s\n' % (collectors.ID, collectors.SECRET)
        return c, self.room('s3:https://localhost:%d/records' % c.port, s3_keys=keys.encode(), **how)

    def end(self):
        for room in self.rooms:
            try:
                room.end()
            except AssertionError:
                traceback.print_exc()
        for end in self.ends:
            end()
