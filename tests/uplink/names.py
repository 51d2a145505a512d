"""A name service of the tests, and a unit's own /etc to name it in. Needs root."""
import ctypes
import os
import shutil
import socket
import struct
import threading

from servers import Skipped

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 4096, 16384, 1 << 18
FILES = ('hosts', 'nsswitch.conf', 'host.conf', 'gai.conf', 'passwd', 'ssl/openssl.cnf', 'ld.so.cache')
libc = ctypes.CDLL(None, use_errno=True)


class Service:
    """Says over TCP that every name is 127.0.0.1, as docs/LOCKS.md has units ask for names."""

    def __init__(self, address):
        try:
            self.socket = socket.create_server((address, 53))
        except OSError as why:
            raise Skipped('no name service can listen on %s: %s' % (address, why)) from None
        self.asked = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            asker, _ = self.socket.accept()
            threading.Thread(target=self.answer, args=(asker,), daemon=True).start()

    def answer(self, asker):
        with asker, asker.makefile('rb') as f:
            while True:
                size = f.read(2)
                if len(size) < 2:
                    return
                query = f.read(int.from_bytes(size, 'big'))
                end = 12
                while query[end]:
                    end += 1 + query[end]
                end += 5
                a = query[end - 4:end - 2] == b'\0\1'
                self.asked += 1
                reply = query[:2] + struct.pack('>HHHHH', 0x8580, 1, int(a), 0, 0) + query[12:end]
                if a:
                    reply += struct.pack('>HHHIH', 0xc00c, 1, 1, 1, 4) + socket.inet_aton('127.0.0.1')
                asker.sendall(len(reply).to_bytes(2, 'big') + reply)


class Etc:
    """A folder that is /etc for what is started inside; put() replaces a file by another, as DHCP does."""

    def __init__(self, folder):
        if os.geteuid() != 0:
            raise Skipped('only root may give a program an /etc of its own')
        self.folder = folder
        os.makedirs(folder)
        for name in FILES:
            if os.path.exists('/etc/' + name):
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                shutil.copy('/etc/' + name, os.path.join(folder, name))

    def put(self, name, text):
        with open(os.path.join(self.folder, '.new'), 'w') as f:
            f.write(text)
        os.rename(os.path.join(self.folder, '.new'), os.path.join(self.folder, name))

    def inside(self, start):
        """Calls start() in a thread that lives there, and with it what it starts."""
        failed = []

        def call():
            try:
                if (libc.unshare(CLONE_NEWNS) or libc.mount(None, b'/', None, MS_REC | MS_PRIVATE, None)
                        or libc.mount(self.folder.encode(), b'/etc', None, MS_BIND, None)):
                    raise Skipped('no mount namespace can be made: %s' % os.strerror(ctypes.get_errno()))
                start()
            except BaseException as why:
                failed.append(why)
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
