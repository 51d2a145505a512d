"""Makes training scenes: real photographs with their plates, with other plates put
in the place of theirs or anywhere, with things that are no plates, under every
light. Small ones, crops, come with the map that the net which searches should
answer; large ones, frames, are what windows for the other net are cut from.
"""
import csv
import os

import cv2
import numpy as np

from plates import Drawer, chance, pick, soft_noise

CROP, STRIDE = (160, 112), 8
MAPS = 7                        # heat, weight, dx, dy, log w, log h, weight of the box

cv2.setNumThreads(0)


def halvings(picture, least):
    out = [picture]
    while min(out[-1].shape) > least:
        out.append(cv2.resize(out[-1], None, fx=.5, fy=.5, interpolation=cv2.INTER_AREA))
    return out


class Photo:
    def __init__(self, picture, boxes, far_unlabelled):
        self.levels = halvings(picture, 60)
        self.boxes = np.array(boxes, np.float32).reshape(-1, 4)
        self.far_unlabelled = far_unlabelled


def load_photos(folder, cache):
    """Reads train/ once; later runs take the decoded planes from the cache."""
    boxes = {}
    for row in csv.DictReader(open(os.path.join(folder, 'gt.csv'))):
        boxes.setdefault(row['file'], [])
        if row['x']:
            boxes[row['file']].append([float(row[k]) for k in 'xywh'])
    kept = os.path.join(cache, 'train.npz')
    if not os.path.exists(kept):
        planes = {f: cv2.imread(os.path.join(folder, f), cv2.IMREAD_GRAYSCALE) for f in boxes}
        np.savez(kept, **{f.replace('/', '|'): p for f, p in planes.items()})
    planes = np.load(kept)
    return [Photo(planes[f.replace('/', '|')], b, f.startswith('romania')) for f, b in boxes.items()]


class Item:
    """A drawn or cut-out thing, at four sizes, to be put into a crop."""

    def __init__(self, picture, mask, box):
        self.pictures = halvings(picture, 8)[:4]
        self.masks = halvings(mask, 8)[:4]
        self.box = box


