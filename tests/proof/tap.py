"""What a unit's processes said to the kernel, as strace wrote it down: bytes that left a room, and files opened for writing."""
import collections
import os
import re

CALLS = ('write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,prctl,exit_group,'
         'vmsplice,splice,tee,sendfile,copy_file_range,process_vm_writev,io_uring_setup,memfd_create')
SAYS = {'write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'sendto', 'sendmsg', 'sendmmsg'}
OPENS = {'open', 'openat', 'openat2', 'creat'}
# Ways to move bytes that are not written down here: a room that uses one was not followed.
UNSEEN = {'vmsplice', 'splice', 'tee', 'sendfile', 'copy_file_range', 'process_vm_writev', 'io_uring_setup', 'memfd_create'}
LONGEST = 70000  # bytes of one call that are written down; a packet has 4096
PIXEL_ROOMS = ('capture', 'locate', 'seal')
CROP_DOOR = ('locate', 6)
VITALS_DOOR = 3
CALL = re.compile(r'^(\w+)\((.*)\) += (-?\d+|\?)(?:<([^>]*)>)?')
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
NAME = re.compile(r'^prctl\(PR_SET_NAME, "((?:\\x[0-9a-f]{2})+)')


def bytes_of(text):
    return bytes.fromhex(text.replace('\\x', ''))


class Tap:
    """After read(): .said {(room, descriptor): bytes}, .written {path}, .unseen [sentence], .cores [sentence], .exits."""

    def __init__(self, folder):
        self.folder = folder
        self.said = collections.defaultdict(bytearray)
        self.written, self.unseen, self.cores = set(), [], []
        self.crop_door_bytes = 0

    def command(self, program, exit_delay_ms):
        return ['strace', '-f', '-ff', '--seccomp-bpf', '-q', '-y', '-xx', '-s', str(LONGEST), '-o', os.path.join(self.folder, 't'),
                '-e', 'trace=' + CALLS, '-e', 'signal=none', '-e', 'inject=exit_group:delay_enter=%d' % (exit_delay_ms * 1000)] + program

    def read(self):
        for name in sorted(os.listdir(self.folder), key=lambda n: int(n.split('.')[1])):
            path = os.path.join(self.folder, name)
            with open(path) as lines:
                self.read_process(lines)
            os.remove(path)  # it holds the crop door, which nobody looks at
        return self

    def read_process(self, lines):
        room = 'warden'
        for line in lines:
            got = NAME.match(line)
            if got:
                room = bytes_of(got.group(1)).decode()
            elif '(core dumped)' in line:
                self.cores.append('%s left a core dump' % room)
            else:
                got = CALL.match(line)
                if got and got.group(3) not in ('?',) and int(got.group(3)) >= 0:
                    self.note(room, *got.groups())

    def note(self, room, call, args, result, leads):
        if call in SAYS:
            self.heard(room, int(re.match(r'\d+', args).group()), args)
        elif call in OPENS and leads and ('O_WRONLY' in args or 'O_RDWR' in args or 'O_CREAT' in args or call == 'creat'):
            self.written.add(bytes_of(leads).decode(errors='replace'))
        elif call in UNSEEN and not (call == 'memfd_create' and room == 'warden'):
            self.unseen.append('%s used %s' % (room, call))

    def heard(self, room, fd, args):
        bytes_said = bytearray()
        for text, cut in TEXT.findall(args):
            bytes_said += bytes_of(text)
            if cut and room in PIXEL_ROOMS:
                self.unseen.append('%s wrote more than %d bytes at once' % (room, LONGEST))
        if (room, fd) == CROP_DOOR:
            self.crop_door_bytes += len(bytes_said)
        else:
            self.said[room, fd] += bytes_said

    def vitals(self, room):
        """{number of a vital: its values one after the other}, for a picture told in numbers; 0xffff: of all vitals."""
        joined = collections.defaultdict(bytearray)
        said = self.said.get((room, VITALS_DOOR), b'')
        for at in range(0, len(said) - 25, 26):  # a header of 16 bytes, a number of 2, a value of 8: docs/DOORS.md
            joined[int.from_bytes(said[at + 16:at + 18], 'big')] += said[at + 18:at + 26]
            joined[0xffff] += said[at + 18:at + 26]
        return joined

    def write_out(self, folder):
        """One file for each descriptor of each room. Returns how many bytes."""
        os.makedirs(folder)
        total = 0
        for (room, fd), said in sorted(self.said.items()):
            total += len(said)
            with open(os.path.join(folder, '%s-descriptor-%d' % (room, fd)), 'wb') as f:
                f.write(said)
        for room in PIXEL_ROOMS:
            for number, values in self.vitals(room).items():
                with open(os.path.join(folder, '%s-vital-%d' % (room, number)), 'wb') as f:
                    f.write(values)
        return total
