"""A bad line between a unit and its collector: two network namespaces, and what the line does to packets.

The kernel's netem does it where it has that; else each namespace has a tun device, and a
thread carries packets from one to the other, late, in another order, twice, or not at all. Needs root.
"""
import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import threading
import time

UNIT, COLLECTOR = '192.0.2.1', '192.0.2.2'  # for documentation only, RFC 5737; nobody outside sees them
CLONE_NEWNET, TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x40000000, 0x400454ca, 1, 0x1000
QUEUE_S = .5    # what a line's modem keeps before it drops
libc = ctypes.CDLL(None, use_errno=True)


class Impossible(Exception):
    """No such line can be laid on this machine; the reason is said."""


def ip(*args):
    subprocess.run(['ip'] + list(args), check=True, stdin=subprocess.DEVNULL)


class Namespace:
    """A network of its own, kept by a process that sleeps."""

    def __init__(self):
        self.keeper = subprocess.Popen(['unshare', '-n', 'sleep', 'infinity'], stdin=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while os.readlink('/proc/%d/ns/net' % self.keeper.pid) == os.readlink('/proc/self/ns/net'):
            if self.keeper.poll() is not None or time.monotonic() > until:
                raise Impossible('no network namespace can be made')
            time.sleep(.01)
        self.fd = os.open('/proc/%d/ns/net' % self.keeper.pid, os.O_RDONLY | os.O_CLOEXEC)
        with self.inside():
            ip('link', 'set', 'lo', 'up')

    @contextlib.contextmanager
    def inside(self):
        """This thread, and what it starts, live there."""
        home = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        try:
            if libc.setns(self.fd, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), 'setns')
            yield
        finally:
            if libc.setns(home, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), 'setns back')
            os.close(home)

    def end(self):
        os.close(self.fd)
        self.keeper.kill()
        self.keeper.wait()


