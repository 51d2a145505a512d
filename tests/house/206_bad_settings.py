"""mistakes in the settings: all of them are said, each with its line, and nothing starts"""
import os


def run(day):
    unit = day.unit()
    path = unit.write()
    with open(path, 'w') as f:
        f.write('''unit: { name = "booth 7"; key = "%s"; };
camera: {
  name = "synthetic:1";
  exposure_ms = 2;
  gain_milli = "500 us";
  rate_fps = 1000;
  format = "rgb";
};
spool: { folder = "%s"; max_mib = 1.5; };
policy: { file = "%s"; };
state: { folder = "%s"; };
colour = "red";
''' % (day.keys('unit.der'), unit.path('spool'), day.keys('policy.cose'), unit.path('state')))
    output = day.tool('laneseald', '--settings', path, status=78)
    for line, words in ((1, 'unit.name: found "booth 7"; allowed: '), (4, 'camera.exposure_ms: found 2 '),
                        (5, 'camera.gain_milli: found the text "500 us"; allowed: '), (6, 'camera.rate_fps: found 1000; allowed: '),
                        (7, 'camera.format: found "rgb"; allowed: '), (9, 'spool.max_mib: found 1.5'),
                        (10, 'policy.key: found nothing'), (12, 'colour: found "red"; allowed: ')):
        wanted = '%s:%d: %s' % (path, line, words)
        day.check(wanted in output, 'wanted: %s\nsaid: %s', wanted, output)
    day.check('8 mistakes' in output, 'not all were counted: %s', output)
    day.check(not os.path.exists(unit.path('spool')) and not os.path.exists(unit.path('state')), 'something was made')
    day.equal(day.tool('laneseald', '--settings', path, '--check', status=78), output, 'what --check says')

    for text, words in (('unit: { name = ', ':1: (syntax): '), ('', 'unit.name: found nothing')):
        with open(path, 'w') as f:
            f.write(text)
        output = day.tool('laneseald', '--settings', path, status=78)
        day.check(words in output, 'wanted: %s\nsaid: %s', words, output)
    output = day.tool('laneseald', '--settings', day.path('nothing.conf'), status=78)
    day.check('nothing.conf' in output, 'it does not name the file: %s', output)

    day.check('settings are good' in day.tool('laneseald', '--settings', unit.write(), '--check'), 'good settings are refused')
    day.check(not os.path.exists(unit.path('spool')), '--check made a folder')
    day.check('camera.rate_fps' in day.tool('laneseald', '--list-settings'), '--list-settings does not list')
