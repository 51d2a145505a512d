"""What to look for: pieces of rows through the painted people and the plates of a drawn lane."""
import csv
import os
import subprocess

SIZE, RATE = (640, 360), 10
PIECE = 32
PLATE_LEAST_PX = 24   # narrower ones nobody reads
CONTRAST_LEAST = 20   # grey values; less is road or sky beside the vehicle, the same in every frame
ROWS_APART, VEHICLES_MANY = 5, 30  # every row of a short run


def piece(pixels, width, y, middle):
    at = max(0, min(width - PIECE, middle - PIECE // 2))
    row = pixels[y * width + at:y * width + at + PIECE]
    return row if len(row) == PIECE and max(row) - min(row) >= CONTRAST_LEAST else None


class Needles:
    """The drawn lane of one camera, run by run of capture: .frames looked at, .pieces."""

    def __init__(self):
        self.frames, self.pieces = 0, set()

    def add(self, programs, folder, camera, vehicles, restarts=0):
        truth = os.path.join(folder, 'truth.csv')
        lane = [os.path.join(programs, 'lanesim'), '--camera', camera, '--vehicles', str(vehicles), '--restarts', str(restarts),
                '--size', '%dx%d' % SIZE, '--rate', str(RATE)]
        subprocess.run(lane + ['--truth', truth], check=True, stderr=subprocess.DEVNULL)
        boxes = {}
        with open(truth) as f:
            for r in csv.DictReader(f):
                if int(r['w']) >= PLATE_LEAST_PX:
                    boxes.setdefault(int(r['frame']), []).append([int(r[k]) for k in 'xywh'])
        os.remove(truth)
        drawn = subprocess.Popen(lane + ['--y4m', '/dev/stdout'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        drawn.stdout.readline()
        number = 0
        while drawn.stdout.readline():
            pixels = drawn.stdout.read(SIZE[0] * SIZE[1])
            for box in boxes.get(number, ()):
                self.take(pixels, *box, ROWS_APART if vehicles > VEHICLES_MANY else 1)
            number += 1
        if drawn.wait() != 0:
            raise OSError('lanesim failed')
        self.frames += number
        return self

    def take(self, pixels, x, y, w, h, apart):
        """The plate, and the people behind the windscreen: about three plate widths wide, a plate width or more above."""
        for row in range(y + h // 4, y + h - h // 4, max(1, min(apart, h // 6))):
            self.pieces.add(piece(pixels, SIZE[0], row, x + w // 2))
        for row in range(max(0, y - 2 * w), max(0, y - w // 2), apart):
            self.pieces.add(piece(pixels, SIZE[0], row, x + w // 2))
        self.pieces.discard(None)

    def text(self, keys=()):
        """For leakscan's standard input. Also as a YUYV camera lays pixels down, colour neutral."""
        lines = [p.hex() for p in sorted(self.pieces)]
        lines += [bytes(v for luma in p[:30] for v in (luma, 128)).hex() for p in sorted(self.pieces)]
        return '\n'.join(lines + list(keys)).encode() + b'\n'
