"""What can happen between a unit and its collector. Each function is one scenario."""
import glob
import os
import random
import signal
import ssl
import time

import authority as certificates
import line
import names
import collector as acts
from booth import record
from servers import Skipped, nginx, s3rver

TRY_AGAIN, NOT_TRUSTED, NOT_ALLOWED, WRONG_PLACE, REFUSED, TAKEN, NOT_THE_SAME = range(1, 8)
ALL = []


def scenario(f):
    ALL.append((f.__name__, f))
    return f


def path(sequence, base='/in', boot=1):
    return '%s/booth-7/%08d-%020d.lsr' % (base, boot, sequence)


def holds(c, sequence, base='/in'):
    assert c.kept.get(path(sequence, base)) == record(sequence), 'record %d is not there as it was sent' % sequence
    assert not c.problems, c.problems


# ---- good days ----

@scenario
def a_gateway_gets_every_record_once_and_under_its_name(place):
    c, room = place.gateway()
    for s in range(1, 31):
        room.offer(s)
        room.delivered(s)
    assert sorted(c.kept) == [path(s) for s in range(1, 31)]
    for s in range(1, 31):
        holds(c, s)


@scenario
def an_object_store_gets_every_record_signed_and_with_its_checksum(place):
    c, room = place.store()
    for s in range(1, 31):
        room.offer(s)
        room.delivered(s)
        holds(c, s, '/records')
    assert all(r.method == 'PUT' for _, r in c.seen), 'a confirmed checksum needs no reading back'


@scenario
def a_gateway_is_believed_only_after_reading_back(place):
    c, room = place.gateway()
    room.offer(1)
    room.delivered(1)
    assert [r.method for _, r in c.seen] == ['PUT', 'GET']


@scenario
def what_is_there_already_counts_as_delivered(place):
    c, room = place.gateway()
    c.kept[path(1)] = record(1)
    room.offer(1)
    room.delivered(1)


@scenario
def records_of_every_size_arrive(place):
    c, room = place.store()
    for s, size in enumerate((1, 4063, 4064, 4065, 65536, 250000), 1):
        body = record(s, size)
        room.offer(s, body)
        room.delivered(s)
        assert c.kept[path(s, '/records')] == body


# ---- who answers is not who should ----

def distrusted(place, pair, words, anchor=None, **how):
    c = place.collector(pair, **how)
    room = place.room('https://localhost:%d/in' % c.port, anchor=anchor, certificate=place.client())
    room.offer(1)
    room.in_trouble(NOT_TRUSTED)
    room.logged(words)
    assert not c.seen and not c.kept, 'something was sent to somebody who could not be trusted'


@scenario
def an_expired_certificate_gets_nothing(place):
    distrusted(place, place.server(end=certificates.NOW - certificates.DAY / 2), 'has expired, or this unit\'s clock is ahead')


@scenario
def a_certificate_of_tomorrow_gets_nothing_and_the_clock_is_named(place):
    distrusted(place, place.server(begin=certificates.NOW + certificates.DAY), 'not valid yet, or this unit\'s clock is behind')


@scenario
def a_self_signed_certificate_gets_nothing(place):
    distrusted(place, certificates.self_signed(place.path('alone.pem'), ['localhost']), 'not under the policy\'s anchor')


@scenario
def a_certificate_for_another_name_gets_nothing(place):
    distrusted(place, place.server(hosts=['elsewhere.example']), 'not for this name')


@scenario
def a_certificate_from_another_authority_gets_nothing(place):
    other = certificates.Authority('Other authority')
    distrusted(place, other.pair(place.path('other.pem'), 'collector', hosts=['localhost']), 'another authority')


@scenario
def a_clock_a_year_ahead_delivers_nothing_until_it_is_right(place):
    clock_wrong(place, '+1y', NOT_TRUSTED, 'has expired, or this unit\'s clock is ahead', end=certificates.NOW + 30 * certificates.DAY)


