"""the spool is full, or cannot be written: said loudly, what is stored stays whole, and it goes on when there is room"""
import house


def full(day):
    unit = day.unit('full', camera__vehicles=0, spool__max_records=5).start().running()
    house.wait_for('a full spool', lambda: unit.alive() and unit.vital('spool', 'spool_full') > 0)
    # A heartbeat and a health statement came first, as a rule; behind the last passage they have a place beside the limit.
    day.equal(unit.records()[-1][1], 5, 'the last passage in a spool for five entries')
    had = len(unit.records())
    unit.stop()
    unit.all_open(had)

    unit.change(spool__max_records=1000, camera__vehicles=3, camera__name='synthetic:12,day,dry')
    unit.run()
    day.check(len(unit.records()) > had, 'nothing was stored when there was room again')
    unit.all_open()


def shut(day):
    with open(day.path('file'), 'w') as f:
        f.write('not a folder')
    for folder, words in ((day.path('file'), 'cannot be opened as a folder'),
                          ('/sys/kernel', 'nothing can be written'),
                          (day.path('no', 'such', 'place'), 'cannot be made')):
        unit = day.unit('shut', spool__folder=folder).run(status=78)
        line = [text for text in unit.log().split('\n') if 'spool.folder' in text]
        day.check(len(line) == 1 and words in line[0] and folder in line[0] and 'allowed:' in line[0],
                  'spool.folder = %s: %s', folder, unit.log())
        day.check('ready' not in unit.log(), 'a room was started')


def run(day):
    shut(day)
    full(day)
