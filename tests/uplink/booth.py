"""The uplink room as the warden starts it, with this program in spool's and the warden's place."""
import fcntl
import os
import select
import signal
import struct
import threading
import time

VITALS, IN, IN_ACK, FOLDER, ANCHOR, CERTIFICATE, S3_KEYS = 3, 4, 5, 10, 12, 13, 14
PART = 4080
PARCEL, RECEIPT, HELLO = 1, 2, 3
DELIVERED, FAILED = 1, 2


def packets(kind, number, message):
    parts = max(1, (len(message) + PART - 1) // PART)
    for i in range(parts):
        piece = message[i * PART:(i + 1) * PART]
        yield b'LS' + struct.pack('>BBIHHHH', 1, kind, number, i, parts, len(piece), 0) + piece


def record(sequence, size=20000):
    """Bytes that look like nothing, the same for the same sequence."""
    import random
    return random.Random(sequence).randbytes(size)


class Room:
    """One uplink. Words are its settings; files are what it gets as descriptors."""

    def __init__(self, program, folder, to, anchor=b'', certificate=None, s3_keys=None, environment=None, **words):
        self.folder, self.program, self.environment = folder, program, environment or {}
        os.makedirs(folder, exist_ok=True)
        self.words = dict(to=to, unit='booth-7', s3_region='us-east-1', max_kbit_s=0, cadence_s=0, **{})
        self.words.update(words)
        self.files = {ANCHOR: self.write('anchor.der', anchor) if anchor else None,
                      CERTIFICATE: certificate, S3_KEYS: self.write('s3', s3_keys) if s3_keys else None}
        self.number, self.receipts, self.hellos, self.trouble, self.vitals = 0, [], 0, set(), {}
        self.pipes = {n: os.pipe2(os.O_DIRECT | os.O_CLOEXEC) for n in (VITALS, IN, IN_ACK)}
        for _, end in self.pipes.values():
            fcntl.fcntl(end, 1031, 1 << 20)     # F_SETPIPE_SZ
        os.set_blocking(self.pipes[IN][0], False)
        self.pid = None
        self.changed = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as f:
            f.write(content)
        return path

    def start(self):
        held = {VITALS: self.pipes[VITALS][1], IN: self.pipes[IN][0], IN_ACK: self.pipes[IN_ACK][1]}
        opened = {n: os.open(p, os.O_RDONLY) for n, p in self.files.items() if p}
        held.update(opened)
        high = {n: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for n, fd in held.items()}
        actions = [(os.POSIX_SPAWN_OPEN, 0, '/dev/null', os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 2, os.path.join(self.folder, 'log'), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)]
        actions += [(os.POSIX_SPAWN_DUP2, fd, n) for n, fd in high.items()]
        argv = ['uplink'] + ['%s=%s' % w for w in self.words.items()]
        self.pid = os.posix_spawn(self.program, argv, dict(os.environ, LC_ALL='C', **self.environment), file_actions=actions)
        for fd in list(high.values()) + list(opened.values()):
            os.close(fd)
        return self

    def listen(self):
        """Reads vitals and receipts for as long as this program lives."""
        vitals, receipts = self.pipes[VITALS][0], self.pipes[IN_ACK][0]
        while True:
            for fd in select.select([vitals, receipts], [], [])[0]:
                packet = os.read(fd, 4096)
                with self.changed:
                    self.take(fd == vitals, packet[3], packet[16:])
                    self.changed.notify_all()

    def take(self, is_vital, kind, body):
        if is_vital:
            number, value = struct.unpack('>Hq', body)
            self.vitals[self.vital_names[number]] = value
            if self.vital_names[number] == 'uplink_trouble':
                self.trouble.add(value)
        elif kind == HELLO:
            self.hellos += 1
        else:
            self.receipts.append(struct.unpack('>IQB', body))

    vital_names = ()   # set by the runner from the header

    def offer(self, sequence, bytes_=None, boot=1):
        bytes_ = record(sequence) if bytes_ is None else bytes_
        self.number += 1
        for p in packets(PARCEL, self.number, struct.pack('>IQI', boot, sequence, len(bytes_)) + bytes_):
            os.write(self.pipes[IN][1], p)

    def wait(self, condition, limit_s, what):
        with self.changed:
            if not self.changed.wait_for(condition, limit_s):
                raise AssertionError('waited %d s in vain for %s; receipts %r, trouble %r; log:\n%s' % (
                    limit_s, what, self.receipts[-3:], sorted(self.trouble), self.log()))

    def delivered(self, *sequences, limit_s=60):
        self.wait(lambda: all((1, s, DELIVERED) in self.receipts for s in sequences), limit_s, 'receipts of %r' % (sequences,))

    def in_trouble(self, kind, limit_s=60):
        self.wait(lambda: kind in self.trouble, limit_s, 'trouble %d' % kind)

    def log(self):
        try:
            with open(os.path.join(self.folder, 'log'), errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def logged(self, words, limit_s=60):
        until = time.monotonic() + limit_s
        while words not in self.log():
            if time.monotonic() > until:
                raise AssertionError('the log does not say %r:\n%s' % (words, self.log()))
            time.sleep(.05)

    def ended(self, limit_s=60):
        """Waits until the room ends; returns its wait status, or None when it does not."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return status
            time.sleep(.01)
        return None

    def end(self, sig=signal.SIGTERM):
        """Ends the room; returns its wait status."""
        if self.pid is None:
            return None
        os.kill(self.pid, sig)
        status = self.ended(10)
        if status is not None:
            return status
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.pid = None
        raise AssertionError('uplink did not leave within 10 s of SIGTERM:\n' + self.log())