@scenario
def a_clock_a_year_behind_delivers_nothing_until_it_is_right(place):
    clock_wrong(place, '-1y', NOT_TRUSTED, 'not valid yet, or this unit\'s clock is behind')


@scenario
def a_store_refuses_signatures_of_a_wrong_clock_until_it_is_right(place):
    clock_wrong(place, '+300d', NOT_ALLOWED, 'and at the clock', kind='store')


def clock_wrong(place, by, trouble, words, kind='gateway', **certificate):
    """libfaketime moves the unit's clock; the collector's is right, and so is the unit's after some seconds."""
    place.server(**certificate)
    c, room = getattr(place, kind)(pair=place.path('server.pem'), environment=clock(by, wrong_s=8))
    room.offer(1)
    room.offer(2)
    room.in_trouble(trouble)
    room.logged(words)
    assert not room.receipts and not c.kept, 'something was delivered under a wrong clock'
    room.delivered(1, 2)
    room.logged('delivering_again')
    assert not c.kept.keys() ^ {path(s, '/in' if kind == 'gateway' else '/records') for s in (1, 2)}


def clock(by, wrong_s):
    """What makes a program believe it is another time; the steady clock, by which it waits, goes on."""
    found = glob.glob('/usr/lib/*/faketime/libfaketimeMT.so.1')
    if not found:
        raise Skipped('libfaketime is not installed')
    return dict(LD_PRELOAD=found[0], FAKETIME=by, FAKETIME_STOP_AFTER_SECONDS=str(wrong_s), FAKETIME_DONT_FAKE_MONOTONIC='1',
                FAKETIME_NO_CACHE='1', ASAN_OPTIONS='verify_asan_link_order=0')


@scenario
def tls_1_2_gets_nothing(place):
    distrusted(place, place.server(), 'no TLS 1.3', oldest=ssl.TLSVersion.TLSv1_2, newest=ssl.TLSVersion.TLSv1_2)


@scenario
def the_systems_own_list_of_authorities_is_not_read(place):
    """The anchor is another authority's; SSL_CERT_FILE, which OpenSSL reads as the system's list, has the right one."""
    with open(place.path('system.pem'), 'wb') as f:
        f.write(place.authority.pem())
    os.environ['SSL_CERT_FILE'] = place.path('system.pem')
    distrusted(place, place.server(), 'another authority', anchor=certificates.Authority('Third').der())


@scenario
def a_gateway_that_does_not_know_the_unit_is_told_apart(place):
    c = place.collector(clients=certificates.Authority('Units of others').pem().decode())
    room = place.room('https://localhost:%d/in' % c.port, certificate=place.client())
    room.offer(1)
    room.wait(lambda: room.trouble & {NOT_TRUSTED, TRY_AGAIN}, 60, 'a refused handshake')
    assert not c.kept


# ---- answers ----

def goes_on_after(place, act, trouble, words=None, kind='gateway', tries=1, limit_s=60):
    c, room = getattr(place, kind)([act] * tries)
    room.offer(1)
    room.in_trouble(trouble, limit_s)
    assert room.trouble <= {0, trouble}, 'another trouble too: %r' % room.trouble
    if words:
        room.logged(words)
    room.delivered(1, limit_s=90)
    holds(c, 1, '/in' if kind == 'gateway' else '/records')
    return c, room


def answers(code, trouble, words):
    def run(place):
        goes_on_after(place, acts.status(code), trouble, words)
    run.__name__ = 'answer_%d_is_named_and_tried_again' % code
    scenario(run)


for code, trouble, words in (
        (301, WRONG_PLACE, 'somewhere else'), (307, WRONG_PLACE, 'somewhere else'), (400, REFUSED, 'does not accept'),
        (401, NOT_ALLOWED, 'does not know this unit'), (403, NOT_ALLOWED, 'forbids'), (404, WRONG_PLACE, 'no such folder or bucket'),
        (405, WRONG_PLACE, 'nothing can be put there'), (413, REFUSED, 'larger than it takes'), (429, TRY_AGAIN, 'too many'),
        (500, TRY_AGAIN, 'it failed'), (503, TRY_AGAIN, 'not available'), (507, TRY_AGAIN, 'storage is full')):
    answers(code, trouble, words)


