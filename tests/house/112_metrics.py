"""what the unit offers as OpenMetrics is read by other people's parser and says what status.json says"""
import house


def run(day):
    try:
        from prometheus_client.openmetrics import parser
    except ImportError:
        day.skip('python3-prometheus-client is not installed')
    unit = day.unit().run()
    families = {f.name: f for f in parser.text_string_to_metric_families(house.read(unit.path('state', 'metrics.prom')).decode())}
    info = families['laneseal_unit'].samples[0].labels
    day.equal(info['unit'], 'house', 'name of the unit')
    told = {(f.name[len('laneseal_'):], s.labels.get('room')): s.value for f in families.values() for s in f.samples}
    status, compared = unit.status(), 0
    for room, of in status['rooms'].items():
        day.equal(told['restarts', room], of['restarts'], 'restarts of ' + room)
        for name, value in of['vitals'].items():
            day.equal(told.get((name, room)), value, '%s of %s' % (name, room))
            compared += 1
    day.check(compared >= 6 and told['frames', 'capture'] > 0, 'only %d numbers to compare', compared)
    day.equal(told['policy_in_force', None], 1, 'policy in force')
    wrong = [f.name for f in families.values() if f.type == 'unknown' or not f.documentation]
    day.check(not wrong, 'without type or meaning: %r', wrong)