def touches(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


class Limits:
    """Plates of these sizes, in pixels, and of which this share is in sight, are the net's to find. Nearly right ones
    are neither taught nor punished; `halves`: those out of sight by more are punished, lest half a plate pass for one."""

    def __init__(self, narrowest, widest, lowest, highest, seen, halves):
        self.narrowest, self.widest, self.lowest, self.highest, self.seen, self.halves = narrowest, widest, lowest, highest, seen, halves


SEARCH, VERIFY = Limits(14., 92., 3.5, 68., .85, False), Limits(26., 132., 8., 72., .6, True)


def answer(out, boxes, ignored, limits):
    """Fills the maps that a net should give for these boxes."""
    rows, columns = out.shape[1:]
    wide, high = columns * STRIDE, rows * STRIDE
    heat, weight, box_map, box_weight = out[0], out[1], out[2:6], out[6]
    out[:] = 0
    weight[:] = 1
    xs, ys = (np.arange(columns) + .5) * STRIDE, (np.arange(rows) + .5) * STRIDE

    def cells(b):
        return (slice(max(0, int(b[1] // STRIDE)), max(0, min(rows, int(b[3] // STRIDE) + 1))),
                slice(max(0, int(b[0] // STRIDE)), max(0, min(columns, int(b[2] // STRIDE) + 1))))

    for b in ignored:
        weight[cells(b)] = 0
    for b in boxes:
        w, h = b[2] - b[0], b[3] - b[1]
        seen_w, seen_h = min(wide, b[2]) - max(0, b[0]), min(high, b[3]) - max(0, b[1])
        if seen_w <= 0 or seen_h <= 0:
            continue
        cut = seen_w * seen_h < limits.seen * w * h
        if cut or not limits.narrowest <= w <= limits.widest or not limits.lowest <= h <= limits.highest:
            if w < (1.47 if cut else 1.15) * limits.widest and not (cut and limits.halves):
                weight[cells(b)] = 0
            continue
        cx, cy = (b[0] + b[2]) / 2, (b[1] + b[3]) / 2
        bell_x = np.exp(-((xs - cx) / max(w / 7, 3.)) ** 2 / 2)
        bell_y = np.exp(-((ys - cy) / max(h / 7, 3.)) ** 2 / 2)
        bell = (bell_y / bell_y.max())[:, None] * (bell_x / bell_x.max())[None]
        bell[bell > .75] = 1
        here = (bell > .4) & (bell > heat)
        np.maximum(heat, bell, out=heat)
        iy, ix = np.nonzero(here)
        box_weight[here], weight[here] = bell[here], 1
        box_map[0, iy, ix], box_map[1, iy, ix] = (cx - xs[ix]) / STRIDE, (cy - ys[iy]) / STRIDE
        box_map[2, iy, ix], box_map[3, iy, ix] = np.log(w / 32), np.log(h / 12)


class Scenes:
    """size: of the next scene; widths: of its plates; crowd: how many things are put in. Frames set them anew for each."""

    def __init__(self, photos, seed, bank=2000):
        self.size, self.widths, self.crowd = CROP, (13, 95), (0, 1, 1, 2, 3)
        self.busy = False       # whether plates have neighbours and boards about them
        self.rng = np.random.default_rng(seed)
        self.photos = photos
        self.near = [i for i, p in enumerate(photos) if len(p.boxes) and not p.far_unlabelled]
        self.far = [i for i, p in enumerate(photos) if len(p.boxes) and p.far_unlabelled]
        self.drawer = Drawer(self.rng)
        self.plates = [Item(*self.drawer.plate()) for _ in range(bank)]
        self.others = [Item(*self.drawer.distractor()) for _ in range(bank // 2)]
        self.cuts = [c for p in photos for c in self.cut_out(p)]
        self.pieces = [self.piece() for _ in range(bank // 4)]
        self.seen = None        # of the last scene: the photograph and its scale
        self.hard = []          # windows that fooled the net: (photo, x, y, scale)

    def cut_out(self, photo):
        for x, y, w, h in photo.boxes:
            part = photo.levels[0][max(0, int(y)):int(y + h + .5), max(0, int(x)):int(x + w + .5)]
            if w < 60 or part.size == 0:
                continue
            columns = max(8, int(part.shape[1] * 64 / part.shape[0]))
            part = cv2.resize(part, (columns, 64), interpolation=cv2.INTER_AREA if part.shape[0] > 64 else cv2.INTER_LINEAR)
            yield Item(part, np.full(part.shape, 255, np.uint8), (0, 0, columns, 64))

    def piece(self):
        """What a photograph shows where no plate is, of a plate's shape: the busiest of a few, since search takes those for plates."""
        rng, best = self.rng, None
        while best is None:
            photo = self.photos[pick(rng, self.near)]
            plane = photo.levels[0]
            for _ in range(6):
                h = np.exp(rng.uniform(np.log(14), np.log(.25 * plane.shape[0] + 15)))
                w = h * np.exp(rng.uniform(np.log(.9), np.log(5.5)))
                x, y = rng.uniform(0, max(1, plane.shape[1] - w)), rng.uniform(0, max(1, plane.shape[0] - h))
                part = plane[int(y):int(y + h), int(x):int(x + w)]
                if min(part.shape) < 12 or any(touches((x, y, x + w, y + h), (b[0], b[1], b[0] + b[2], b[1] + b[3])) for b in photo.boxes):
                    continue
                part = cv2.resize(part, (max(8, int(part.shape[1] * 64 / part.shape[0])), 64), interpolation=cv2.INTER_AREA)
                busy = np.abs(np.diff(part.astype(np.float32), axis=1)).mean()
                if best is None or busy > best[0]:
                    best = busy, part
        mask = np.full(best[1].shape, 255, np.uint8)
        if chance(rng, .5):                     # faded into what is about it
            mask = cv2.GaussianBlur(cv2.copyMakeBorder(mask[6:-6, 6:-6], 6, 6, 6, 6, cv2.BORDER_CONSTANT), (0, 0), 3)
        return Item(best[1], mask, (0, 0, best[1].shape[1], 64))

    def no_plate(self):
        return pick(self.rng, self.others) if chance(self.rng, .6) else pick(self.rng, self.pieces)

    def recess(self, crop, box):
        """A plain board about a plate, brighter or darker than the car: the plate ends before it does."""
        rng = self.rng
        w, h = (box[2] - box[0]) * rng.uniform(1.1, 1.7), (box[3] - box[1]) * rng.uniform(1.15, 1.9)
        rows, columns = 32, max(8, int(32 * w / h))
        board = rng.uniform(0, 255) + cv2.resize(rng.uniform(-1, 1, (2, 3)).astype(np.float32), (columns, rows)) * rng.uniform(0, 40)
        board = np.clip(board, 0, 255).astype(np.uint8)
        if chance(rng, .4):
            cv2.rectangle(board, (0, 0), (columns - 1, rows - 1), rng.uniform(0, 255), 1)
        self.put(crop, Item(board, np.full(board.shape, 255, np.uint8), (0, 0, columns, rows)), (box[0] + box[2]) / 2
                 + rng.normal(0, .05) * w, (box[1] + box[3]) / 2 + rng.normal(0, .08) * h, w)

    def beside(self, crop, boxes, at_night):
        """Something of a plate's size right by a plate: no plate mostly, or another one above or below."""
        rng, box = self.rng, pick(self.rng, boxes)
        w, h = box[2] - box[0], box[3] - box[1]
        if chance(rng, .2):
            item, side, width = self.some_plate(), pick(rng, [-1, 1]), w * rng.uniform(.85, 1.15)
            high = width * item.box[3] / item.box[2]
            x, y = (box[0] + box[2]) / 2 + rng.normal(0, .1) * w, (box[1] + box[3]) / 2 + side * ((h + high) / 2 + rng.uniform(.05, .6) * h)
            return boxes + [self.put(crop, item, x, y, width, at_night=at_night)]
        item, angle, width = self.no_plate(), rng.uniform(0, 2 * np.pi), w * rng.uniform(.5, 1.4)
        high = width * item.box[3] / item.box[2]
        x = (box[0] + box[2]) / 2 + np.cos(angle) * (w + width) * rng.uniform(.55, 1)
        y = (box[1] + box[3]) / 2 + np.sin(angle) * (h + high) * rng.uniform(.55, 1.2)
        around = (x - width * .55, y - high * .6, x + width * .55, y + high * .6)
        if not any(touches(around, b) for b in boxes):
            self.put(crop, item, x, y, width, pick(rng, [1, 1, .7]), at_night)
        return boxes

    def renew(self, n):
        if self.rng.random() < .3:
            self.pieces[self.rng.integers(len(self.pieces))] = self.piece()
        for _ in range(n):
            self.plates[self.rng.integers(len(self.plates))] = Item(*self.drawer.plate())
            self.others[self.rng.integers(len(self.others))] = Item(*self.drawer.distractor())

    def some_plate(self):
        return pick(self.rng, self.plates) if chance(self.rng, .78) else pick(self.rng, self.cuts)

    def view(self, index, x, y, scale, at_x, at_y):
        """The crop in which (at_x, at_y) shows the photograph's (x, y), and where its boxes come to lie."""
        rng, photo = self.rng, self.photos[index]
        self.seen = photo, scale
        turn = rng.normal(0, .06) if chance(rng, .75) else rng.uniform(-.4, .4)
        stretch, shear, mirror = np.exp(rng.normal(0, .14)), rng.normal(0, .08), pick(rng, [-1, 1])
        cos, sin = np.cos(turn), np.sin(turn)
        climb = rng.normal(0, .08) if chance(rng, .8) else rng.uniform(-.3, .3)     # a plate seen from the side
        a = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, shear], [climb, 1]]) \
            @ np.diag([scale * stretch ** .5 * mirror, scale * stretch ** -.5])
        shift = np.array([at_x, at_y]) - a @ np.array([x, y])
        level = 0
        while level + 1 < len(photo.levels) and scale * 2 ** (level + 1) <= 1.01:
            level += 1
        move = np.c_[a * 2 ** level, shift + a @ np.full(2, (2 ** level - 1) / 2)]
        crop = cv2.warpAffine(photo.levels[level], move, self.size, flags=cv2.INTER_LINEAR,
                              borderMode=pick(rng, [cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE]),
                              borderValue=pick(rng, [0, 0, 128]))
        boxes = []
        for bx, by, bw, bh in photo.boxes:
            cx, cy = a @ np.array([bx + bw / 2, by + bh / 2]) + shift
            # A plate seldom fills its turned box: only a part of the growth counts.
            w, h = abs(a[0, 0]) * bw + abs(a[0, 1]) * bh * .6, abs(a[1, 1]) * bh + abs(a[1, 0]) * bw * .75
            boxes.append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])
        return crop.astype(np.float32), boxes

    def lay(self, half_w, half_h):
        """Corners of a plate as a camera sees it: from in front, aside, above, near or turned."""
        rng = self.rng
        askew = chance(rng, .3)
        if askew:
            half_w *= rng.uniform(.65, 1)
        corners = np.array([[-half_w, -half_h], [half_w, -half_h], [half_w, half_h], [-half_w, half_h]])
        turn = rng.uniform(-.5, .5) if askew and chance(rng, .5) else rng.normal(0, .06)
        climb = rng.uniform(-.35, .35) if askew else rng.normal(0, .1)
        shear = rng.uniform(-.4, .4) if askew and chance(rng, .5) else rng.normal(0, .12)
        cos, sin = np.cos(turn), np.sin(turn)
        corners = corners @ np.array([[1, climb], [shear, 1]]) @ np.array([[cos, sin], [-sin, cos]])
        nearer = rng.normal(0, .14 if askew else .06)
        corners[[0, 3], 1] *= 1 - nearer
        corners[[1, 2], 1] *= 1 + nearer
        if chance(rng, .25):
            corners[[0, 1], 0] *= 1 + rng.normal(0, .07)
        return corners

    def some_light(self, at_night):
        """Gain and offset: from black over the usual to washed out; at night as often the lamp's own glare."""
        rng, kind = self.rng, self.rng.random()
        if at_night and kind < .5:
            return rng.uniform(.9, 2.2), rng.uniform(0, 60)
        if kind < .12:
            return rng.uniform(.08, .35), rng.uniform(0, 25)
        if kind < .27:
            return rng.uniform(.15, .5), rng.uniform(90, 190)
        return (rng.uniform(.35, 1.1), rng.uniform(0, 60)) if kind < .88 else (1., 0.)

    def put(self, crop, item, x, y, width, opacity=1., at_night=False):
        """Puts the item's box about (x, y), turned, sheared and in perspective; returns the box's upright hull."""
        bx, by, bw, bh = item.box
        corners = self.lay(width / 2, width * bh / bw / 2 * self.rng.uniform(.85, 1.15)) + (x, y)
        level = 0
        while level + 1 < len(item.pictures) and width / bw * 2 ** (level + 1) <= 1.05:
            level += 1
        small = item.pictures[level]
        at = np.array([[bx, by], [bx + bw, by], [bx + bw, by + bh], [bx, by + bh]], np.float32) * .5 ** level - .5
        move = cv2.getPerspectiveTransform(at.astype(np.float32), (corners - .5).astype(np.float32))
        rows, columns = small.shape
        ends = cv2.perspectiveTransform(np.array([[[-1, -1], [columns, -1], [columns, rows], [-1, rows]]], np.float32), move)[0]
        x0, y0 = np.maximum(np.floor(ends.min(0)).astype(int), 0)
        x1, y1 = np.minimum(np.ceil(ends.max(0)).astype(int) + 1, self.size)
        low, high = corners.min(0), corners.max(0)
        hull = [low[0], low[1], high[0], high[1]]
        if x1 <= x0 or y1 <= y0:
            return hull
        move = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]]) @ move
        size = (int(x1 - x0), int(y1 - y0))
        picture = cv2.warpPerspective(small, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
        mask = cv2.warpPerspective(item.masks[level], move, size, flags=cv2.INTER_LINEAR)
        gain, offset = self.some_light(at_night)
        part = crop[y0:y1, x0:x1]
        part += mask.astype(np.float32) * (opacity / 255) * (np.minimum(picture * gain + offset, 255) - part)
        return hull

    def replace(self, crop, boxes, keep, at_night=False):
        """Another plate over each real one, or (keep 0) only the surround drawn over it."""
        out = []
        for box in boxes:
            w, h = box[2] - box[0], box[3] - box[1]
            x0, y0, x1, y1 = (int(round(v)) for v in (box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1))
            x0, y0, x1, y1 = max(0, x0), max(0, y0), min(self.size[0], x1), min(self.size[1], y1)
            if w < 10 or w > 1.9 * self.size[0] or x1 - x0 < 4 or y1 - y0 < 3:
                out.append(box)
                continue
            above, below = crop[max(0, y0 - 1), x0:x1], crop[min(self.size[1] - 1, y1), x0:x1]
            mix = np.linspace(0, 1, y1 - y0, dtype=np.float32)[:, None]
            crop[y0:y1, x0:x1] = cv2.blur(np.ascontiguousarray(above[None] * (1 - mix) + below[None] * mix), (5, 1))
            if not keep:
                continue
            item = self.some_plate()
            if self.busy and chance(self.rng, .25):
                self.recess(crop, box)
            width = np.sqrt(w * h * item.box[2] / item.box[3]) * self.rng.uniform(.8, 1.2)
            out.append(self.put(crop, item, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, width, at_night=at_night))
        return out

    def night(self, crop):
        """Dims the scene; plates are put in afterwards, lit by the lamp at the camera."""
        rng = self.rng
        crop *= rng.uniform(.1, .5)
        for _ in range(pick(rng, [0, 0, 1, 2])):            # lamps with their halo
            wide, high = self.size
            x, y, r = rng.uniform(0, wide), rng.uniform(0, high), np.exp(rng.uniform(.7, 2.7)) * wide / 160
            far = ((np.arange(wide)[None] - x) ** 2 + (np.arange(high)[:, None] - y) ** 2).astype(np.float32)
            crop += 260 * np.exp(-far / (2 * r * r)) + rng.uniform(0, 80) * np.exp(-far / (32 * r * r))

    def ground(self):
        """No photograph: smooth noise, edges and boxes."""
        rng = self.rng
        wide, high = self.size
        crop = soft_noise(rng, high, wide, rng.integers(2, 30), rng.integers(2, 40)) * rng.uniform(5, 50) + rng.uniform(30, 220)
        for _ in range(rng.integers(0, 8)):
            points = (rng.uniform(-.1, 1.1, (int(pick(rng, [2, 3, 4])), 2)) * wide).astype(np.int32)
            if chance(rng, .5):
                cv2.fillPoly(crop, [points], rng.uniform(0, 255))
            else:
                cv2.polylines(crop, [points], True, rng.uniform(0, 255), int(pick(rng, [1, 2, 4])))
        return np.clip(crop, 0, 255)

    def some_width(self):
        return np.exp(self.rng.uniform(*np.log(self.widths)))

    def at_plate(self):
        """A crop about a real plate, as it is or with others in its place."""
        rng = self.rng
        index = pick(rng, self.near) if chance(rng, .6) else pick(rng, self.far)
        x, y, w, h = pick(rng, self.photos[index].boxes)
        width = self.some_width() if chance(rng, .88) else np.exp(rng.uniform(np.log(1.1), np.log(3.1))) * self.widths[1]
        scale = width / w
        crop, boxes = self.view(index, x + w / 2, y + h / 2, scale, *(rng.uniform(.1, .9, 2) * self.size))
        what, at_night = rng.random(), False
        if what < .5:
            at_night = chance(rng, .15)
            if at_night:
                self.night(crop)
            boxes = self.replace(crop, boxes, what > .04, at_night)
        if self.busy and boxes and chance(rng, .4):
            boxes = self.beside(crop, boxes, at_night)
        return crop, boxes, [], (index, scale)

    def anywhere(self):
        """A crop from anywhere, with distractors, and with plates more often than not."""
        rng = self.rng
        index = pick(rng, self.near) if chance(rng, .5) else int(rng.integers(len(self.photos)))
        photo, (wide, high_px) = self.photos[index], self.size
        rows, columns = photo.levels[0].shape
        low, high = np.log(max(.4 * wide / columns, .04)), np.log(.6 if photo.far_unlabelled else max(1., .004 * wide))
        scale, x, y = np.exp(rng.uniform(low, max(low, high))), rng.uniform(0, columns), rng.uniform(0, rows)
        origin = (index, x, y, scale)
        crop, boxes = self.view(index, x, y, scale, wide / 2, high_px / 2)
        if chance(rng, .08):
            crop, boxes, origin = self.ground(), [], None
            self.seen = None
        ignored, at_night = [], chance(rng, .15)
        if at_night:
            self.night(crop)
        for _ in range(pick(rng, self.crowd)):
            hull = self.put(crop, self.no_plate() if self.busy else pick(rng, self.others), *(rng.uniform(0, 1, 2) * self.size),
                            np.exp(rng.uniform(*np.log(self.widths))) * 1.5, pick(rng, [1, 1, .6]), at_night)
            ignored += [b for b in boxes if touches(b, hull)]
            boxes = [b for b in boxes if not touches(b, hull)]
            origin = None
        added = []
        for _ in range(pick(rng, self.crowd)):
            (x, y), width = rng.uniform(.05, .95, 2) * self.size, self.some_width()
            around = [x - width * .8, y - width * .6, x + width * .8, y + width * .6]
            if any(touches(around, b) for b in added):
                continue
            hull = self.put(crop, self.some_plate(), x, y, width, at_night=at_night)
            ignored += [b for b in boxes if touches(b, hull)]
            boxes = [b for b in boxes if not touches(b, hull)]
            added.append(hull)
            origin = None
        return crop, boxes + added, ignored, origin

    def again(self):
        index, x, y, scale = pick(self.rng, self.hard)
        scale *= np.exp(self.rng.uniform(-.25, .25))
        crop, boxes = self.view(index, x, y, scale, *(self.rng.uniform(.3, .7, 2) * self.size))
        return crop, boxes, [], (index, x, y, scale)

    def camera(self, crop):
        """Lens, sensor, gain and compression."""
        rng, (wide, high) = self.rng, self.size
        if chance(rng, .2):
            return np.clip(crop, 0, 255).astype(np.uint8)
        if chance(rng, .06):                    # glare: what is bright spills over
            crop = crop + cv2.GaussianBlur(np.maximum(crop - 190, 0), (0, 0), np.exp(rng.uniform(.5, 2.))) * rng.uniform(.5, 3)
        if chance(rng, .3):
            crop = cv2.GaussianBlur(crop, (0, 0), np.exp(rng.uniform(np.log(.4), np.log(1.7))))
        if chance(rng, .12):                    # motion
            n = int(pick(rng, [3, 5, 7]))
            kernel = np.zeros((n, n), np.float32)
            cv2.line(kernel, (0, int(rng.integers(n))), (n - 1, int(rng.integers(n))), 1.)
            crop = cv2.filter2D(crop, -1, kernel / kernel.sum())
        if chance(rng, .12):
            f = rng.uniform(.45, .9)
            crop = cv2.resize(cv2.resize(crop, None, fx=f, fy=f, interpolation=cv2.INTER_AREA), self.size)
        if chance(rng, .12):                    # sharpened by the camera
            crop = crop + rng.uniform(.3, 1.2) * (crop - cv2.GaussianBlur(crop, (0, 0), 1.2))
        if chance(rng, .04):                    # rain
            for _ in range(rng.integers(5, 40)):
                x, y, n = rng.integers(wide), rng.integers(high), rng.integers(3, 14)
                cv2.line(crop, (int(x), int(y)), (int(x + n // 4), int(y + n)), rng.uniform(120, 230), 1)
        crop = np.clip(crop, 0, 255)
        if chance(rng, .4):
            crop = 255 * (crop / 255) ** np.exp(rng.normal(0, .45))
        if chance(rng, .6):
            crop = (crop - 128) * rng.uniform(.3, 1.4) + 128 + rng.normal(0, 32)
        if chance(rng, .2):
            crop = crop * cv2.resize(rng.uniform(.4, 1.3, (2, 2)).astype(np.float32), self.size)
        if chance(rng, .05):
            crop = 255 - crop
        if chance(rng, .4):
            noise = np.empty((high, wide), np.int8)
            cv2.randn(noise, 0, np.exp(rng.uniform(0, np.log(15))))
            crop = crop + noise
        crop = np.clip(crop, 0, 255).astype(np.uint8)
        if chance(rng, .25):
            crop = cv2.imdecode(cv2.imencode('.jpg', crop, [1, int(rng.integers(25, 90))])[1], 0)
        return crop

    def sample(self):
        kind = self.rng.random()
        if self.hard and kind < .12:
            crop, boxes, ignored, origin = self.again()
        elif kind < .56:
            crop, boxes, ignored, _ = found = self.at_plate()
            index, scale = found[3]
            origin = (index, None, None, scale)
        else:
            crop, boxes, ignored, origin = self.anywhere()
        return self.camera(crop), boxes, ignored, origin

    def batch(self, n):
        crops = np.empty((n, 1, CROP[1], CROP[0]), np.uint8)
        maps = np.empty((n, MAPS, CROP[1] // STRIDE, CROP[0] // STRIDE), np.float32)
        origins = []
        for i in range(n):
            crops[i, 0], boxes, ignored, origin = self.sample()
            answer(maps[i], boxes, ignored, SEARCH)
            far = origin and self.photos[origin[0]].far_unlabelled and origin[3] > .3
            if far:                             # plates far off are not all labelled there
                background = (maps[i, 0] == 0) & (maps[i, 1] == 1)
                maps[i, 1][background] = .5
            origins.append(origin if origin and origin[1] is not None and not far else None)
        return crops, maps, origins


if __name__ == '__main__':
    import sys, time
    folder, cache, out = sys.argv[1:4]
    scenes = Scenes(load_photos(folder, cache), 1, 300)
    start = time.process_time()
    crops, maps, _ = scenes.batch(128)
    print('ms a crop', (time.process_time() - start) * 1000 / 128)
    sheet = []
    for crop, answer in zip(crops[:, 0], maps):
        crop = cv2.resize(crop, None, fx=1.5, fy=1.5)
        picture = cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR)
        for iy, ix in zip(*np.nonzero(answer[6] == 1)):
            cx, cy = (ix + .5 + answer[2, iy, ix]) * 8, (iy + .5 + answer[3, iy, ix]) * 8
            w, h = 32 * np.exp(answer[4, iy, ix]), 12 * np.exp(answer[5, iy, ix])
            cv2.rectangle(picture, *(tuple(int(v * 1.5) for v in p) for p in ((cx - w / 2, cy - h / 2), (cx + w / 2, cy + h / 2))), (0, 0, 255), 1)
        sheet.append(picture)
    cv2.imwrite(out, np.vstack([np.hstack(sheet[r * 6:r * 6 + 6]) for r in range(8)]))