@scenario
def a_redirect_is_not_followed(place):
    other = place.collector(place.path('server.pem') if os.path.exists(place.path('server.pem')) else place.server())
    c, room = place.gateway()
    c.plan.append(acts.status(307, ('Location', 'https://localhost:%d/elsewhere' % other.port)))
    room.offer(1)
    room.in_trouble(WRONG_PLACE)
    assert not other.seen


@scenario
def retry_after_is_obeyed(place):
    c, room = place.gateway([acts.status(429, ('Retry-After', '6'))])
    room.offer(1)
    room.delivered(1)
    assert c.seen[1][0] - c.seen[0][0] >= 6, 'it came back after %.1f s' % (c.seen[1][0] - c.seen[0][0])


@scenario
def a_wrong_checksum_in_the_answer_is_no_delivery(place):
    goes_on_after(place, acts.wrong_checksum, NOT_THE_SAME, 'another checksum', kind='store')


@scenario
def a_gateway_that_keeps_something_else_is_found_out(place):
    c, room = place.gateway([acts.takes_another])
    room.offer(1)
    room.in_trouble(NOT_THE_SAME)
    room.in_trouble(TAKEN)
    room.logged('a different record of that name is there')
    assert not room.receipts


@scenario
def a_gateway_that_says_yes_and_keeps_nothing_is_found_out(place):
    goes_on_after(place, acts.forgets, NOT_THE_SAME, 'accepted, and nothing is there')


@scenario
def somebody_elses_record_under_the_name_is_not_overwritten(place):
    c, room = place.store()
    c.kept[path(1, '/records')] = b'another'
    room.offer(1)
    room.in_trouble(TAKEN)
    assert c.kept[path(1, '/records')] == b'another' and not room.receipts


@scenario
def a_conflict_of_two_writers_is_tried_again(place):
    goes_on_after(place, acts.status(409), TRY_AGAIN, 'somebody else writes that name', kind='store')


@scenario
def a_name_that_is_held_and_not_shown_is_tried_again(place):
    """412 to the PUT, 404 to the GET: a record of another writer that is not whole yet."""
    c, _ = goes_on_after(place, acts.status(412), TRY_AGAIN, 'holds that name, and does not show it')
    assert [r.method for _, r in c.seen] == ['PUT', 'GET', 'PUT', 'GET']


@scenario
def an_answer_lost_on_the_way_back_delivers_once(place):
    c, room = place.gateway([acts.lost])
    room.offer(1)
    room.delivered(1)
    holds(c, 1)
    assert len(c.kept) == 1


@scenario
def no_answer_is_tried_again(place):
    goes_on_after(place, acts.silent, TRY_AGAIN)


@scenario
def an_open_connection_that_never_answers_is_given_up(place):
    c, _ = goes_on_after(place, acts.mute, TRY_AGAIN, 'silent or too slow', limit_s=120)
    assert len([r for _, r in c.seen if r.method == 'PUT']) == 2


@scenario
def half_an_answer_is_no_answer(place):
    goes_on_after(place, acts.half, TRY_AGAIN)


@scenario
def an_answer_of_one_byte_a_second_is_given_up(place):
    goes_on_after(place, acts.trickle, TRY_AGAIN, 'too slow')


@scenario
def headers_without_end_are_cut_off(place):
    goes_on_after(place, acts.endless_headers, TRY_AGAIN, 'has no end')


@scenario
def a_body_without_end_is_cut_off(place):
    goes_on_after(place, acts.endless_body, TRY_AGAIN, 'has no end')


