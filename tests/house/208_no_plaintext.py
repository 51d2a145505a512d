"""nothing that a unit wrote outside the opened folder holds a piece of a picture

The pieces looked for: rows of pixels of the drawn frames, at the plates and at the people
behind the windscreen, and bytes of the crops as they were encoded. That the search can
find at all is shown on the opened folder and on the frames themselves.
"""
import os

CAMERA = 'synthetic:11,day,dry'
PIECE = 32


def of_frames(path, boxes):
    """Pieces of pixel rows: through each plate and, a little above it, through the people. {frame: [box]}"""
    pieces = set()
    with open(path, 'rb') as f:
        header = f.readline().split()
        width, height = (int(next(w[1:] for w in header if w[:1] == k)) for k in (b'W', b'H'))
        number = 0
        while f.readline():
            pixels = f.read(width * height)
            for x, y, w, h in boxes.get(number, ()):
                for row in (y + h // 2, y + h // 3, y - h, y - 2 * h, y - 4 * h):
                    for column in range(max(0, x - w), min(width - PIECE, x + 2 * w), PIECE // 2):
                        if 0 <= row < height:
                            pieces.add(pixels[row * width + column:][:PIECE])
            number += 1
    return {p for p in pieces if len(p) == PIECE and len(set(p)) > 4}


def of_crops(unit, index):
    pieces = set()
    for record in index:
        for view in record['views']:
            with open(unit.path('opened', view['file']), 'rb') as f:
                data = f.read()
            pieces |= {data[at:at + PIECE] for at in range(200, len(data) - PIECE, max(1, len(data) // 8))}
    return {p for p in pieces if len(set(p)) > 4}


def found(day, pieces, places):
    output = day.tool('leakscan', *places, status=None, stdin='\n'.join(p.hex() for p in sorted(pieces)).encode() + b'\n')
    words = output.strip().split('\n')[-1].split()
    return dict(zip(words[::2], map(int, words[1::2])))['found'], output


def run(day):
    unit = day.unit(camera__name=CAMERA, uplink__to='file:' + day.path('collector'), locate__encoding='png',
                    camera__format='nv12').run()
    unit.change(locate__encoding='jpeg', camera__format='grey')
    unit.run()
    index = unit.all_open()
    frames = day.truth(CAMERA, 3)[1]
    day.tool('lanesim', '--camera', CAMERA, '--vehicles', 3, '--size', '640x360', '--rate', 10, '--y4m', day.path('frames.y4m'))
    boxes = {}
    for f in frames:
        boxes.setdefault(int(f['frame']), []).append([int(f[k]) for k in 'xywh'])
    pixels, crops = of_frames(day.path('frames.y4m'), boxes), of_crops(unit, index)
    day.check(len(pixels) > 100 and len(crops) > 10, 'too little to look for: %d, %d', len(pixels), len(crops))

    day.check(found(day, pixels, [day.path('frames.y4m')])[0] > 0, 'the search does not find pixels where they are')
    day.check(found(day, crops, [unit.path('opened')])[0] > 0, 'the search does not find crops where they are')
    written = [unit.path(n) for n in os.listdir(unit.folder) if n != 'opened'] + [day.path('collector')]
    for pieces, what in ((pixels, 'pixels'), (crops, 'crops')):
        n, where = found(day, pieces, written)
        day.equal(n, 0, '%s in what the unit wrote:\n%s' % (what, where))
