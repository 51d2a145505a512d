"""Servers by other people that units deliver to."""
import os
import shutil
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Skipped(Exception):
    """This machine has not what a scenario needs; the reason is said."""


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


def nginx(place, root, units):
    """Debian's nginx with its DAV module as the gateway; only units with a certificate get in."""
    program = shutil.which('nginx') or '/usr/sbin/nginx'
    if not os.path.exists(program):
        raise Skipped('nginx is not installed')
    for folder in (root, place.path('tmp')):
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o777)
    with open(place.path('units.pem'), 'wb') as f:
        f.write(units)
    port = free_port()
    text = open(os.path.join(HERE, '../../docs/nginx-gateway.conf')).read()
    for name, value in (('@PORT@', port), ('@SERVER_PEM@', place.server()), ('@UNITS_PEM@', place.path('units.pem')),
                        ('@FOLDER@', root), ('@TMP@', place.path('tmp'))):
        text = text.replace(name, str(value))
    with open(place.path('nginx.conf'), 'w') as f:
        f.write(text)
    command = [program, '-c', place.path('nginx.conf'), '-p', place.folder, '-e', place.path('nginx.log'), '-g', 'daemon off;']
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    place.ends.append(lambda: (server.terminate(), server.wait()))
    wait_for_port(port, server, place.path('nginx.log'))
    return port


def wait_for_port(port, server, log):
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError('it does not listen: ' + open(log).read()[-1000:]) from None
            time.sleep(.1)


def s3rver(place, address='127.0.0.1'):
    """npm's s3rver. It does not look at signatures; collector.signature_fault does."""
    if not shutil.which('node') or not os.path.isdir(os.path.join(HERE, 'node_modules', 's3rver')):
        raise Skipped('s3rver is not installed: run "npm ci" in tests/uplink')
    port = free_port()
    with open(place.path('s3rver.log'), 'wb') as log:
        server = subprocess.Popen(['node', os.path.join(HERE, 's3server.js'), address, str(port), place.server(), place.path('objects')],
                                  stdout=log, stderr=log)
    place.ends.append(lambda: (server.terminate(), server.wait()))
    wait_for_port(port, server, place.path('s3rver.log'))
    return port