@scenario
def wrong_keys_are_named(place):
    c = place.collector(s3=True)
    room = place.room('s3:https://localhost:%d/records' % c.port, s3_keys=b'S3RVER\nwrong\n')
    room.offer(1)
    room.in_trouble(NOT_ALLOWED)
    assert c.problems == ['wrong signature'] * len(c.seen) and not c.kept


# ---- links ----

@scenario
def nobody_at_the_address(place):
    c, room = place.gateway()
    port = c.port
    c.close()
    room.offer(1)
    room.in_trouble(TRY_AGAIN)
    room.logged('nobody answers')
    c.listen(port)
    room.delivered(1)
    room.logged('delivering_again')


@scenario
def a_line_that_breaks_off_before_tls_is_no_question_of_trust(place):
    """Connections are taken and closed at once: nobody refused anything, so nobody has to come, and pauses stay short."""
    c, room = place.gateway()
    wire = line.Wire(c.port, random.Random(5), cuts=0, down=True)
    room.end()
    room.words['to'] = 'https://localhost:%d/in' % wire.port
    room.start()
    room.offer(1)
    room.in_trouble(TRY_AGAIN)
    room.logged('broke off before TLS')
    wire.down(False)
    room.delivered(1)
    assert room.trouble <= {0, TRY_AGAIN}, room.trouble


@scenario
def a_name_service_that_is_gone(place):
    room = place.room('https://collector.invalid/in', certificate=place.client())
    room.offer(1)
    room.in_trouble(TRY_AGAIN)
    room.logged('name is not known')


@scenario
def a_replaced_list_of_name_servers_is_read_after_a_new_start(place):
    """DHCP puts a new /etc/resolv.conf in the old one's place, which Landlock keeps from a room that runs."""
    etc = names.Etc(place.path('etc'))
    service = names.Service('127.0.83.1')
    c = place.collector(place.server(hosts=['collector.example']), clients=place.authority.pem().decode())
    etc.put('resolv.conf', 'nameserver 127.0.83.2\n')    # nobody is there
    etc.inside(lambda: place.room('https://collector.example:%d/in' % c.port, certificate=place.client()))
    room = place.rooms[-1]
    room.offer(1)
    room.in_trouble(TRY_AGAIN)
    room.logged('name is not known')
    etc.put('resolv.conf', 'nameserver 127.0.83.1\n')
    if room.vitals['landlock_abi'] > 0:
        assert room.ended() == 0, 'the room should end well'
        room.logged('name service were replaced')
        assert not service.asked and not room.receipts
        etc.inside(room.start)
        room.offer(1)                # as spool does when it hears hello
    room.delivered(1)
    holds(c, 1)
    assert service.asked


@scenario
def a_flapping_link_loses_and_doubles_nothing(place):
    """Connections are cut at random places, again and again."""
    c, room = place.gateway()
    wire = line.Wire(c.port, random.Random(5))
    room.end()
    room.words['to'] = 'https://localhost:%d/in' % wire.port
    room.start()
    for s in range(1, 21):
        room.offer(s)
        room.delivered(s, limit_s=120)
    for s in range(1, 21):
        holds(c, s)
    assert wire.cut > 3, 'the link was cut only %d times' % wire.cut


@scenario
def killed_in_the_middle_of_an_upload(place):
    """Twenty kills; what was not acknowledged is offered again, as spool does."""
    c, room = place.gateway(max_kbit_s=4000)
    rng, s = random.Random(7), 1
    for _ in range(20):
        room.offer(s)
        time.sleep(rng.uniform(.02, .2))
        room.end(signal.SIGKILL)
        with room.changed:
            done = (1, s, 1) in room.receipts
        s += done
        drain(room)
        room.start()
    room.offer(s)
    room.delivered(s)
    for n in range(1, s + 1):
        holds(c, n)
    assert len(c.kept) == s


def drain(room):
    """What the killed room did not read; spool looks at the pipe in the same way before it offers again."""
    try:
        while os.read(room.pipes[4][0], 4096):
            pass
    except BlockingIOError:
        pass


