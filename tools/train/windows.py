"""Makes training windows for the net that looks again: frames are drawn, searched by
the firmware's own code and with the weights of the first net, and what that one
takes for plates is cut as the firmware cuts it.
"""
import ctypes
import os

import numpy as np

import finder
import scenes
from plates import chance, pick

WIDE, HIGH, MOST = 128, 64, 16
SIZES = ((480, 320), (640, 360), (640, 480), (640, 448), (800, 560), (960, 600), (1280, 720))
LEAST_PERMILLE = 200            # less than the firmware asks: more to learn from


class Shown(ctypes.Structure):
    _fields_ = [(k, ctypes.c_int64) for k in ('left', 'top', 'step')] \
        + [('permille', ctypes.c_int32), ('pixels', ctypes.c_uint8 * WIDE * HIGH)]


class Cutter:
    def __init__(self, folder, search):
        self.finder = finder.Finder(folder, search, None, (('CANDIDATE_PERMILLE', LEAST_PERMILLE),),
                                    os.path.join(finder.HERE, 'windows.c'))
        self.lib, self.shown = self.finder.lib, (Shown * MOST)()
        self.lib.windows.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p]

    def __call__(self, plane, moves):
        """[(window, left, top, pixel)]: where each lies in the plane and how many pixels of it one of its own is."""
        moves = np.ascontiguousarray(moves, np.int32)
        n = self.lib.windows(self.finder.f, ctypes.byref(finder.Luma.of(plane)), LEAST_PERMILLE, moves.ctypes.data, self.shown)
        return [(np.array(s.pixels), s.left / 65536, s.top / 65536, s.step / 65536) for s in self.shown[:n]]


def inside(boxes, left, top, pixel):
    return [[(b[0] - left) / pixel, (b[1] - top) / pixel, (b[2] - left) / pixel, (b[3] - top) / pixel] for b in boxes]


class Windows:
    def __init__(self, photos, seed, folder, search, bank=2000):
        self.scenes, self.cut = scenes.Scenes(photos, seed, bank), Cutter(folder, search)
        self.rng, self.ready, self.hard = self.scenes.rng, [], []

    def frame(self):
        """A frame's windows and maps."""
        rng, s = self.rng, self.scenes
        s.size = pick(rng, SIZES)
        s.widths = (max(16, .02 * s.size[0]), pick(rng, [.12, .25, .45]) * s.size[0])
        s.crowd = pick(rng, [(0, 1, 1, 2, 3), (2, 3, 5, 8)])
        frame, boxes, ignored, _ = s.sample()
        moves = rng.normal(0, 45, (MOST, 4)) * (rng.random((MOST, 1)) < .6)
        for window, left, top, pixel in self.cut(frame, moves):
            maps = np.empty((scenes.MAPS, HIGH // scenes.STRIDE, WIDE // scenes.STRIDE), np.float32)
            scenes.answer(maps, inside(boxes, left, top, pixel), inside(ignored, left, top, pixel), scenes.VERIFY)
            photo, scale = s.seen or (None, 0)
            if photo and photo.far_unlabelled and pixel * WIDE / 2 / scale < 70:    # perhaps a plate far off
                background = (maps[0] == 0) & (maps[1] == 1)
                maps[1][background] = .5
            yield window, maps

    def batch(self, n):
        while len(self.ready) < n:
            self.ready += self.frame()
        taken, self.ready = self.ready[:n], self.ready[n:]
        return np.stack([w for w, _ in taken])[:, None], np.stack([m for _, m in taken]), [None] * n

    def renew(self, n):
        self.scenes.renew(n)


if __name__ == '__main__':
    import sys, time
    import cv2
    folder, cache, search, out = sys.argv[1:5]
    maker = Windows(scenes.load_photos(folder, cache), 1, cache, search)
    start = time.process_time()
    windows, maps, _ = maker.batch(120)
    print('ms a window', (time.process_time() - start) * 1000 / 120, 'with a plate', (maps[:, 0].max((1, 2)) == 1).mean(),
          'half trusted', (maps[:, 1] == .5).any((1, 2)).mean())
    sheet = []
    for window, answer in zip(windows[:, 0], maps):
        picture = cv2.cvtColor(window, cv2.COLOR_GRAY2BGR)
        for iy, ix in zip(*np.nonzero(answer[6] == 1)):
            cx, cy = (ix + .5 + answer[2, iy, ix]) * 8, (iy + .5 + answer[3, iy, ix]) * 8
            w, h = 32 * np.exp(answer[4, iy, ix]), 12 * np.exp(answer[5, iy, ix])
            cv2.rectangle(picture, (int(cx - w / 2), int(cy - h / 2)), (int(cx + w / 2), int(cy + h / 2)), (0, 0, 255), 1)
        if answer[1].min() == 0:
            cv2.circle(picture, (5, 5), 4, (0, 255, 255), -1)
        sheet.append(cv2.copyMakeBorder(picture, 0, 3, 0, 3, cv2.BORDER_CONSTANT))
    cv2.imwrite(out, np.vstack([np.hstack(sheet[r * 10:r * 10 + 10]) for r in range(12)]))
