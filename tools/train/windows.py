"""Makes training windows for the net that looks again: frames are drawn, searched by
the firmware's own code and with the weights of the first net, and what that one
takes for plates is cut as the firmware cuts it.
"""
import ctypes
import os

import cv2
import numpy as np

import finder
import scenes
from plates import chance, pick

WIDE, HIGH, MOST = 128, 64, 16
SIZES = ((480, 320), (640, 360), (640, 480), (640, 448), (800, 560), (960, 600), (1280, 720))
SUB = 64                        # BOXES_SUB of boxes.h
BLANK = 1.5                     # mean difference of neighbours on a blank plate, in grey levels
OF_A_FRAME = 2                  # windows with plates, and as many without: crowded frames are not to outweigh the rest


class Shown(ctypes.Structure):
    _fields_ = [(k, ctypes.c_int64) for k in ('left', 'top', 'step')] \
        + [('permille', ctypes.c_int32), ('pixels', ctypes.c_uint8 * WIDE * HIGH)]


class Cutter:
    def __init__(self, folder, search):
        self.finder = finder.Finder(folder, search, last=os.path.join(finder.HERE, 'windows.c'))
        self.lib, self.shown = self.finder.lib, (Shown * MOST)()
        self.lib.windows.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p]

    def __call__(self, plane, moves, guesses):
        """[(window, left, top, pixel)]: where each lies in the plane and how many pixels of it one of its own is.
        Where the search finds nothing they are cut about the guesses."""
        moves = np.ascontiguousarray(moves, np.int32)
        guesses = np.ascontiguousarray(np.array(guesses).reshape(-1, 4)[:MOST] * SUB, np.int64)
        n = self.lib.windows(self.finder.f, ctypes.byref(finder.Luma.of(plane)), moves.ctypes.data, guesses.ctypes.data, len(guesses), self.shown)
        return [(np.array(s.pixels), s.left / 65536, s.top / 65536, s.step / 65536) for s in self.shown[:n]]


def inside(boxes, left, top, pixel):
    return [[(b[0] - left) / pixel, (b[1] - top) / pixel, (b[2] - left) / pixel, (b[3] - top) / pixel] for b in boxes]


def legible(window, box):
    """Whether there is anything on the plate: without, it is a white or black board, and nobody could say."""
    inset_x, inset_y = .12 * (box[2] - box[0]), .12 * (box[3] - box[1])
    x0, x1 = max(0, int(box[0] + inset_x)), max(0, int(box[2] - inset_x))
    y0, y1 = max(0, int(box[1] + inset_y)), max(0, int(box[3] - inset_y))
    part = window[y0:y1, x0:x1]
    if part.shape[0] < 3 or part.shape[1] < 5:
        return True
    return np.abs(np.diff(cv2.blur(part, (3, 3)).astype(np.float32), axis=1)).mean() > BLANK


class Windows:
    def __init__(self, photos, seed, folder, search, bank=2000):
        self.scenes, self.cut = scenes.Scenes(photos, seed, bank), Cutter(folder, search)
        self.scenes.busy = True
        self.rng, self.ready, self.hard = self.scenes.rng, [], []

    def somewhere(self):
        (x, y), w = self.rng.uniform(0, 1, 2) * self.scenes.size, self.scenes.some_width()
        return [x - w / 2, y - w / 6, x + w / 2, y + w / 6]

    def frame(self):
        """A frame's windows and maps."""
        rng, s = self.rng, self.scenes
        s.size = pick(rng, SIZES)
        s.widths = (max(16, .02 * s.size[0]), pick(rng, [.12, .25, .45]) * s.size[0])
        s.crowd = pick(rng, [(0,), (0,), (0, 1, 1, 2), (2, 3, 5)])
        frame, boxes, ignored, _ = s.sample()
        moves = rng.normal(0, 60, (MOST, 4)) * (rng.random((MOST, 1)) < .6)
        found = []
        for window, left, top, pixel in self.cut(frame, moves, boxes + [self.somewhere() for _ in range(3)]):
            maps = np.empty((scenes.MAPS, HIGH // scenes.STRIDE, WIDE // scenes.STRIDE), np.float32)
            here = [(b, legible(window, b)) for b in inside(boxes, left, top, pixel)]
            scenes.answer(maps, [b for b, seen in here if seen],
                          inside(ignored, left, top, pixel) + [b for b, seen in here if not seen], scenes.VERIFY)
            photo, scale = s.seen or (None, 0)
            if photo and photo.far_unlabelled and pixel * WIDE / 2 / scale < 70:    # perhaps a plate far off
                background = (maps[0] == 0) & (maps[1] == 1)
                maps[1][background] = .5
            found.append((window, maps))
        rng.shuffle(found)
        with_plate = [f for f in found if f[1][0].max() == 1]
        without = [f for f in found if f[1][0].max() < 1]
        return with_plate[:OF_A_FRAME] + without[:OF_A_FRAME]

    def batch(self, n):
        while len(self.ready) < n:
            self.ready += self.frame()
        taken, self.ready = self.ready[:n], self.ready[n:]
        return np.stack([w for w, _ in taken])[:, None], np.stack([m for _, m in taken]), [None] * n

    def renew(self, n):
        self.scenes.renew(n)


if __name__ == '__main__':
    import sys, time
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