@scenario
def leaving_does_not_wait_for_a_slow_collector(place):
    c, room = place.gateway([acts.trickle])
    room.offer(1)
    time.sleep(1.5)
    began = time.monotonic()
    assert room.end() == 0, 'a room that was asked to leave ends well'
    assert time.monotonic() - began < 5


@scenario
def a_proxy_that_replays_and_reorders_changes_nothing_at_nginx(place):
    """It stands between unit and gateway and ends TLS itself. A receipt only ever comes for what nginx holds."""
    root = place.path('records')
    port = nginx(place, root, place.authority.pem())
    proxy = place.front(port, acts_as=Proxy, clients=place.authority.pem().decode())
    room = place.room('https://localhost:%d/in' % proxy.port, certificate=place.client())
    for s in range(1, 31):
        room.offer(s)
        room.delivered(s, limit_s=180)
        with open(root + path(s), 'rb') as f:
            assert f.read() == record(s)
    proxy.play_what_it_held()
    assert sorted(os.listdir(root + '/in/booth-7')) == [os.path.basename(path(s)) for s in range(1, 31)]
    for s in range(1, 31):
        with open(root + path(s), 'rb') as f:
            assert f.read() == record(s)
    assert min(proxy.did.values()) > 1, 'it did too little: %r' % proxy.did


@scenario
def a_proxy_that_replays_and_reorders_changes_nothing_at_an_object_store(place):
    c = place.collector(s3=True)
    proxy = place.front(c.port, acts_as=Proxy)
    room = place.room('s3:https://localhost:%d/records' % proxy.port, s3_keys=b'S3RVER\ntestsecret\n')
    for s in range(1, 31):
        room.offer(s)
        room.delivered(s, limit_s=180)
        holds(c, s, '/records')
    proxy.play_what_it_held()
    assert sorted(c.kept) == [path(s, '/records') for s in range(1, 31)] and not c.problems
    assert min(proxy.did.values()) > 1, 'it did too little: %r' % proxy.did


class Proxy(acts.Front):
    """Requests come to the server behind it twice, again long afterwards, late, or in another order, and answers of
    other requests come back. Every third request passes as it is, so that there is an end."""

    def __init__(self, *args, **how):
        super().__init__(*args, **how)
        self.rng, self.n, self.answers, self.held = random.Random(9), 0, {}, []
        self.did = dict.fromkeys(('twice', 'again', 'held', 'old_answer'), 0)

    def answer(self, request, connection):
        self.n += 1
        act = self.rng.choice(list(self.did)) if self.n % 3 else None
        old = self.answers.get(request.method)
        if act:
            self.did[act] += act != 'old_answer' or old is not None
        if act == 'held':              # and the unit's connection is closed
            self.held.append(request)
            return False
        if act == 'again':
            self.play_what_it_held()
            self.held.append(request)
        got = self.forward(request)
        if act == 'twice':
            got = self.forward(request)
        if act == 'old_answer' and old:
            got = old
        self.answers[request.method] = got
        return acts.say(connection, *got)

    def play_what_it_held(self):
        held, self.held = self.held, []
        for request in reversed(held):
            self.forward(request)


# ---- lines that lose packets ----

def over_a_line(place):
    """(line, collector at its far end, room at its near end)"""
    try:
        wire = line.Line()
    except line.Impossible as why:
        raise Skipped(str(why)) from None
    place.ends.append(wire.end)
    with wire.far():
        c = place.collector(s3=True, host='0.0.0.0')
    with wire.near():
        room = place.room('s3:https://%s:%d/records' % (line.COLLECTOR, c.port), s3_keys=b'S3RVER\ntestsecret\n')
    return wire, c, room


