"""The proof's report: report.json for programs, report.html for people."""
import datetime
import html
import json
import os
import platform
import re
import subprocess

# These leak into files; the others need a look into memory or pipes.
FOUND_WITHOUT_ROOT = ('base64_in_log', 'frame_in_file', 'plaintext_passed_on', 'row_in_log', 'whole_frame_cut')
STYLE = '''body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;width:100%;margin:1em 0}td,th{border:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top}
th{background:#f3f3f3}.n{text-align:right;white-space:nowrap}.good{color:#060}.bad{color:#b00;font-weight:bold}.sum{font-size:1.3em}'''
LOOKED_FOR = (
    ('rows of pixels', 'pieces of 32 pixels of rows through the plates and through the people behind the windscreen, exactly as the '
     'camera drew them; also as a YUYV camera lays them down; each also written down as hexadecimal or base64'),
    ('pictures', 'JPEG and PNG streams, also in hexadecimal and base64; those that decode are searched again as pixels'),
    ('copies at any scale', 'the pattern of 64 cells that is painted on the people is '
     'looked for by normalised correlation (at least 0.80) at every offset of every buffer, from 1.5 to 24 bytes a cell, whatever the contrast'),
    ('content keys', 'the key of each record, which the recipient can compute'),
)
NOT_SHOWN = (
    'A copy in which the windscreen is less than about 100 pixels wide is not found by correlation; nor is a plate alone at another scale.',
    'A leak that changes the pixels in a way not looked for (encrypted with another key, compressed other than JPEG and PNG, a bit at a time) is not found. '
    'Against those stand the walls between the rooms, not this search.',
    'The drawn camera keeps its own world in the memory of capture; that room is looked at when it ends, not while it runs. Locate and seal are also '
    'looked at while the lane is empty.',
    'The warden holds a descriptor of the memory of frames, to hand it to rooms; it has not mapped it. That memory is looked at through the rooms.',
    'Memory is looked at several times a second, not at every instant.',
)


def words_of_mutant(here, name):
    for file in sorted(os.listdir(os.path.join(here, 'mutants'))):
        if file.split('.')[0] == name:
            with open(os.path.join(here, 'mutants', file)) as f:
                return re.match(r'/\*.*\*/\n/\* (.*?) \*/', f.read(), re.S).group(1).replace('\n * ', ' ')
    return ''


def first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().split('\n')[0]
    except OSError:
        return 'not there'


def machine(proof):
    with open('/proc/sys/kernel/core_pattern') as f:
        core = f.read().strip()
    with open('/proc/swaps') as f:
        swaps = f.read().strip().split('\n')[1:]
    config = os.path.join(os.path.dirname(proof.bin), '.config')
    with open(config) as f:
        locks = sorted(line.strip() for line in f if line.startswith(('CONFIG_HARDEN', 'CONFIG_HAL_CRYPTO')) and '=y' in line)
    return {'kernel': platform.release(), 'processor': platform.machine(), 'laneseald': first_line(os.path.join(proof.bin, 'laneseald'), '--version'),
            'strace': first_line('strace', '-V') if proof.deep else 'not used', 'as_root': os.geteuid() == 0, 'core_pattern': core,
            'swap': swaps, 'board': os.path.basename(os.path.dirname(proof.bin)), 'configuration': locks}


def summary(proof, seed):
    honest = proof.results + proof.crashes
    places = {}
    for r in honest:
        for words, s in r['places'].items():
            p = places.setdefault(words, {'files': 0, 'bytes': 0, 'found': 0})
            for k in p:
                p[k] += s[k]
    limits = list(proof.limits)
    facts = machine(proof)
    if facts['swap']:
        limits.append('this machine has swap, which was not searched: ' + '; '.join(facts['swap']))
    if facts['core_pattern'].startswith('|'):
        limits.append('core dumps go to a program here (%s); that one was left is known, what was in it was not searched' % facts['core_pattern'])
    return {
        'made': datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='seconds'), 'seed': seed, 'short': proof.a.short,
        'good': bool(honest or proof.mutants) and all(p['good'] for p in honest + proof.mutants),
        'frames': sum(r['frames'] for r in honest), 'passages': sum(r['passages'] for r in honest),
        'passages_in_order': sum(r['passages'] for r in proof.results), 'records': sum(r['records'] for r in honest),
        'bytes_searched': sum(r['bytes_searched'] for r in honest), 'found': sum(r['found'] for r in honest),
        'memory_bytes_looked_at': sum(r.get('memory_bytes_looked_at', 0) for r in honest),
        'crops': sum(r['crops']['views'] for r in honest), 'canary_in_crops': sum(r['crops']['canary'] for r in honest),
        'crop_share_most_permille': max((r['crops']['share_most_permille'] for r in honest), default=0),
        'crash_points': len(proof.crashes), 'mutants': len(proof.mutants), 'mutants_caught': sum(m['good'] for m in proof.mutants),
        'places': places, 'not_possible_here': limits, 'not_shown': list(NOT_SHOWN), 'machine': facts,
        'runs': proof.results, 'crashes': proof.crashes, 'mutant_runs': proof.mutants,
    }


