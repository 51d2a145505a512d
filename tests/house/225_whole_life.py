"""a unit's whole life, with kills and dropped records, is whole to laneopen --verify-only; altered, missing and cut off are told apart"""
import json
import os
import shutil
import signal
import time

import house


def live(day, unit):
    """Three boots: records are dropped for want of room; spool is killed; the warden is; and an end in order with deliveries."""
    unit.start().running()
    # So many that statements about dropped records were dropped as well.
    house.wait_for('dropped records', lambda: unit.alive() and unit.vital('spool', 'records_dropped') > 40)
    unit.stop()
    life = unit.entries()
    unit.change(camera__name='synthetic:12,day,dry', spool__max_records=1000, uplink__to='file:' + day.path('out'))
    unit.start().running()
    had = len(unit.records())
    for _ in range(3):
        house.wait_for('spool and a record', lambda: unit.alive() and unit.children().get('spool') and len(unit.records()) > had)
        os.kill(unit.children()['spool'], signal.SIGKILL)
        had = len(unit.records())
    unit.kill()
    house.wait_for('the rooms to be gone', lambda: not any(b'spool' in words and unit.folder.encode() in words
                                                           for words in map(words_of, filter(str.isdigit, os.listdir('/proc')))))
    life.update(unit.entries())
    unit.change(camera__name='synthetic:13,day,dry', camera__vehicles=3)
    unit.run()
    life.update(unit.entries())
    delivered = unit.entries(day.path('out'))
    day.check(delivered and all(life[k] == v for k, v in delivered.items()), 'delivered bytes differ')
    return life


def words_of(pid):
    """Of a process that runs; of one that has just ended, none."""
    try:
        return house.read('/proc/%s/cmdline' % pid)
    except (FileNotFoundError, ProcessLookupError):
        return b''


class Reading:
    """What laneopen says of a folder with these entries."""

    def __init__(self, day, life, *more, certificate=None, status):
        folder = day.path('read')
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for (boot, sequence), (_, record) in life.items():
            with open(os.path.join(folder, '%08d-%020d.lsr' % (boot, sequence)), 'wb') as f:
                f.write(record)
        words = day.tool('laneopen', '--verify-only', '--json', '--policy', day.path('life.cose'), '--unit-cert',
                         certificate or day.keys('unit-cert.pem'), folder, *more, status=status)
        found = json.loads(words[words.index('{'):])
        self.summary, self.records = found['summary'], found['records']

    def counts(self):
        return [self.summary[k] for k in ('altered', 'missing_unexplained', 'cannot_tell')]

    def which(self, status):
        return [r['sequence'] for r in self.records if r['status'] == status and not r.get('explained')]


def changed(record, at):
    return record[:at] + bytes([record[at] ^ 1]) + record[at + 1:]


def run(day):
    day.policy(day.keys(), day.path('life.cose'), '--heartbeat-s', 1, '--drop-undelivered', 2)
    unit = day.unit(camera__vehicles=0, camera__rate_fps=5, spool__max_records=24, policy__file=day.path('life.cose'))
    life = live(day, unit)
    ended = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
    of_kind = {kind: [k for k in sorted(life) if life[k][0] == kind] for kind in range(1, 5)}
    dropped = len(Reading(day, life, status=None).records) > len(life)

    whole = Reading(day, life, '--as-of', ended, status=3 if dropped else 0)
    day.equal(whole.counts(), [0, 0, 0], 'altered, missing, cannot tell, in a whole life')
    s = whole.summary
    day.equal((s['boots'], s['heartbeats'], s['gaps'], s['health_statements']),
              (3, len(of_kind[house.HEARTBEAT]), len(of_kind[house.GAP]), len(of_kind[house.HEALTH])), 'what the life is made of')
    day.check(s['gaps'] > 0 and all(of_kind.values()), 'the life is too plain: %r', s)

    for kind, at in ((house.PASSAGE, -100), (house.PASSAGE, 60), (house.HEARTBEAT, -1), (house.GAP, 60), (house.HEALTH, 60)):
        key = of_kind[kind][len(of_kind[kind]) // 2]
        read = Reading(day, life | {key: (kind, changed(life[key][1], at % len(life[key][1])))}, status=2)
        day.equal(read.which('altered'), [key[1]], 'altered, when a bit of a record of kind %d is turned' % kind)
        day.equal(read.summary['cannot_tell'], 0, 'cannot tell, beside that')
    for kind in (house.PASSAGE, house.HEARTBEAT, house.HEALTH):
        key = of_kind[kind][len(of_kind[kind]) // 2]
        read = Reading(day, {k: v for k, v in life.items() if k != key}, status=3)
        day.equal((read.which('missing'), read.counts()), ([key[1]], [0, 1, 0]), 'missing, when a record of kind %d is taken' % kind)
    first = min(life)
    read = Reading(day, {k: v for k, v in life.items() if k != first}, status=3)
    # Where that is a statement about dropped records, these lack their reason as well.
    missing = read.which('missing')
    day.check(first[1] in missing and (len(missing) == 1 or life[first][0] == house.GAP),
              'missing, when the first of all is taken: %r, wanted %d, of kind %d', missing, first[1], life[first][0])

    # An end that was cut off: nothing shows it but the heartbeats that are due.
    last = sorted(life)[-1]
    cut = {k: v for k, v in life.items() if k[1] < last[1] - 3}
    day.equal(Reading(day, cut, status=3 if dropped else 0).counts(), [0, 0, 0], 'a cut end, when nobody says until when the unit ran')
    late = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 3600))
    read = Reading(day, cut, '--as-of', late, status=3 if dropped else 4)
    day.equal(read.counts(), [0, 0, 1], 'cannot tell, when the end is cut')
    day.tool('lanekeys', 'unit', '--name', 'house', '--maker', day.keys(), '--out', day.path('other'))
    read = Reading(day, life, certificate=day.path('other', 'unit-cert.pem'), status=4)
    day.equal(read.summary['cannot_tell'], len(life), 'cannot tell, with the certificate of another key')