def delivers_over(place, **how):
    wire, c, room = over_a_line(place)
    wire.set(**how)
    for s in range(1, 11):
        room.offer(s)
        room.delivered(s, limit_s=120)
    for s in range(1, 11):
        holds(c, s, '/records')
    assert len(c.kept) == 10


@scenario
def a_line_of_1_mbit_that_loses_and_delays_packets(place):
    delivers_over(place, rate_kbit=1000, delay_ms=50, loss=.05)


@scenario
def a_line_that_repeats_and_reorders_packets(place):
    delivers_over(place, delay_ms=20, again=.1, reorder=.2)


@scenario
def a_line_that_goes_away_and_comes_back(place):
    wire, c, room = over_a_line(place)
    for s in range(1, 6):
        wire.cut()
        room.offer(s)
        time.sleep(2)
        assert not c.kept.get(path(s, '/records')), 'it arrived over a line that is cut'
        wire.set(rate_kbit=1000, delay_ms=20)
        room.delivered(s, limit_s=180)
        holds(c, s, '/records')


# ---- pace ----

@scenario
def the_line_is_not_taken_beyond_its_cap(place):
    """As records of a lane are: many that fit libcurl's buffer, so that it is never the one to wait, and a large one."""
    kbit_s = 800
    _, room = place.store(max_kbit_s=kbit_s)
    sizes = [20000] * 30 + [400000, 20000]
    began = time.monotonic()
    for s, size in enumerate(sizes, 1):
        room.offer(s, record(s, size))
        room.delivered(s)
    room.offer(len(sizes) + 1, b'the pause before this one is part of the time')
    room.delivered(len(sizes) + 1)
    took, least = time.monotonic() - began, sum(sizes) * 8 / 1000 / kbit_s
    assert took > .97 * least, '%d bytes at %d kbit/s take %.1f s, these took %.1f' % (sum(sizes), kbit_s, least, took)
    return '%d records at a cap of %d kbit/s: %.0f kbit/s of record bytes' % (len(sizes), kbit_s, least * kbit_s / took)


@scenario
def a_very_low_cap_is_slow_and_not_given_up(place):
    """13 kB at 1 kbit/s take longer than uplink gives a request on a line without a cap."""
    c, room = place.store(max_kbit_s=1)
    room.offer(1, record(1, 13000))
    room.delivered(1, limit_s=300)
    assert len(c.seen) == 1, 'it was sent %d times' % len(c.seen)


