"""Draws license plates, and things that are easily taken for plates.

Every drawing is a grey picture 64 rows high with an opacity mask. Plates follow
the families found on the road (long European, 2:1 American with a pictorial
ground, South American and Chinese 3:1, two-line ones of many countries), with
every measure varied, so that no single country's look is learnt.
"""
import glob
import string

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROWS = 64
FONT_FOLDERS = ('/usr/share/fonts/truetype/dejavu', '/usr/share/fonts/truetype/liberation',
                '/usr/share/fonts/truetype/roboto')
FONTS_LEFT_OUT = ('Italic', 'Oblique', 'ExtraLight', 'Thin', 'Math')
LETTERS, DIGITS = 'ABCDEFGHJKLMNPQRSTUVWXYZ', '0123456789'


def font_files():
    files = [f for folder in FONT_FOLDERS for f in glob.glob(folder + '/**/*.ttf', recursive=True)]
    return sorted(f for f in files if not any(word in f for word in FONTS_LEFT_OUT))


def soft_noise(rng, rows, columns, cells_y, cells_x):
    """Smooth noise about zero: clouds, hills, dirt."""
    cells = rng.standard_normal((max(1, cells_y), max(1, cells_x))).astype(np.float32)
    return cv2.resize(cells, (columns, rows), interpolation=cv2.INTER_CUBIC)


class Pen:
    """Writes text stretched into a rectangle."""

    def __init__(self, rng):
        self.rng = rng
        self.fonts = [ImageFont.truetype(f, 44) for f in font_files()]

    def font(self):
        return self.fonts[self.rng.integers(len(self.fonts))]

    def mask(self, text, font):
        left, top, right, bottom = font.getbbox(text)
        if right - left < 2 or bottom - top < 2:
            return None
        picture = Image.new('L', (right - left + 2, bottom - top + 2), 0)
        ImageDraw.Draw(picture).text((1 - left, 1 - top), text, font=font, fill=255)
        return np.asarray(picture)

    def write(self, canvas, text, font, ink, x0, y0, x1, y1, bold=0, spread=0.):
        """Each character is stretched on its own when spread is set: condensed, evenly pitched plates."""
        x0, y0, x1, y1 = int(x0), int(y0), int(x1), int(y1)
        if x1 - x0 < 3 or y1 - y0 < 3 or not text.strip():
            return
        if spread:
            pitch = (x1 - x0) / len(text)
            for i, one in enumerate(text):
                if one in ' -·':
                    if one != ' ':
                        middle = (y0 + y1) // 2
                        self.write(canvas, '-', font, ink, x0 + i * pitch + pitch * .3, middle - 2,
                                   x0 + (i + 1) * pitch - pitch * .3, middle + 2)
                    continue
                narrow = .25 if one in '1I' else 0
                self.write(canvas, one, font, ink, x0 + pitch * (i + spread / 2 + narrow / 2), y0,
                           x0 + pitch * (i + 1 - spread / 2 - narrow / 2), y1, bold)
            return
        mask = self.mask(text, font)
        if mask is None:
            return
        if bold:
            mask = cv2.dilate(mask, np.ones((bold + 1, bold + 1), np.uint8))
        mask = cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        x, y = max(0, x0), max(0, y0)
        part = canvas[y:y1, x:x1]
        mask = mask[y - y0:y - y0 + part.shape[0], x - x0:x - x0 + part.shape[1]]
        part[:] = part * (1 - mask) + ink * mask


def pick(rng, choices):
    return choices[rng.integers(len(choices))]


def chance(rng, p):
    return rng.random() < p


def registration(rng, least, most):
    n = rng.integers(least, most + 1)
    style = rng.random()
    if style < .3:
        text = ''.join(pick(rng, LETTERS + DIGITS) for _ in range(n))
    elif style < .75:
        head = rng.integers(1, 4)
        text = ''.join(pick(rng, LETTERS if i < head else DIGITS) for i in range(n))
        if chance(rng, .4):
            text = text[:-1] + pick(rng, LETTERS)
    elif style < .85:
        text = ''.join(pick(rng, DIGITS if i < n - 2 else LETTERS) for i in range(n))
    else:
        text = ''.join(pick(rng, DIGITS) for _ in range(n))
    if n >= 5 and chance(rng, .55):
        at = rng.integers(2, n - 1)
        text = text[:at] + pick(rng, [' ', ' ', '-', '·']) + text[at:]
        if chance(rng, .25):
            text = text[:2] + ' ' + text[2:]
    return text


