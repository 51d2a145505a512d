"""The firmware's finder, compiled with some of its numbers changed and called from here."""
import ctypes
import os
import re
import subprocess
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FIRMWARE = os.path.join(HERE, '../../firmware')
SEARCH, VERIFY = (os.path.join(FIRMWARE, 'locate', f) for f in ('net_search.c', 'net_verify.c'))
SOURCES = ('net.c', 'net_plain.c', 'net_avx2.c', 'net_sse41.c', 'net_neon.c', 'levels.c', 'boxes.c', 'verify.c')
LONGEST, PLATES_MAX = 4096, 16
STUBS = '''
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "base/wipe.h"
void wipe(void *p, size_t n) { memset(p, 0, n); }
_Noreturn void check_failed(const char *file, int line) { (void)file; (void)line; abort(); }
'''


class Box(ctypes.Structure):
    _fields_ = [(k, ctypes.c_int32) for k in 'xywh']


class Plate(ctypes.Structure):
    _fields_ = [('box', Box), ('score', ctypes.c_uint32)]


class Luma(ctypes.Structure):
    _fields_ = [('pixels', ctypes.c_void_p), ('w', ctypes.c_uint32), ('h', ctypes.c_uint32), ('stride', ctypes.c_uint32)]

    @classmethod
    def of(cls, plane):
        return cls(plane.ctypes.data, plane.shape[1], plane.shape[0], plane.strides[0])


class Space(ctypes.Structure):
    _fields_ = [('p', ctypes.c_void_p), ('n', ctypes.c_size_t)]


class Finder:
    """numbers: of find.c, by name. last: a file to compile in place of find.c."""

    def __init__(self, folder, search=SEARCH, verify=VERIFY, numbers=(('PLATE_PERMILLE', 300),), last='find_low.c', compiler='cc'):
        folder = os.path.join(folder, 'finder%d' % time.time_ns())
        os.makedirs(folder)
        made = {f: os.path.join(folder, f) for f in ('stubs.c', 'find_low.c', 'finder.so')}
        text = open(os.path.join(FIRMWARE, 'locate/find.c')).read()
        for name, value in numbers:
            text, n = re.subn(r'\b%s = \d+' % name, '%s = %d' % (name, value), text)
            assert n == 1, name
        for name, content in (('stubs.c', STUBS), ('find_low.c', text)):
            open(made[name], 'w').write(content)
        subprocess.run([compiler, '-shared', '-fPIC', '-O3', '-std=c11', '-D_GNU_SOURCE', '-I', FIRMWARE, '-I', folder, '-o',
                        made['finder.so'], made['stubs.c'], made.get(last, last), search, verify,
                        *(os.path.join(FIRMWARE, 'locate', f) for f in SOURCES)], check=True)
        self.lib = ctypes.CDLL(made['finder.so'])
        for path in made.values():
            os.remove(path)
        os.rmdir(folder)
        self.lib.find_bytes.restype = ctypes.c_size_t
        self.lib.find_bytes.argtypes = [ctypes.c_uint32] * 2
        self.lib.find_init.argtypes = [ctypes.c_void_p, Space, ctypes.c_uint32, ctypes.c_uint32]
        self.lib.find.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        n = self.lib.find_bytes(LONGEST, LONGEST)
        self.memory = np.zeros(n + 64, np.uint8)
        at = (self.memory.ctypes.data + 63) // 64 * 64
        self.f = ctypes.c_void_p()
        assert self.lib.find_init(ctypes.byref(self.f), Space(at, n), LONGEST, LONGEST) == 0

    def __call__(self, plane):
        plates = (Plate * PLATES_MAX)()
        start = time.process_time()
        n = self.lib.find(self.f, ctypes.byref(Luma.of(plane)), plates)
        self.ms = (time.process_time() - start) * 1000
        assert n >= 0
        return np.array([[p.score / 1000, p.box.x, p.box.y, p.box.w, p.box.h] for p in plates[:n]]).reshape(-1, 5)