@scenario
def with_a_cadence_records_leave_at_ticks_only(place):
    c, room = place.store(cadence_s=2)
    for s in range(1, 5):
        room.offer(s)
        room.delivered(s)
    at = [t for t, _ in c.seen]
    gaps = [b - a for a, b in zip(at, at[1:])]
    assert all(abs(g - 2 * round(g / 2)) < .5 and g > 1.5 for g in gaps), gaps
    off = [abs(g - 2 * round(g / 2)) for g in gaps]
    return '%d records, ticks of 2 s: at most %.0f ms off a tick, median %.0f' % (len(at), 1000 * max(off), 1000 * sorted(off)[len(off) // 2])


@scenario
def pauses_grow(place):
    c, room = place.gateway([acts.status(500)] * 5)
    room.offer(1)
    room.delivered(1, limit_s=90)
    at = [t for t, r in c.seen if r.method == 'PUT']
    gaps = [b - a for a, b in zip(at, at[1:])]
    assert gaps[3] > gaps[0] and gaps[4] >= 7.5 and sum(gaps) < 40, gaps


# ---- what cannot work is said at start ----

def does_not_start(place, words, **how):
    room = place.room(how.pop('to', 'https://localhost:1/in'), **how)
    until = time.monotonic() + 10
    pid = 0
    while not pid and time.monotonic() < until:
        pid, status = os.waitpid(room.pid, os.WNOHANG)
        time.sleep(.02)
    assert pid and os.waitstatus_to_exitcode(status) == 78, 'it runs'
    room.pid = None
    room.logged(words)


@scenario
def without_an_anchor_nothing_starts(place):
    does_not_start(place, 'anchor', anchor=b'')


@scenario
def keys_of_the_wrong_form_are_named(place):
    does_not_start(place, 's3_keys must hold two lines', to='s3:https://localhost:1/b', s3_keys=b'no second line')


@scenario
def no_secret_is_logged(place):
    c = place.collector(s3=True)
    room = place.room('s3:https://localhost:%d/records' % c.port, s3_keys=b'S3RVER\nan-unlikely-secret\n', certificate=place.client())
    room.offer(1)
    room.in_trouble(NOT_ALLOWED)
    text = room.log()
    assert 'unlikely' not in text and 'PRIVATE' not in text and 'S3RVER' not in text


# ---- real servers ----

@scenario
def nginx_as_the_gateway(place):
    root = place.path('records')
    port = nginx(place, root, place.authority.pem())
    room = place.room('https://localhost:%d/in' % port, certificate=place.client())
    for s in range(1, 11):
        room.offer(s)
        room.delivered(s)
    for s in range(1, 11):
        with open(root + path(s), 'rb') as f:
            assert f.read() == record(s)
    stranger = place.room('https://localhost:%d/in' % port)
    stranger.offer(11)
    stranger.wait(lambda: stranger.trouble, 30, 'a unit without a certificate to be refused')
    assert not os.path.exists(root + path(11))


@scenario
def twenty_units_and_one_nginx(place):
    root = place.path('records')
    port = nginx(place, root, place.authority.pem())
    rooms = [place.room('https://localhost:%d/in' % port, certificate=place.client(), unit='unit-%02d' % i) for i in range(20)]
    for s in range(1, 6):
        for room in rooms:
            room.offer(s)
        for room in rooms:
            room.delivered(s, limit_s=120)
    found = sorted(os.path.join(d, f)[len(root):] for d, _, fs in os.walk(root) for f in fs)
    assert found == sorted('/in/unit-%02d/%08d-%020d.lsr' % (i, 1, s) for i in range(20) for s in range(1, 6))


@scenario
def s3rver_as_the_object_store(place):
    """npm's s3rver, an S3 server by other people. It does not look at signatures; the front before it does."""
    front = place.front(s3rver(place), s3=True)
    port = front.port
    room = place.room('s3:https://localhost:%d/records' % port, s3_keys=b'S3RVER\ntestsecret\n')
    for s in range(1, 6):
        room.offer(s)
        room.delivered(s)
    room.offer(1)
    room.wait(lambda: room.receipts.count((1, 1, 1)) == 2, 60, 'the same record again')
    for s in range(1, 6):
        with open(place.path('objects/records/booth-7/%s._S3rver_object' % os.path.basename(path(s))), 'rb') as f:
            assert f.read() == record(s)
    assert not front.problems, front.problems
    stranger = place.room('s3:https://localhost:%d/records' % port, s3_keys=b'S3RVER\nanother secret\n')
    stranger.offer(6)
    stranger.in_trouble(NOT_ALLOWED)
    stranger.logged('forbids this unit to write there: look at its certificate or keys')
    assert front.problems == ['wrong signature'] * len(front.problems)
    assert not stranger.receipts and not os.path.exists(place.path('objects/records/booth-7/%s._S3rver_object' % os.path.basename(path(6))))


@scenario
def twenty_units_and_one_object_store(place):
    port = s3rver(place)
    rooms = [place.room('s3:https://localhost:%d/records' % port, s3_keys=b'S3RVER\ntestsecret\n', unit='unit-%02d' % i) for i in range(20)]
    for s in range(1, 6):
        for room in rooms:
            room.offer(s)
        for room in rooms:
            room.delivered(s, limit_s=120)
    for i in range(20):
        for s in range(1, 6):
            with open(place.path('objects/records/unit-%02d/%s._S3rver_object' % (i, os.path.basename(path(s)))), 'rb') as f:
                assert f.read() == record(s)
