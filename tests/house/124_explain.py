"""laneseald --explain tells what the rooms of a running unit really are, hold and may do"""
import json
import os

import house

CALLS_MOST = {'seal': 20, 'locate': 25}
LIMIT_NAMES = {'NOFILE': 'Max open files', 'FSIZE': 'Max file size', 'NPROC': 'Max processes'}


def limit_of(pid, name):
    with open('/proc/%d/limits' % pid) as f:
        return next(line for line in f if line.startswith(LIMIT_NAMES[name]))[26:].split()[0]


def check_room(day, room, told, pid):
    with open('/proc/%d/status' % pid) as f:
        status = dict(line.rstrip('\n').split(':\t', 1) for line in f if ':\t' in line)
    day.equal({int(u) for u in status['Uid'].split('\t')}, {told['uid']}, room + ': user')
    for limit in told['limits']:
        if limit['resource'] in ('NOFILE', 'FSIZE'):
            day.equal(limit_of(pid, limit['resource']), str(limit['most']), '%s: %s' % (room, limit['resource']))
    if os.geteuid() != 0:
        return  # nobody but root may look at the descriptors and namespaces of a process that is not dumpable
    held = {int(fd) for fd in os.listdir('/proc/%d/fd' % pid)}
    always = {d['descriptor'] for d in told['descriptors'] if 'only where' not in d['what']}
    day.check(always <= held, '%s: explained but not held: %r', room, sorted(always - held))
    if room in ('locate', 'seal'):  # they open nothing of their own
        day.check(held <= {d['descriptor'] for d in told['descriptors']}, '%s: held but not explained: %r', room, sorted(held))
    same = os.readlink('/proc/%d/ns/net' % pid) == os.readlink('/proc/self/ns/net')
    day.equal(same, told['network'] != 'an empty one' and room != 'uplink', room + ': is in the network of the machine')


def run(day):
    told = json.loads(day.tool('laneseald', '--explain', '--json'))
    day.equal(told['runs_here'], True, 'runs here')
    day.equal(sorted(told['rooms']), ['capture', 'locate', 'seal', 'spool', 'uplink'], 'rooms')
    unit = day.unit(camera__pace='real', camera__vehicles=2).start().running()
    for room, pid in unit.children().items():
        check_room(day, room, told['rooms'][room], pid)
        day.equal(unit.told(room).vital(room, 'landlock_abi'), max(0, told['landlock_abi']), room + ': Landlock ABI')
    unit.wait()

    words = day.tool('laneseald', '--explain')
    for room, most in CALLS_MOST.items():
        calls = told['rooms'][room]['calls']
        names = {c['name'] for c in calls}
        day.check('read' in names and all(c['why'] for c in calls), '%s: a call without a reason: %r', room, calls)
        day.check('execve' not in names and 'ptrace' not in names and 'open' not in names, '%s: %r', room, names)
        day.equal(told['rooms'][room]['calls_counted'], len(names), room + ': calls counted')
        day.check(day.sanitized() or len(names) <= most, '%s: %d system calls, at most %d wanted', room, len(names), most)
    for room in told['rooms'].values():
        for call in room['calls']:
            day.check(call['why'] in words, 'in JSON but not in words: %r', call)

    day.check('--json goes with' in day.tool('laneseald', '--json', status=None), '--json alone is taken')
