"""bad pictures: missing or empty folders stop the unit; broken files are skipped, named and counted, the good one counts"""
import os
import struct
import zlib


def png(path, width, height, rows=None):
    """A grey PNG; with rows=None it ends after the header says how large it would be."""
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    with open(path, 'wb') as f:
        f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)))
        if rows is not None:
            f.write(chunk(b'IDAT', zlib.compress(b''.join(b'\0' + r for r in rows))) + chunk(b'IEND', b''))


def good_picture(day, path):
    """The frame with the largest plate that drives past whole."""
    frames = [f for f in day.truth('synthetic:11,day,dry', 2)[1] if f['visible_permille'] == '1000' and f['readable'] == '1']
    best = max(frames, key=lambda f: int(f['w']))
    os.makedirs(day.path('drawn'))
    day.tool('lanesim', '--camera', 'synthetic:11,day,dry', '--vehicles', 2, '--size', '640x360', '--rate', 10, '--every', 1,
             '--png', day.path('drawn'))
    os.rename(day.path('drawn', '%06d.png' % int(best['frame'])), path)


def broken(day, folder):
    good = day.path('pictures', 'a-good.png')
    good_picture(day, good)
    with open(good, 'rb') as f:
        data = f.read()
    names = {
        'b-cut.png': data[:len(data) // 2], 'c-empty.jpg': b'', 'd-text.jpg': b'this is no picture\n',
        'e-cut.jpg': b'\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00',
        'f-noise.png': bytes(range(256)) * 20,
    }
    for name, content in names.items():
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(content)
    png(os.path.join(folder, 'g-huge.png'), 60000, 60000)
    os.mkdir(os.path.join(folder, 'h-folder.png'))
    os.symlink('/nonexistent', os.path.join(folder, 'i-link.jpg'))
    return set(names) | {'g-huge.png', 'h-folder.png', 'i-link.jpg'}


def stopped(day, name, folder, words):
    unit = day.unit(name, camera__name='replay:' + folder).run(status=78)
    day.check(words in unit.log(), '%s: %s', name, unit.log())
    day.equal(unit.records(), [], name + ': records')


def run(day):
    stopped(day, 'missing', day.path('nothing'), 'camera.name: found "replay:' + day.path('nothing'))
    os.makedirs(day.path('empty'))
    stopped(day, 'empty', day.path('empty'), 'capture')

    os.makedirs(day.path('pictures'))
    bad = broken(day, day.path('pictures'))
    png(day.path('pictures', 'j-tiny.png'), 20, 10, [bytes(range(100, 120))] * 10)
    png(day.path('pictures', 'k-speck.png'), 1, 1, [b'\x80'])
    unit = day.unit('broken', camera__name='replay:' + day.path('pictures'), locate__sure_permille=200).run()
    index = unit.all_open(1)
    day.equal({v['name'] for v in index[0]['views']}, {'a-good.png'}, 'picture in the record')
    skipped = {n for n in bad | {'j-tiny.png', 'k-speck.png', 'a-good.png'} if n in unit.log()}
    day.check(bad <= skipped, 'not named in the log: %r', sorted(bad - skipped))
    day.check('a-good.png' not in skipped, 'the good picture is complained about')
    day.equal(unit.vital('capture', 'pictures_skipped'), len(skipped), 'pictures skipped')
    day.equal(unit.restarts('capture'), 0, 'restarts of capture')