def words(rng, n, letters=string.ascii_uppercase):
    return ' '.join(''.join(pick(rng, letters) for _ in range(rng.integers(2, 9))) for _ in range(n))


# name, share, aspect from, aspect to
FAMILIES = (('long', .29, 3.9, 5.3), ('american', .25, 1.7, 2.35), ('three', .19, 2.5, 3.8), ('two', .20, 1.1, 2.2),
            ('small', .07, .85, 1.35))


class Drawer:
    def __init__(self, rng):
        self.rng, self.pen = rng, Pen(rng)

    def ground(self, rows, columns):
        rng = self.rng
        look = rng.random()
        if look < .56:                          # dark on light
            paper = rng.uniform(110, 255)
            ink = rng.uniform(0, max(25, paper - rng.uniform(50, 140)))
        elif look < .84:                        # light on dark
            paper = rng.uniform(0, 130)
            ink = rng.uniform(min(paper + rng.uniform(60, 130), 250), 255)
        else:                                   # faint: infrared and sun wash the ink out
            paper = rng.uniform(90, 250)
            ink = paper + rng.uniform(25, 60) * (1 if chance(rng, .2) else -1)
        canvas = np.full((rows, columns), paper, np.float32)
        if chance(rng, .35):
            canvas += cv2.resize(rng.uniform(-1, 1, (2, 3)).astype(np.float32), (columns, rows)) * rng.uniform(5, 40)
        return canvas, paper, ink

    def scenery(self, canvas, strength):
        """A pictorial ground: sky over hills, a fade from the top, a faint emblem."""
        rng = self.rng
        rows, columns = canvas.shape
        kind = rng.random()
        if kind < .35:
            ridge = soft_noise(rng, 1, columns, 1, rng.integers(3, 9))[0] * rows * .12 + rows * rng.uniform(.35, .9)
            canvas += np.where(np.arange(rows)[:, None] > ridge[None], -1, .3) * strength
        elif kind < .7:
            fade = np.linspace(-1, 1, rows, dtype=np.float32) ** pick(rng, [1, 3])
            canvas += fade[:, None] * strength * pick(rng, [-1, 1])
        else:
            canvas += soft_noise(rng, rows, columns, rng.integers(3, 8), rng.integers(4, 12)) * strength * .6
        if chance(rng, .4):
            centre = (int(columns * rng.uniform(.3, .7)), int(rows * rng.uniform(.3, .7)))
            axes = (int(rows * rng.uniform(.1, .35)), int(rows * rng.uniform(.1, .35)))
            cv2.ellipse(canvas, centre, axes, rng.uniform(0, 180), 0, 360,
                        float(canvas.mean() + rng.uniform(-1, 1) * strength * 2), -1)

    def top_band(self, canvas, light):
        """The dark band over the number that South American plates share, with a word in it."""
        rng, (rows, columns) = self.rng, canvas.shape
        high = rng.uniform(.17, .28)
        canvas[:int(rows * high)] = rng.uniform(20, 130)
        self.pen.write(canvas, words(rng, 1), self.pen.font(), light, columns * rng.uniform(.25, .4), rows * high * .25,
                       columns * rng.uniform(.6, .75), rows * high * .8)
        return high

    def small_line(self, canvas, top, bottom, paper, ink):
        rng, (rows, columns) = self.rng, canvas.shape
        tone = ink + rng.uniform(-.2, .5) * (paper - ink)
        letters = pick(rng, [string.ascii_uppercase, string.ascii_lowercase])
        self.pen.write(canvas, words(rng, rng.integers(1, 3), letters), self.pen.font(), tone,
                       columns * rng.uniform(.08, .38), top * rows, columns * rng.uniform(.62, .92), bottom * rows)

    def main_line(self, canvas, text, ink, left, right, top, bottom):
        rng, rows = self.rng, canvas.shape[0]
        self.pen.write(canvas, text, self.font, ink, left, top * rows, right, bottom * rows, self.bold, self.spread)

    def band(self, canvas, left, right):
        """The country band at a side."""
        rng, (rows, columns) = self.rng, canvas.shape
        wide = int(rows * rng.uniform(.28, .6))
        tone = rng.uniform(15, 150)
        canvas[:, :wide] = tone
        if chance(rng, .7):
            self.pen.write(canvas, ''.join(pick(rng, LETTERS) for _ in range(rng.integers(1, 4))), self.pen.font(),
                           rng.uniform(200, 255), wide * .15, rows * .62, wide * .85, rows * .88)
        if chance(rng, .6):
            cv2.circle(canvas, (wide // 2, int(rows * .3)), max(2, wide // 4), rng.uniform(190, 250), 1)
        if chance(rng, .3):
            canvas[:, columns - wide:] = tone
            right = columns - wide
        return wide, right

    def one_line(self, canvas, family, paper, ink):
        rng, (rows, columns) = self.rng, canvas.shape
        left, right = 0, columns
        if family != 'american' and chance(rng, .45):
            left, right = self.band(canvas, left, right)
        gap = rng.uniform(.02, .12) * (right - left)
        top, bottom = rng.uniform(.08, .22), rng.uniform(.78, .92)
        if family == 'american':
            top, bottom = rng.uniform(.2, .34), rng.uniform(.66, .82)
        elif family == 'three' and chance(rng, .5):
            top, bottom = rng.uniform(.24, .38), rng.uniform(.84, .95)
            if chance(rng, .5):
                top = self.top_band(canvas, rng.uniform(170, 255)) + rng.uniform(.03, .1)
                self.main_line(canvas, registration(rng, 6, 8), ink, left + gap, right - gap, top, bottom)
                return
        text = registration(rng, 5, 8)
        if family == 'american' and chance(rng, .35):       # an emblem between the halves
            half = (left + right) / 2
            wide = rows * rng.uniform(.15, .3)
            cut = len(text) // 2
            self.main_line(canvas, text[:cut], ink, left + gap, half - wide / 2, top, bottom)
            self.main_line(canvas, text[cut:], ink, half + wide / 2, right - gap, top, bottom)
            cv2.circle(canvas, (int(half), rows // 2), int(wide * .4), ink, pick(rng, [1, 2, -1]))
        else:
            self.main_line(canvas, text, ink, left + gap, right - gap, top, bottom)
        if top > .2 and chance(rng, .8):
            self.small_line(canvas, rng.uniform(.03, .08), top - .04, paper, ink)
        if bottom < .82 and chance(rng, .6):
            self.small_line(canvas, bottom + .04, rng.uniform(.92, .97), paper, ink)

    def two_lines(self, canvas, ink):
        rng, (rows, columns) = self.rng, canvas.shape
        begin = rng.uniform(.05, .14)
        if chance(rng, .15):
            begin = self.top_band(canvas, rng.uniform(170, 255)) + .03
        split = begin + rng.uniform(.32, .5) * (1 - begin)
        gap = rng.uniform(.03, .1) * columns
        inset = rng.uniform(0, .25) * columns if chance(rng, .6) else 0
        self.main_line(canvas, registration(rng, 2, 5), ink, gap + inset, columns - gap - inset, begin, split - .03)
        inset = rng.uniform(0, .15) * columns if chance(rng, .3) else 0
        self.main_line(canvas, registration(rng, 2, 5), ink, gap + inset, columns - gap - inset,
                       split + .03, rng.uniform(.86, .95))
        if chance(rng, .15):
            cv2.line(canvas, (0, int(split * rows)), (columns, int(split * rows)), ink, 1)

    def wear(self, canvas, ink):
        rng, (rows, columns) = self.rng, canvas.shape
        if chance(rng, .6):
            inset = int(pick(rng, [0, 0, 2, 3]))
            cv2.rectangle(canvas, (inset, inset), (columns - 1 - inset, rows - 1 - inset), ink, int(pick(rng, [1, 1, 2, 3])))
        if chance(rng, .45):
            for _ in range(pick(rng, [2, 2, 4])):
                spot = (int(columns * pick(rng, [.06, .2, .5, .8, .94])), int(rows * pick(rng, [.08, .5, .92])))
                cv2.circle(canvas, spot, int(pick(rng, [1, 2, 3])), rng.uniform(0, 255), -1)
        if chance(rng, .2):                     # stickers and seals
            spot = (int(columns * rng.uniform(.05, .95)), int(rows * rng.uniform(.1, .9)))
            cv2.circle(canvas, spot, int(rows * rng.uniform(.05, .14)), rng.uniform(0, 255), -1)
        if chance(rng, .2):                     # dirt
            dirt = np.clip(soft_noise(rng, rows, columns, 4, 9), 0, 2) * rng.uniform(.1, .45)
            canvas *= 1 - np.minimum(dirt, .8)
        if chance(rng, .15):                    # a hard shadow across
            a, b = rng.uniform(-.2, 1.2, 2) * columns
            edge = np.linspace(a, b, rows)[:, None]
            canvas *= np.where(np.arange(columns)[None] > edge, rng.uniform(.35, .75), 1)
        if chance(rng, .07):                    # a tow ball, a bumper's edge
            at = int(columns * rng.uniform(.2, .8))
            cv2.circle(canvas, (at, rows), int(rows * rng.uniform(.15, .3)), rng.uniform(0, 90), -1)

    def corners(self, rows, columns):
        mask = np.full((rows, columns), 255, np.uint8)
        r = int(pick(self.rng, [0, 2, 4, 7, 9]))
        if r:
            mask[:] = 0
            cv2.rectangle(mask, (r, 0), (columns - 1 - r, rows - 1), 255, -1)
            cv2.rectangle(mask, (0, r), (columns - 1, rows - 1 - r), 255, -1)
            for x in (r, columns - 1 - r):
                for y in (r, rows - 1 - r):
                    cv2.circle(mask, (x, y), r, 255, -1)
        return mask

    def holder(self, canvas, mask):
        """A frame about the plate, often with a dealer's name; it is no part of the plate."""
        rng, (rows, columns) = self.rng, canvas.shape
        above, below, side = (int(rng.uniform(.02, most) * rows) + 1 for most in (.14, .3, .1))
        tone = rng.uniform(0, 70) if chance(rng, .6) else rng.uniform(0, 255)
        whole = np.full((rows + above + below, columns + 2 * side), tone, np.float32)
        opacity = mask.astype(np.float32) / 255
        whole[above:above + rows, side:side + columns] = canvas * opacity + tone * (1 - opacity)
        if below > 8 and chance(rng, .6):
            self.pen.write(whole, words(rng, rng.integers(1, 3)), self.pen.font(), 255 - tone, columns * .2,
                           above + rows + 1, columns * .85, above + rows + below - 1)
        return whole, np.full(whole.shape, 255, np.uint8), (side, above, columns, rows)

    def plate(self):
        """Returns picture, opacity and the plate's box within them."""
        rng = self.rng
        name, _, low, high = FAMILIES[rng.choice(len(FAMILIES), p=[f[1] for f in FAMILIES])]
        columns = int(ROWS * rng.uniform(low, high))
        canvas, paper, ink = self.ground(ROWS, columns)
        if chance(rng, .65 if name == 'american' else .08):
            self.scenery(canvas, rng.uniform(5, 55))
        self.font, self.bold = self.pen.font(), int(pick(rng, [0, 0, 1, 2]))
        self.spread = rng.uniform(.08, .4) if chance(rng, .6) else 0.
        if name in ('two', 'small'):
            self.two_lines(canvas, ink)
        else:
            self.one_line(canvas, name, paper, ink)
        self.wear(canvas, ink)
        mask = self.corners(ROWS, columns)
        box = (0, 0, columns, ROWS)
        if chance(rng, .4):
            canvas, mask, box = self.holder(canvas, mask)
        return np.clip(canvas, 0, 255).astype(np.uint8), mask, box

    def poster(self):
        rng = self.rng
        if chance(rng, .45):
            return self.maker()
        columns = int(ROWS * pick(rng, [rng.uniform(.5, 2), rng.uniform(2, 6), rng.uniform(6, 14)]))
        canvas = np.full((ROWS, columns), rng.uniform(0, 255), np.float32)
        ink, lines, font = rng.uniform(0, 255), int(pick(rng, [1, 1, 2, 3, 4, 6])), self.pen.font()
        letters = pick(rng, [string.ascii_uppercase, string.ascii_lowercase, string.ascii_lowercase + DIGITS])
        for i in range(lines):
            self.pen.write(canvas, words(rng, rng.integers(1, 4), letters), font, ink, columns * rng.uniform(.02, .3),
                           ROWS * (i + .1) / lines, columns * rng.uniform(.7, .98), ROWS * (i + .9) / lines)
        like_a_plate = lines == 1 and columns < 6 * ROWS
        bare = like_a_plate or chance(rng, .4)  # letters on whatever is behind
        mask = (np.abs(canvas - canvas[0, 0]) > 8).astype(np.uint8) * 255 if bare else np.full(canvas.shape, 255, np.uint8)
        return canvas, mask

    def maker(self):
        """The name of a car's maker: bare letters, often of metal, with a lit and a dark edge."""
        rng = self.rng
        columns = int(ROWS * rng.uniform(2.5, 9))
        mask = np.zeros((ROWS, columns), np.float32)
        text = words(rng, 1, pick(rng, [string.ascii_uppercase, string.ascii_uppercase, string.ascii_lowercase]))
        if chance(rng, .2):                     # a model's name, a telephone number
            text = registration(rng, 2, 9)
        self.pen.write(mask, text, self.pen.font(), 255, 3, 5, columns - 3, ROWS - 5, 0, pick(rng, [0, .2, .5]))
        canvas = np.full(mask.shape, rng.uniform(0, 255), np.float32)
        canvas += (np.roll(mask, 2, 0) - np.roll(mask, -2, 0)) * rng.uniform(-.4, .4)
        return canvas, cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(np.uint8)

    def grille(self):
        rng = self.rng
        columns = int(ROWS * rng.uniform(.7, 6))
        x, y = np.arange(columns)[None] / ROWS, np.arange(ROWS)[:, None] / ROWS
        n, m = rng.uniform(2, 16), rng.uniform(2, 10)
        kind = rng.integers(5)
        if kind == 4:                           # bricks
            row = np.floor(y * m)
            wave = np.minimum(np.abs((x * n / 2 + row / 2) % 1 - .5) * 2 / n * 4, np.abs(y * m % 1 - .5) * 2 / m * 2)
            wave = np.where(wave < .12, 1., -1.) * pick(rng, [-1, 1])
        else:
            across, down = np.sin(2 * np.pi * n * x), np.sin(2 * np.pi * m * y)
            wave = (across + 0 * y, down + 0 * x, np.maximum(across, down), across * down)[kind]
            if chance(rng, .6):
                wave = np.sign(wave + rng.uniform(-.6, .6))
        canvas = (rng.uniform(60, 200) + wave * rng.uniform(20, 110)).astype(np.float32)
        return canvas, np.full(canvas.shape, 255, np.uint8)

    def furniture(self):
        """Blank plates, lamps, vents, windows: rectangles with a little structure."""
        rng = self.rng
        columns = int(ROWS * rng.uniform(.8, 6))
        canvas = np.full((ROWS, columns), rng.uniform(0, 255), np.float32)
        canvas += cv2.resize(rng.uniform(-1, 1, (3, 4)).astype(np.float32), (columns, ROWS)) * rng.uniform(0, 80)
        for _ in range(pick(rng, [0, 0, 1, 2, 3, 5])):
            a = (int(rng.integers(columns)), int(rng.integers(ROWS)))
            b = (int(rng.integers(columns)), int(rng.integers(ROWS)))
            tone, thick = rng.uniform(0, 255), int(pick(rng, [1, 2, 4]))
            kind = rng.integers(3)
            if kind == 0:
                cv2.rectangle(canvas, a, b, tone, thick)
            elif kind == 1:
                cv2.line(canvas, a, b, tone, thick)
            else:
                cv2.ellipse(canvas, a, (int(rng.integers(4, 40)), int(rng.integers(4, 30))), 0, 0, 360, tone, pick(rng, [thick, -1]))
        if chance(rng, .5):
            cv2.rectangle(canvas, (0, 0), (columns - 1, ROWS - 1), rng.uniform(0, 255), int(pick(rng, [1, 3, 6])))
        mask = np.full(canvas.shape, 255, np.uint8)
        if chance(rng, .25):
            mask[:] = 0
            cv2.ellipse(mask, (columns // 2, ROWS // 2), (columns // 2 - 1, ROWS // 2 - 1), 0, 0, 360, 255, -1)
        return canvas, mask

    def lamp(self):
        """A lamp behind ribbed or smooth glass, lit or not."""
        rng = self.rng
        columns = int(ROWS * rng.uniform(.8, 4))
        x, y = np.linspace(-1, 1, columns)[None], np.linspace(-1, 1, ROWS)[:, None]
        canvas = np.full((ROWS, columns), rng.uniform(20, 170), np.float32)
        canvas += (np.sign(np.sin(x * rng.uniform(5, 60)) + rng.uniform(-.9, .9)) * rng.uniform(0, 50)
                   + np.sin(y * rng.uniform(2, 30)) * rng.uniform(0, 40)) * (1 + 0 * canvas)
        for _ in range(rng.integers(1, 4)):
            cx, cy, r = rng.uniform(-.8, .8), rng.uniform(-.4, .4), rng.uniform(.1, .6)
            far = ((x - cx) * columns / ROWS) ** 2 + (y - cy) ** 2
            canvas += rng.uniform(-80, 240) * np.exp(-(far / r ** 2) ** pick(rng, [1, 4]))
        mask = np.zeros(canvas.shape, np.uint8)
        half = columns // 2
        if chance(rng, .4):
            cv2.ellipse(mask, (half, ROWS // 2), (half - 1, ROWS // 2 - 1), 0, 0, 360, 255, -1)
        else:                                   # four sides, seldom square
            spots = [(rng.uniform(0, .3), rng.uniform(0, .4)), (rng.uniform(.7, 1), rng.uniform(0, .4)),
                     (rng.uniform(.8, 1), rng.uniform(.7, 1)), (rng.uniform(0, .2), rng.uniform(.7, 1))]
            cv2.fillPoly(mask, [(np.array(spots) * (columns - 1, ROWS - 1)).astype(np.int32)], 255)
        if chance(rng, .5):
            edge = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((4, 4), np.uint8)) > 0
            canvas[edge] = rng.uniform(0, 255)
        return canvas, mask

    def windscreen(self):
        """Glass with people, seats, a mirror, stickers and the sky in it."""
        rng = self.rng
        columns = int(ROWS * rng.uniform(1.3, 3))
        canvas = np.full((ROWS, columns), rng.uniform(10, 110), np.float32)
        for _ in range(rng.integers(1, 6)):     # heads and shoulders, or head-rests
            x, r, tone = rng.uniform(.1, .9) * columns, rng.uniform(4, 13), rng.uniform(0, 220)
            y = rng.uniform(.3, .8) * ROWS
            cv2.ellipse(canvas, (int(x), int(y)), (int(r), int(r * 1.3)), 0, 0, 360, tone, -1)
            cv2.ellipse(canvas, (int(x), int(y + r * 3)), (int(r * 2.2), int(r * 2)), 0, 0, 360, rng.uniform(0, 200), -1)
        for _ in range(rng.integers(0, 7)):     # stickers, papers
            x, y, w, h = rng.uniform(0, columns), rng.uniform(0, ROWS), rng.uniform(3, 18), rng.uniform(3, 12)
            cv2.rectangle(canvas, (int(x), int(y)), (int(x + w), int(y + h)), rng.uniform(80, 255), -1)
        if chance(rng, .5):
            cv2.line(canvas, (int(rng.uniform(0, columns)), ROWS), (int(rng.uniform(0, columns)), int(ROWS * .7)), 0, 2)
        canvas += np.clip(soft_noise(rng, ROWS, columns, 2, 4), 0, 2) * rng.uniform(0, 90)
        inset, mask = rng.uniform(0, .2) * columns, np.zeros(canvas.shape, np.uint8)
        cv2.fillPoly(mask, [np.array([[inset, 0], [columns - inset, 0], [columns - 1, ROWS - 1], [0, ROWS - 1]], np.int32)], 255)
        return canvas, mask

    def sign(self):
        """A road sign: disc, triangle or board, with a rim and a number, an arrow or words."""
        rng = self.rng
        columns = int(ROWS * pick(rng, [1, 1, rng.uniform(1.2, 2.2)]))
        canvas, mask = np.full((ROWS, columns), rng.uniform(0, 255), np.float32), np.zeros((ROWS, columns), np.uint8)
        rim, ink, kind = rng.uniform(0, 255), rng.uniform(0, 255), rng.integers(3)
        shape = (cv2.ellipse2Poly((columns // 2, 32), (columns // 2 - 1, 31), 0, 0, 360, 8),
                 np.array([[columns // 2, 1], [columns - 2, 60], [1, 60]]),
                 np.array([[1, 1], [columns - 2, 1], [columns - 2, 62], [1, 62]]))[kind]
        cv2.fillPoly(mask, [shape.astype(np.int32)], 255)
        cv2.polylines(canvas, [shape.astype(np.int32)], True, rim, int(pick(rng, [3, 6, 12])))
        if chance(rng, .7):
            text = pick(rng, [registration(rng, 1, 2), registration(rng, 2, 3), words(rng, 1)])
            self.pen.write(canvas, text, self.pen.font(), ink, columns * .25, 22, columns * .75, 46)
        else:
            tip = (int(columns * rng.uniform(.3, .7)), int(rng.uniform(12, 30)))
            cv2.arrowedLine(canvas, (columns // 2, 52), tip, ink, 4, tipLength=.4)
        return canvas, mask

    def stripes(self):
        """Barcodes, railings, vents: bars of uneven or even width, upright or lying, on or without a ground."""
        rng = self.rng
        columns = int(ROWS * rng.uniform(.8, 5))
        canvas = np.full((ROWS, columns), rng.uniform(0, 255), np.float32)
        mask, ink, at = np.full(canvas.shape, 255, np.uint8), rng.uniform(0, 255), 0.
        even, pitch, lying = chance(rng, .5), rng.uniform(3, 16), chance(rng, .3)
        bars = np.zeros((columns if lying else ROWS, ROWS if lying else columns), bool)
        while at < bars.shape[1]:
            wide = pitch * (.45 if even else rng.uniform(.15, .8))
            bars[:, int(at):int(at + wide) + 1] = True
            at += pitch if even else wide + pitch * rng.uniform(.1, .7)
        bars = bars.T if lying else bars
        canvas[bars] = ink
        if chance(rng, .4):
            mask = (bars * 255).astype(np.uint8)
        return canvas, mask

    def badge(self):
        rng = self.rng
        canvas, mask = np.full((ROWS, ROWS), rng.uniform(0, 255), np.float32), np.zeros((ROWS, ROWS), np.uint8)
        cv2.circle(mask, (32, 32), 31, 255, -1)
        cv2.circle(canvas, (32, 32), 27, rng.uniform(0, 255), int(pick(rng, [2, 5])))
        self.pen.write(canvas, registration(rng, 1, 3), self.pen.font(), rng.uniform(0, 255), 14, 18, 50, 46)
        return canvas, mask

    def distractor(self):
        kind = self.rng.random()
        canvas, mask = (self.poster() if kind < .36 else self.grille() if kind < .5 else
                        self.furniture() if kind < .64 else self.lamp() if kind < .75 else
                        self.windscreen() if kind < .83 else self.sign() if kind < .9 else
                        self.stripes() if kind < .96 else self.badge())
        return np.clip(canvas, 0, 255).astype(np.uint8), mask, (0, 0, canvas.shape[1], canvas.shape[0])


if __name__ == '__main__':
    import sys
    drawer = Drawer(np.random.default_rng(1))
    sheet = np.full((16 * 70, 1300), 90, np.uint8)
    for row in range(16):
        x = 0
        while True:
            picture = (drawer.plate if row < 8 else drawer.distractor)()[0]
            picture = cv2.resize(picture, (int(picture.shape[1] * 64 / picture.shape[0]), 64))
            if x + picture.shape[1] > 1300:
                break
            sheet[row * 70:row * 70 + 64, x:x + picture.shape[1]] = picture
            x += picture.shape[1] + 6
    cv2.imwrite(sys.argv[1], sheet)
