"""the same three vehicles in every pixel format: the same passages"""


def run(day):
    vehicles, _ = day.truth('synthetic:11,day,dry', 3)
    readable = sum(v['readable'] == '1' for v in vehicles)
    day.check(readable > 0, 'the lane shows no readable plate')
    for form in ('grey', 'nv12', 'yuyv', 'mjpeg'):
        unit = day.unit(form, camera__format=form).run()
        index = unit.all_open()
        day.check(readable <= len(index) <= len(vehicles), '%s: %d records of %d vehicles, %d readable', form, len(index),
                  len(vehicles), readable)
