"""A collector that keeps what it is given and misbehaves on request: TLS in front, HTTP/1.1 by hand.

`plan` is a list of acts for the next requests, one each; when it is empty the collector
behaves. An act gets (collector, request, connection) and returns True to keep the connection.
With `s3` it demands AWS Signature Version 4, worked out here by the book.
"""
import base64
import datetime
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
import time

ID, SECRET, REGION = 'S3RVER', 'testsecret', 'us-east-1'   # the only ID that npm's s3rver knows
SKEW_S = 15 * 60   # what AWS allows, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Collector:
    def __init__(self, pair, clients=None, s3=False, oldest=ssl.TLSVersion.TLSv1_3, newest=None, host='127.0.0.1'):
        self.kept, self.plan, self.seen, self.s3, self.problems = {}, [], [], s3, []
        self.host = host
        self.lock = threading.Lock()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = oldest
        if newest:
            self.context.maximum_version = newest
        self.context.load_cert_chain(pair)
        if clients:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(cadata=clients)
        self.port = None
        self.listen(0)

    def listen(self, port):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((self.host, port))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.socket,), daemon=True).start()

    def close(self):
        """Nobody listens any more; listen(port) brings it back."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def accept(self, listening):
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        try:
            plain.settimeout(90)
            with self.context.wrap_socket(plain, server_side=True) as connection:
                left = b''
                while True:
                    request, left = self.read(connection, left)
                    if request is None or not self.answer(request, connection):
                        return
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            plain.close()

    def read(self, connection, have):
        while b'\r\n\r\n' not in have:
            more = connection.recv(65536)
            if not more:
                return None, b''
            have += more
        head, have = have.split(b'\r\n\r\n', 1)
        lines = head.decode('latin1').split('\r\n')
        method, path, _ = lines[0].split(' ')
        headers = {k.lower(): v.strip() for k, v in (line.split(':', 1) for line in lines[1:])}
        size = int(headers.get('content-length', 0))
        while len(have) < size:
            more = connection.recv(65536)
            if not more:
                return None, b''
            have += more
        return Request(method, path, headers, have[:size]), have[size:]

    def answer(self, request, connection):
        with self.lock:
            self.seen.append((time.monotonic(), request))
            act = self.plan.pop(0) if self.plan else behave
        return act(self, request, connection)


def say(connection, status, headers=(), body=b''):
    lines = ['HTTP/1.1 %d Word' % status, 'Content-Length: %d' % len(body)] + ['%s: %s' % h for h in headers]
    connection.sendall('\r\n'.join(lines + ['', '']).encode() + body)
    return True


def signature_fault(request):
    """None, or what is wrong with the request's AWS4-HMAC-SHA256 signature."""
    given = request.headers.get('authorization', '')
    if not given.startswith('AWS4-HMAC-SHA256 '):
        return 'no signature'
    parts = dict(p.strip().split('=', 1) for p in given[17:].split(','))
    signed, scope = parts['SignedHeaders'].split(';'), parts['Credential'].split('/', 1)
    if scope[0] != ID or not scope[1].endswith('/%s/s3/aws4_request' % REGION):
        return 'scope %r' % scope
    for wanted in ('host', 'x-amz-date', 'x-amz-content-sha256'):
        if wanted not in signed:
            return '%s is not signed' % wanted
    date = datetime.datetime.strptime(request.headers['x-amz-date'], '%Y%m%dT%H%M%SZ')
    if abs((date - datetime.datetime.utcnow()).total_seconds()) > SKEW_S:
        return 'the clock is wrong'
    if request.headers['x-amz-content-sha256'] != hashlib.sha256(request.body).hexdigest():
        return 'x-amz-content-sha256 is not that of the body'
    canonical = '\n'.join([request.method, request.path, ''] + ['%s:%s' % (h, request.headers[h]) for h in signed]
                          + ['', ';'.join(signed), request.headers['x-amz-content-sha256']])
    text = '\n'.join(['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope[1], hashlib.sha256(canonical.encode()).hexdigest()])
    key = ('AWS4' + SECRET).encode()
    for word in scope[1].split('/'):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return None if hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == parts['Signature'] else 'wrong signature'


def checksum(body):
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def behave(c, request, connection):
    """What a good collector does."""
    fault = signature_fault(request) if c.s3 else None
    if fault:
        c.problems.append(fault)
        return say(connection, 403)
    if request.method == 'GET':
        return say(connection, 200, body=c.kept[request.path]) if request.path in c.kept else say(connection, 404)
    if request.headers.get('if-none-match') == '*' and request.path in c.kept:
        return say(connection, 412)
    if c.s3 and request.headers.get('x-amz-checksum-sha256') != checksum(request.body):
        c.problems.append('wrong checksum header')
        return say(connection, 400)
    with c.lock:
        if request.path in c.kept and c.kept[request.path] != request.body:
            c.problems.append('%s was overwritten' % request.path)
        c.kept[request.path] = request.body
    return say(connection, 200 if c.s3 else 201, [('x-amz-checksum-sha256', checksum(request.body))] if c.s3 else [])


class Front(Collector):
    """Ends TLS, asks for a signature if `s3`, and hands on to a server on another port of this machine."""

    def __init__(self, pair, authority, port, client=None, **how):
        super().__init__(pair, **how)
        self.there = port
        self.context_there = ssl.create_default_context(cadata=authority)
        if client:
            self.context_there.load_cert_chain(client)

    def answer(self, request, connection):
        fault = signature_fault(request) if self.s3 else None
        if fault:
            self.problems.append(fault)
            return say(connection, 403)
        return say(connection, *self.forward(request))

    def forward(self, request):
        """(status, headers, body)"""
        there = http.client.HTTPSConnection('localhost', self.there, context=self.context_there, timeout=30)
        there.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            there.putheader(name, value)
        there.endheaders(request.body or None)
        reply = there.getresponse()
        body = reply.read()
        there.close()
        return reply.status, [h for h in reply.getheaders() if h[0].lower().startswith('x-amz-')], body


# ---- acts ----

def status(code, *headers):
    return lambda c, request, connection: say(connection, code, headers)


def lost(c, request, connection):
    """Takes the record and closes without an answer."""
    c.kept[request.path] = request.body
    return False


def silent(c, request, connection):
    return False


def mute(c, request, connection):
    """Takes the record and says nothing; the connection stays open until the unit gives up."""
    connection.settimeout(120)
    connection.recv(1)
    return False


def half(c, request, connection):
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it')
    return False


def trickle(c, request, connection):
    for byte in b'HTTP/1.1 201 Created\r\nContent-Length: 0\r\nX-Filler: ' + b'a' * 200:
        connection.sendall(bytes([byte]))
        time.sleep(1)
    return False


def endless_headers(c, request, connection):
    connection.sendall(b'HTTP/1.1 201 Created\r\n')
    while True:
        connection.sendall(b'X-More: ' + b'a' * 900 + b'\r\n')


def endless_body(c, request, connection):
    connection.sendall(b'HTTP/1.1 201 Created\r\n\r\n')
    while True:
        connection.sendall(b'a' * 4096)


def wrong_checksum(c, request, connection):
    return say(connection, 200, [('x-amz-checksum-sha256', checksum(b'something else'))])


def takes_another(c, request, connection):
    """Says yes, and keeps something else."""
    c.kept[request.path] = request.body[:-1] + b'?'
    return say(connection, 201)


def forgets(c, request, connection):
    return say(connection, 201)
