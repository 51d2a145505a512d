"""Copies of the memory of a unit's processes while they run, and at the moment each one ends.

A process's memory: the anonymous pages that are there (what is mapped from files and
unchanged is the file), and memory without a name that it holds a descriptor of.
Pieces that were copied before are not copied again.
"""
import array
import hashlib
import os
import platform
import threading
import time

PAGE = os.sysconf('SC_PAGE_SIZE')
PIECE, OVERLAP = 4096, 2048
ALWAYS = ('warden', 'spool', 'uplink')
ROOMS = ('capture', 'locate', 'seal', 'spool', 'uplink')
EXIT_GROUP = {'x86_64': '231', 'aarch64': '94'}.get(platform.machine(), '')
EVERY_S, LOOK_S = 0.25, 0.03
PRESENT, FILE = 1 << 63, 1 << 61


def pages(pid):
    """[(address, bytes)] of anonymous pages that are there, runs of them joined."""
    runs = []
    with open('/proc/%d/maps' % pid) as maps, open('/proc/%d/pagemap' % pid, 'rb', buffering=0) as pagemap:
        for line in maps:
            words = line.split()
            if words[1][0] != 'r' or words[-1] in ('[vvar]', '[vsyscall]', '[vdso]', '[vvar_vclock]'):
                continue
            start, end = (int(w, 16) for w in words[0].split('-'))
            for at in range(start, end, 512 * PAGE):
                n = min(512, (end - at) // PAGE)
                pagemap.seek(at // PAGE * 8)
                block = pagemap.read(n * 8)
                if not block.strip(b'\0'):
                    continue
                for i, entry in enumerate(array.array('Q', block)):
                    if entry & PRESENT and not entry & FILE:
                        page = at + i * PAGE
                        if runs and sum(runs[-1]) == page:
                            runs[-1] = (runs[-1][0], runs[-1][1] + PAGE)
                        else:
                            runs.append((page, PAGE))
    return runs


def nameless(pid):
    """[(name, contents)] of memory files that it holds a descriptor of."""
    found = []
    for fd in os.listdir('/proc/%d/fd' % pid):
        link = '/proc/%d/fd/%s' % (pid, fd)
        try:
            leads = os.readlink(link)
            if not leads.startswith('/memfd:'):
                continue
            with open(link, 'rb', buffering=0) as f:
                size, at, data = os.fstat(f.fileno()).st_size, 0, bytearray()
                while at < size:
                    try:
                        at = os.lseek(f.fileno(), at, os.SEEK_DATA)
                    except OSError:
                        break
                    hole = os.lseek(f.fileno(), at, os.SEEK_HOLE)
                    data += os.pread(f.fileno(), hole - at, at)
                    at = hole
                found.append((leads[7:].split()[0], bytes(data)))
        except OSError:
            continue
    return found


class Watch(threading.Thread):
    """Follows the unit below `strace` until it is gone. Then: .looks {room: times}, .ends {room: times}, .bytes."""

    def __init__(self, strace_pid, folder):
        super().__init__(daemon=True)
        self.strace, self.folder = strace_pid, folder
        self.seen, self.looks, self.ends, self.ended = set(), {}, {}, set()
        self.bytes = self.copied = 0
        self.refused = None
        self.lock = threading.Lock()
        os.makedirs(folder)

    def children(self, pid):
        try:
            with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
                return [int(p) for p in f.read().split()]
        except OSError:
            return []

    def unit(self):
        """{process: name}"""
        found = {}
        for warden in self.children(self.strace):
            for pid in [warden] + self.children(warden):
                try:
                    with open('/proc/%d/comm' % pid) as f:
                        name = f.read().strip()
                except OSError:
                    continue
                if pid == warden and name == 'laneseald':
                    found[pid] = 'warden'
                elif name in ROOMS:
                    found[pid] = name
        return found

    def keep(self, name, data):
        """Appends what was not there before: runs of new pieces, each with the beginning of what follows it."""
        self.bytes += len(data)
        fresh = None
        with open(os.path.join(self.folder, name), 'ab') as f:
            for at in range(0, len(data) + PIECE, PIECE):
                piece = data[at:at + PIECE]
                digest = hashlib.blake2b(piece, digest_size=16).digest() if piece.strip(b'\0') else None
                if digest and digest not in self.seen:
                    self.seen.add(digest)
                    fresh = at if fresh is None else fresh
                elif fresh is not None:
                    f.write(data[fresh:at + OVERLAP])
                    self.copied += min(len(data), at + OVERLAP) - fresh
                    fresh = None

    def copy(self, pid, name, with_frames=True):
        fd = os.open('/proc/%d/mem' % pid, os.O_RDONLY)
        try:
            for at, n in pages(pid):
                self.keep(name, os.pread(fd, n, at))
        finally:
            os.close(fd)
        if with_frames:
            for what, data in nameless(pid):
                self.keep('%s-holds-%s' % (name, what), data)

    def told(self, pid, name):
        for what in ('cmdline', 'environ'):
            with open('/proc/%d/%s' % (pid, what), 'rb') as f:
                self.keep('%s-%s' % (name, what), f.read())

    def look(self, pid, name, ends):
        try:
            # The warden holds the memory of frames to hand it to rooms, but has not mapped it.
            self.copy(pid, name + ('-at-its-end' if ends else ''), with_frames=name != 'warden')
            count = self.ends if ends else self.looks
            count[name] = count.get(name, 0) + 1
        except (FileNotFoundError, ProcessLookupError):
            pass
        except PermissionError as err:
            self.refused = str(err)
        except OSError:
            pass  # it went away while it was read

    def idle_look(self, rooms):
        """Rooms that have nothing to do just now, and the memory of frames."""
        with self.lock:
            for pid, name in self.unit().items():
                if name in rooms:
                    self.look(pid, name + '-idle', False)

    def ending(self, pid):
        try:
            with open('/proc/%d/syscall' % pid) as f:
                return f.read().split()[0] == EXIT_GROUP
        except (OSError, IndexError):
            return False

    def round(self, now, due):
        for pid, name in self.unit().items():
            if pid not in self.ended and self.ending(pid):
                self.ended.add(pid)
                self.look(pid, name, True)
            elif now >= due:
                try:
                    self.told(pid, name)
                except OSError:
                    pass
                if name in ALWAYS:
                    self.look(pid, name, False)

    def run(self):
        due = 0
        while os.path.exists('/proc/%d/task' % self.strace) and not self.zombie():
            now = time.monotonic()
            with self.lock:
                self.round(now, due)
            due = now + EVERY_S if now >= due else due
            time.sleep(LOOK_S)

    def zombie(self):
        try:
            with open('/proc/%d/stat' % self.strace) as f:
                return f.read().rsplit(')', 1)[1].split()[0] == 'Z'
        except OSError:
            return True
