"""a day with twenty vehicles: one record for each with a readable plate, and no other

Which record belongs to which vehicle is found from the boxes in it: a view shows a
plate in one frame, and the lane's own account says whose plate stood there then.
"""
import collections

CAMERA = 'synthetic:7'
SIZE = '1280x720'
RATE = 15


def overlap(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(w, 0) * max(h, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def candidates(view, frames):
    """(time the view would be ahead of the truth, vehicle) for every true plate at this place."""
    for f in frames:
        if overlap([view['plate'][k] for k in 'xywh'], [int(f[k]) for k in 'xywh']) > 0.4:
            yield view['utc_us'] - int(f['at_us']), f['vehicle']


def run(day):
    vehicles, frames = day.truth(CAMERA, 20, SIZE, RATE)
    frames = [f for f in frames if int(f['w']) > 0]
    width, height = map(int, SIZE.split('x'))
    unit = day.unit(camera__name=CAMERA, camera__width_px=width, camera__height_px=height, camera__rate_fps=RATE,
                    camera__vehicles=20).run()
    index = unit.all_open()

    # The camera's clock starts where it likes; the true offset is the one most views agree on.
    votes = collections.Counter()
    for record in index:
        for view in record['views']:
            votes.update({offset for offset, _ in candidates(view, frames)})
    offset = votes.most_common(1)[0][0]
    of = collections.Counter()
    for record in index:
        owners = {v for view in record['views'] for o, v in candidates(view, frames) if o == offset}
        day.check(len(owners) == 1, 'record %s shows the plates of vehicles %r', record['sequence'], sorted(owners))
        of.update(owners)
    for vehicle in vehicles:
        n = of[vehicle['vehicle']]
        day.check(n == 1 or (n == 0 and vehicle['readable'] == '0'), 'vehicle %s (readable %s): %d records',
                  vehicle['vehicle'], vehicle['readable'], n)
    day.equal(unit.vital('capture', 'frames_dropped'), 0, 'frames dropped')
    day.equal(unit.vital('spool', 'stored'), len(index), 'records that spool counted')
