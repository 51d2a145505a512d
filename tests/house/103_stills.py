"""a folder of pictures, each a passage of its own: one record a picture with a plate, by its name"""
import os
import shutil

EVERY = 3
SIZE = '1280x720'


def drawn_pictures(day, folder):
    """Draws a lane, keeps a picture of each vehicle's largest whole plate, and some of an empty lane."""
    drawn = day.path('drawn')
    os.makedirs(drawn)
    os.makedirs(folder)
    frames = day.truth('synthetic:11,day,dry', 5, SIZE)[1]
    day.tool('lanesim', '--camera', 'synthetic:11,day,dry', '--vehicles', 5, '--size', SIZE, '--rate', 10, '--png', drawn,
             '--every', EVERY)
    best, busy = {}, {int(f['frame']) for f in frames}
    for f in frames:
        if int(f['frame']) % EVERY == 0 and f['visible_permille'] == '1000' and f['readable'] == '1':
            if int(f['w']) > int(best.get(f['vehicle'], f)['w']) or f['vehicle'] not in best:
                best[f['vehicle']] = f
    shown = {'%06d.png' % int(f['frame']) for f in best.values() if int(f['w']) >= 100}
    empty = {n for n in sorted(os.listdir(drawn)) if int(n[:6]) not in busy}
    for name in sorted(shown | set(sorted(empty)[:2])):
        shutil.copy(os.path.join(drawn, name), folder)
    return shown


def run(day):
    shown = drawn_pictures(day, day.path('pictures'))
    day.check(len(shown) >= 3, 'only %d pictures show a plate', len(shown))
    unit = day.unit(camera__name='replay:' + day.path('pictures'), locate__sure_permille=1500).run()
    index = unit.all_open()
    names = sorted({v['name'] for r in index for v in r['views']})
    day.equal(names, sorted(shown), 'pictures in the records')
    day.equal(len(index), len(shown), 'records')
    day.check(all(r['source'] == 'replay' for r in index), 'a record does not say that it was replayed')
