"""Runs a net over the photographs kept for measuring, and looks for the threshold."""
import csv
import os

import cv2
import numpy as np
import torch

import model

BASE, LEVELS, FLOOR = 640, 5, .08


def truth(path):
    boxes = {}
    for row in csv.DictReader(open(path)):
        boxes.setdefault(row['file'], [])
        if row['x']:
            boxes[row['file']].append([float(row[k]) for k in 'xywh'])
    return {f: np.array(b, np.float32).reshape(-1, 4) for f, b in boxes.items()}


def pyramid(plane, base=BASE, most=1.):
    """Levels and how many of their pixels there are to one of the frame's."""
    rows, columns = plane.shape
    scale = min(base / max(rows, columns), most)
    level = cv2.resize(plane, (max(8, round(columns * scale)), max(8, round(rows * scale))),
                       interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    out = []
    for _ in range(LEVELS):
        out.append((level, level.shape[1] / columns, level.shape[0] / rows))
        if min(level.shape) < 32:
            break
        even = level[:level.shape[0] // 2 * 2, :level.shape[1] // 2 * 2]
        level = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return out


def raw(net, plane, base=BASE, most=1.):
    """All cells over FLOOR: score, x, y, w, h, level."""
    found = []
    for i, (level, fx, fy) in enumerate(pyramid(plane, base, most)):
        with torch.no_grad():
            maps = net(model.to_input(torch.from_numpy(level)[None, None]))[0]
        p = maps[0].sigmoid()
        iy, ix = torch.nonzero(p > FLOOR, as_tuple=True)
        m = maps[:, iy, ix].numpy()
        w, h = 32 * np.exp(m[3].clip(-3, 3)), 12 * np.exp(m[4].clip(-3, 3))
        x, y = (ix.numpy() + .5 + m[1]) * 8 - w / 2, (iy.numpy() + .5 + m[2]) * 8 - h / 2
        found.append(np.stack([p[iy, ix].numpy(), x / fx, y / fy, w / fx, h / fy, np.full(len(w), i)], 1))
    return np.concatenate(found)


def shared(a, b):
    w = np.minimum(a[0] + a[2], b[:, 0] + b[:, 2]) - np.maximum(a[0], b[:, 0])
    h = np.minimum(a[1] + a[3], b[:, 1] + b[:, 3]) - np.maximum(a[1], b[:, 1])
    return np.clip(w, 0, None) * np.clip(h, 0, None)


def gather(found, less, floor=.3, same=.45, inside=.6, votes=.5):
    """The best first; each the mean of what agrees with it, weighted by score."""
    found = found[np.argsort(-(found[:, 0] - less[found[:, 5].astype(int)]), kind='stable')].copy()
    found[:, 0] -= less[found[:, 5].astype(int)]
    found = found[found[:, 0] > floor]
    left, out = np.ones(len(found), bool), []
    area = found[:, 3] * found[:, 4]
    while left.any():
        best = np.argmax(left)
        both = shared(found[best, 1:5], found[:, 1:5])
        iou = both / (area + area[best] - both)
        voters = iou > votes
        weight = (found[voters, 0] ** 2 * iou[voters])[:, None]
        box = (found[voters, 1:5] * weight).sum(0) / weight.sum()
        if not any(shared(b[1:5], box[None])[0] > inside * min(box[2] * box[3], b[3] * b[4]) for b in out):
            out.append([found[best, 0], *box, found[best, 5]])
        left &= ~((iou > same) | (both > inside * np.minimum(area, area[best])))
    return np.array(out).reshape(-1, 6)


def grown(box, by_x, by_y, size):
    x0, y0 = max(0, box[0] - box[2] * (by_x - 1) / 2), max(0, box[1] - box[3] * (by_y - 1) / 2)
    x1 = min(size[0], box[0] + box[2] * (by_x + 1) / 2)
    y1 = min(size[1], box[1] + box[3] * (by_y + 1) / 2)
    return np.array([x0, y0, x1 - x0, y1 - y0])


def score(truths, sizes, boxes, threshold, by=(1.3, 1.6)):
    """As the scorer does: recall, coverage, false and far a picture."""
    plates = met = covered = false = far = 0
    for name, wanted in truths.items():
        area = wanted[:, 2] * wanted[:, 3]
        hit, held = np.zeros(len(wanted), bool), np.zeros(len(wanted), bool)
        for b in boxes[name]:
            if b[0] < threshold:
                continue
            crop = grown(b[1:5], *by, sizes[name])
            both = shared(b[1:5], wanted)
            near = both / (area + b[3] * b[4] - both) >= .5
            holds = (shared(crop, wanted) >= .95 * area) & (crop[2] * crop[3] <= 4 * area)
            hit |= near
            held |= holds
            false += not (near | holds).any()
            far += (both < .1 * area).all()
        plates, met, covered = plates + len(wanted), met + hit.sum(), covered + held.sum()
    n = len(truths)
    return met / max(1, plates), covered / max(1, plates), false / n, far / n


class Photographs:
    def __init__(self, plates, cache, every=1):
        self.sets = {}
        for folder in ('validate', 'negative'):
            for name, boxes in list(truth(os.path.join(plates, folder, 'gt.csv')).items())[::every]:
                part = name.split('/')[0].split('_')[0]
                self.sets.setdefault(part, {})[os.path.join(folder, name)] = boxes
        kept = os.path.join(cache, 'measure%d.npz' % every)
        names = [n for s in self.sets.values() for n in s]
        if not os.path.exists(kept):
            np.savez(kept, **{n.replace('/', '|'): cv2.imread(os.path.join(plates, n), 0) for n in names})
        loaded = np.load(kept)
        self.planes = {n: loaded[n.replace('/', '|')] for n in names}
        self.sizes = {n: p.shape[::-1] for n, p in self.planes.items()}


def table(photos, found, thresholds, less=(.08, .04, 0, 0, 0), by=(1.3, 1.6)):
    less = np.array(less)
    boxes = {n: gather(f, less) for n, f in found.items()}
    for t in thresholds:
        line = ['%.2f' % t]
        for part, truths in photos.sets.items():
            line.append('%s %.3f %.3f %.3f %.3f' % (part, *score(truths, photos.sizes, boxes, t, by)))
        print(' | '.join(line), flush=True)
    return boxes


if __name__ == '__main__':
    import sys
    checkpoint, plates, cache, every = sys.argv[1:5]
    torch.set_num_threads(1)
    photos = Photographs(plates, cache, int(every))
    kept = torch.load(checkpoint)
    net = model.Net().to(memory_format=torch.channels_last)
    net.load_state_dict(kept['slow'])
    net.eval()
    print('step', kept['step'], '(recall coverage false far)')
    found = {n: raw(net, p) for n, p in photos.planes.items()}
    table(photos, found, (.3, .4, .45, .5, .55, .6, .65, .7))
