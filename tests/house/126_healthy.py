"""laneseald --healthy says whether the unit that runs does its work, and what is wanting; --alive gives a sign each second"""
import os
import signal
import time

import house


def signs(day):
    """Whoever starts a unit can see whether it hangs."""
    unit = day.unit('watched', camera__pace='real', camera__vehicles=0)
    os.mkfifo(day.path('signs'))
    reader = os.open(day.path('signs'), os.O_RDONLY | os.O_NONBLOCK)

    def come():
        try:
            return len(os.read(reader, 1000))
        except BlockingIOError:
            return 0
    unit.under = ['/bin/sh', '-c', 'exec "$@" --alive 9 9>"$0"', day.path('signs')]
    unit.start().running()
    house.wait_for('signs of life', lambda: unit.alive() and come(), every_s=0.5)
    day.equal([fd for fd in open_by(unit.children().values()) if fd == day.path('signs')], [], 'rooms with the descriptor')
    unit.process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    come()
    time.sleep(4)
    day.equal(come(), 0, 'signs of a unit that is stopped')
    unit.process.send_signal(signal.SIGCONT)
    house.wait_for('signs of life again', lambda: unit.alive() and come(), every_s=0.5)
    os.close(reader)
    time.sleep(3)
    unit.alive()
    unit.stop()
    day.check('is no open descriptor' in day.tool('laneseald', '--settings', unit.path('unit.conf'), '--alive', '99', status=64), 'a descriptor that is not there is taken')


def open_by(pids):
    for pid in pids:
        for fd in os.listdir('/proc/%d/fd' % pid):
            yield os.readlink('/proc/%d/fd/%s' % (pid, fd))


def run(day):
    unit = day.unit(camera__pace='real', camera__vehicles=0)
    unit.write()
    day.check('status.json' in unit.wanting(), 'before it ever ran: %s', unit.wanting())
    unit.start().running()
    house.wait_for('a healthy unit', lambda: unit.alive() and unit.wanting() == '')
    unit.kill()
    day.equal(unit.wanting(), 'laneseald does not run', 'after it was killed')
    day.equal(len(day.tool('laneseald', '--settings', unit.path('unit.conf'), '--healthy', status=3).split('\n')), 2, 'lines')

    # Vehicles are only counted without a policy: a firmware that cannot read it would be as bad.
    unit = day.unit('blind', camera__pace='real', camera__vehicles=0, policy__file=day.keys('unit.der')).start().running()
    time.sleep(7)
    day.equal(unit.wanting(), 'the policy is not in force', 'without a policy')
    unit.stop()
    day.equal(day.tool('laneseald', '--settings', '/nowhere', '--healthy', status=78) != '', True, 'no settings')
    signs(day)