def cell(value, kind=''):
    return '<td%s>%s</td>' % (' class=' + kind if kind else '', html.escape(str(value)))


def table(heads, rows):
    return '<table><tr>%s</tr>%s</table>' % (''.join('<th>%s</th>' % html.escape(h) for h in heads),
                                             ''.join('<tr>%s</tr>' % ''.join(row) for row in rows))


def millions(n):
    return '%.1f MB' % (n / 1e6)


def page(s):
    verdict = '<p class="sum %s">%s</p>' % (
        ('good', 'Nothing readable left the unit, and every planted leak was found.') if s['good'] else
        ('bad', 'This is not as it should be: see the rows marked below.'))
    numbers = ((s['passages'], 'vehicles passed'), (s['frames'], 'frames were taken'), (s['crash_points'], 'ways to crash were tried'),
               (millions(s['bytes_searched']), 'were searched'), (s['found'], 'pieces of pictures or keys were found'),
               ('%d of %d' % (s['mutants_caught'], s['mutants']), 'leaking builds were caught'),
               ('%d of %d' % (s['canary_in_crops'], s['crops']), 'sealed crops show people instead of a plate (opened with the agency\'s key)'))
    mark = lambda r: cell('as it should be', 'good') if r['good'] else cell('NOT as it should be', 'bad')  # noqa: E731
    return ''.join((
        '<!doctype html><meta charset=utf-8><title>laneseal: the leak proof</title><style>', STYLE, '</style>',
        '<h1>The leak proof</h1>', verdict,
        table(('', ''), [(cell(n, 'n'), cell(w)) for n, w in numbers]),
        '<p>A drawn lane shows vehicles with known plates, and with a known pattern painted on the people behind the windscreen. The unit runs on '
        'it as built for the road but for its camera. Afterwards everything it could have let out is searched for what the camera saw. '
        'Then the same is done with builds that leak on purpose: a search that misses one of them would prove nothing.</p>',
        '<h2>What was searched</h2>',
        table(('where', 'files', 'bytes', 'found'), [(cell(w), cell(p['files'], 'n'), cell(millions(p['bytes']), 'n'), cell(p['found'], 'n'))
                                                     for w, p in s['places'].items()]),
        '<h2>What was looked for</h2>', table(('', ''), [(cell(a), cell(b)) for a, b in LOOKED_FOR]),
        '<h2>Runs</h2>', runs_table(s['runs'], mark), '<h2>Crashes</h2>', runs_table(s['crashes'], mark),
        '<h2>Builds that leak on purpose</h2>',
        table(('build', 'what it does', 'where it was caught'), [
            (cell(m['name'].split(' ', 1)[1]), cell(m.get('what', '')),
             cell('\n'.join(m['caught']) if m['good'] else 'NOT CAUGHT', '' if m['good'] else 'bad')) for m in s['mutant_runs']]),
        '<h2>What could not be done on this machine</h2>', listed(s['not_possible_here'] or ['nothing was left out']),
        '<h2>What this does not show</h2>', listed(s['not_shown']),
        '<h2>Made with</h2>', table(('', ''), [(cell(k), cell(v)) for k, v in dict(s['machine'], seed=s['seed'], made=s['made']).items()]),
    ))


def runs_table(runs, mark):
    return table(('run', 'frames', 'passages', 'searched', 'found', ''), [
        (cell(r['name']), cell(r['frames'], 'n'), cell(r['passages'], 'n'), cell(millions(r['bytes_searched']), 'n'),
         cell('; '.join(r['caught']) or 0, 'n' if not r['caught'] else ''), mark(r)) for r in runs])


def listed(lines):
    return '<ul>%s</ul>' % ''.join('<li>%s</li>' % html.escape(line) for line in lines)


def write(proof, path, seed=None):
    s = summary(proof, seed)
    for suffix, text in (('.json', json.dumps(s, indent=1) + '\n'), ('.html', page(s))):
        with open(path + suffix + '.new', 'w') as f:
            f.write(text)
        os.rename(path + suffix + '.new', path + suffix)
