"""what the unit says it would lose if it vanished is what lies there

Compared with the names in the spool, with what the recipient opens, and with the kernel's list of processes:
before anything is stored, while the lane runs, after it was closed, and after delivery.
"""
import os

import house


def found(unit):
    """What the recipient finds: how many records, and the quarters of an hour of the passages."""
    index = unit.opened()
    return len(index), sorted(r['first_utc_us'] // 900000000 * 900 for r in index if r['kind'] == 'passage')


def sizes(unit):
    names = [n for n in os.listdir(unit.path('spool')) if n[0] != '.' and os.path.isfile(unit.path('spool', n))]
    return sum(os.path.getsize(unit.path('spool', n)) for n in names)


def check_running(day, unit):
    """Returns how many passages it tells of."""
    before = unit.vital('spool', 'stored')
    told = unit.exposure()
    day.check(told['sealed']['passages'] >= before > 0, 'it tells of %d passages; %d were stored', told['sealed']['passages'], before)
    day.check(told['state']['running'] and not told['state']['stale'], 'it does not see that the unit runs: %r', told['state'])
    day.equal({k: v['pid'] for k, v in told['state']['rooms'].items()}, unit.children(), 'processes')
    for room, seen in told['state']['rooms'].items():
        day.equal((seen['no_new_privs'], seen['filtered'], seen['core_dumps']), (True, True, False), room + ': no new rights, filter, core dumps')
        if os.geteuid() == 0:
            day.equal((seen['own_network'], seen['uid'] != 0), (True, True), room + ': network and user of its own')
    day.check(told['memory']['frames_most'] > 8 and told['memory']['frame_bytes'] == 640 * 360, 'memory: %r', told['memory'])
    if told['plaintext']['rooms_not_seen'] == 0:
        day.equal(told['plaintext']['files_or_folders_in_picture_rooms'], 0, 'files in rooms that see pictures')
    return told['sealed']['passages']


def run(day):
    unit = day.lonely(camera__pace='real', camera__vehicles=0)
    told = unit.exposure()
    day.equal((told['sealed']['records'], told['sealed']['oldest_utc_s'], told['state']['running']), (0, None, False), 'before the first start')

    unit.start().running()
    house.wait_for('two passages', lambda: unit.alive() and unit.vital('spool', 'stored') >= 2)
    while_running = check_running(day, unit)
    unit.stop()

    told = unit.exposure()
    records, seen = found(unit)
    day.equal((told['sealed']['records'], told['sealed']['passages'], told['sealed']['undelivered']), (records, len(seen), records),
              'records, passages, undelivered')
    day.check(while_running <= len(seen), 'it told of %d passages while it ran, and there are %d', while_running, len(seen))
    day.equal(told['sealed']['bytes'], sizes(unit), 'bytes')
    day.equal((told['sealed']['oldest_utc_s'], told['sealed']['newest_utc_s']), (seen[0], seen[-1]), 'oldest and newest')
    day.equal((told['memory']['frames_most'], told['memory']['passages_most']), (0, 0), 'in memory of a closed unit')
    day.equal(told['readers']['private_keys_on_unit'], 0, 'private keys')
    day.equal([r['role'] for r in told['readers']['recipients']], ['agency', 'escrow'], 'recipients')
    day.equal((told['plaintext']['storage_bytes_most'], told['nothing_readable']), (0, True), 'plaintext')

    unit.change(uplink__to='file:' + unit.path('collector'), camera__pace='free', camera__vehicles=2)
    unit.run()
    told = unit.exposure()
    delivered = len(unit.chain(unit.path('collector')))
    day.check(delivered > len(seen), 'only %d were delivered', delivered)
    day.equal((told['sealed']['records'], told['sealed']['delivered']), (found(unit)[0], delivered), 'delivered')
    words = unit.exposure_words()
    for line in ('If unit "house" vanished now', 'sealed records         %d (' % told['sealed']['records'], 'such keys on this unit 0',
                 'plaintext on storage   0 bytes', 'does not run'):
        day.check(line in words, 'the words lack %r:\n%s', line, words)