class Line:
    """near() is the unit's end and far() the collector's. set() changes the line while it is used."""

    def __init__(self, **how):
        if os.geteuid() != 0:
            raise Impossible('only root may make network namespaces')
        self.ends = [Namespace(), Namespace()]
        self.kind = 'netem'
        try:
            try:
                self.lay_netem()
            except subprocess.CalledProcessError:
                self.kind = 'tun'
                self.lay_tun()
        except (OSError, subprocess.CalledProcessError) as why:
            self.end()
            raise Impossible('neither netem nor a tun device here: %s' % why) from why
        self.set(**how)

    def near(self):
        return self.ends[0].inside()

    def far(self):
        return self.ends[1].inside()

    def set(self, rate_kbit=0, delay_ms=0, loss=0., again=0., reorder=0.):
        """Each way: rate_kbit 0 has no limit; loss, again (a packet comes twice) and reorder are shares of the packets."""
        if self.kind == 'netem':
            self.set_netem(rate_kbit, delay_ms, loss, again, reorder)
        else:
            self.relay.how = (rate_kbit, delay_ms / 1e3, loss, again, reorder)

    def cut(self):
        self.set(loss=1.)

    def end(self):
        if self.kind == 'tun' and hasattr(self, 'relay'):
            self.relay.end()
        for end in self.ends:
            end.end()

    # ---- the kernel's ----

    def lay_netem(self):
        with self.near():
            subprocess.run(['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'limit', '1'], check=True, stdin=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            subprocess.run(['tc', 'qdisc', 'del', 'dev', 'lo', 'root'], check=True, stdin=subprocess.DEVNULL)
            ip('link', 'add', 'line', 'type', 'veth', 'peer', 'name', 'line', 'netns', str(self.ends[1].keeper.pid))
        for end, address in zip(self.ends, (UNIT, COLLECTOR)):
            with end.inside():
                ip('address', 'add', address + '/30', 'dev', 'line')
                ip('link', 'set', 'line', 'up')
                subprocess.run(['tc', 'qdisc', 'add', 'dev', 'line', 'root', 'netem'], check=True, stdin=subprocess.DEVNULL)

    def set_netem(self, rate_kbit, delay_ms, loss, again, reorder):
        words = ['delay', '%gms' % delay_ms, 'loss', '%g%%' % (100 * loss), 'duplicate', '%g%%' % (100 * again)]
        words += ['reorder', '%g%%' % (100 * reorder)] if reorder else []
        words += ['rate', '%dkbit' % rate_kbit] if rate_kbit else []
        words += ['limit', str(int(rate_kbit * 125 * QUEUE_S / 1500) or 1000)]
        for end in self.ends:
            with end.inside():
                subprocess.run(['tc', 'qdisc', 'replace', 'dev', 'line', 'root', 'netem'] + words, check=True, stdin=subprocess.DEVNULL)

    # ---- without netem ----

    def lay_tun(self):
        devices = []
        for end, address, peer in ((self.ends[0], UNIT, COLLECTOR), (self.ends[1], COLLECTOR, UNIT)):
            with end.inside():
                fd = os.open('/dev/net/tun', os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
                fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', b'line', IFF_TUN | IFF_NO_PI))
                ip('address', 'add', address, 'peer', peer, 'dev', 'line')
                ip('link', 'set', 'line', 'up')
                devices.append(fd)
        self.relay = Relay(devices)


class Relay(threading.Thread):
    """Carries packets between two tun devices."""

    def __init__(self, devices):
        super().__init__(daemon=True)
        self.devices, self.how, self.chance, self.going = devices, (0, 0, 0, 0, 0), random.Random(3), True
        self.waiting, self.count, self.free = [], 0, [0., 0.]
        self.start()

    def run(self):
        while self.going:
            limit = max(0, min(.2, self.waiting[0][0] - time.monotonic())) if self.waiting else .2
            for fd in select.select(self.devices, [], [], limit)[0]:
                self.take(self.devices.index(fd))
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, out, packet = heapq.heappop(self.waiting)
                with contextlib.suppress(OSError):
                    os.write(self.devices[out], packet)
        for fd in self.devices:
            os.close(fd)

    def take(self, side):
        rate_kbit, delay_s, loss, again, reorder = self.how
        try:
            packet = os.read(self.devices[side], 65536)
        except OSError:
            return
        for _ in range(1 + (self.chance.random() < again)):
            now = time.monotonic()
            begins = max(now, self.free[side])
            if self.chance.random() < loss or begins - now > QUEUE_S:
                continue
            if rate_kbit:
                self.free[side] = begins + len(packet) / (rate_kbit * 125)
            due = now if self.chance.random() < reorder else max(now, self.free[side]) + delay_s
            self.count += 1
            heapq.heappush(self.waiting, (due, self.count, 1 - side, packet))

    def end(self):
        self.going = False
        self.join()


class Wire:
    """A relay that cuts each connection after a random number of bytes, until it has cut enough. While it is down it
    carries none: those that were open are cut as well."""

    def __init__(self, port, rng, cuts=8, down=False):
        self.port_there, self.rng, self.cuts, self.cut = port, rng, cuts, 0
        self.is_down, self.open, self.lock = down, set(), threading.Lock()
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def down(self, is_down):
        with self.lock:
            self.is_down = is_down
            for pair in self.open if is_down else ():
                shut(*pair)

    def accept(self):
        while True:
            near, _ = self.socket.accept()
            with self.lock:
                if self.is_down:
                    near.close()
                    continue
                pair = near, socket.create_connection(('127.0.0.1', self.port_there))
                self.open.add(pair)
            left = [self.rng.randrange(1, 60000) if self.cut < self.cuts else 1 << 40]
            for a, b in (pair, pair[::-1]):
                threading.Thread(target=self.carry, args=(pair, a, b, left), daemon=True).start()

    def carry(self, pair, a, b, left):
        try:
            while True:
                piece = a.recv(min(4096, max(1, left[0])))
                if not piece:
                    break
                b.sendall(piece)
                left[0] -= len(piece)
                if left[0] <= 0:
                    self.cut += 1
                    break
        except OSError:
            pass
        with self.lock:
            self.open.discard(pair)
        shut(*pair)


def shut(*sockets):
    for s in sockets:
        with contextlib.suppress(OSError):
            s.shutdown(socket.SHUT_RDWR)
