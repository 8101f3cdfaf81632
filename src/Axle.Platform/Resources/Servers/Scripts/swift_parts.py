"""OpenStack Swift as Axle runs it: a proxy, the servers behind it, and one process that tidies up.

Swift's own programs read /etc/swift, log to syslog, and have the parts behind the proxy listen on TCP, where they do whatever
anybody on the machine asks. Here settings are in the volume, warnings go to where the engine reads them, and the parts meet at
sockets in a folder that nobody else can enter. When one part ends, all do, and the engine starts them again.
"""
import logging
import os
import shutil
import signal
import sys
import time

from swift.common import utils

# Before the rest of Swift, which reads them while it is imported.
SETTINGS = '/data/settings'
utils.set_swift_dir(SETTINGS)

from swift.common import bufferedhttp, wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402

SOCKETS = '/data/run'

# The only disk: what is on it is spread over 2**4 folders, and that may never change.
PART_POWER = 4

# By these the proxy knows the parts behind it; they name their sockets.
NUMBERS = {'object': 6200, 'container': 6201, 'account': 6202}

# Seconds between two looks: for sizes of accounts, which quotas are checked by; for updates that a busy part missed; for what
# is left of things that were deleted long ago.
SIZES_EVERY = 5
UPDATES_EVERY = 60
REMAINS_EVERY = 3600

STOP_SECONDS = 5


def socket_of(number):
    return '%s/%d' % (SOCKETS, int(number))


def connect(connection):
    """In the place of BufferedHTTPConnection.connect."""
    connection._connected_time = time.time()
    connection.sock = bufferedhttp.socket.socket(bufferedhttp.socket.AF_UNIX, bufferedhttp.socket.SOCK_STREAM)
    connection.sock.settimeout(connection.timeout)
    connection.sock.connect(socket_of(connection.port))


def listen(conf):
    """In the place of wsgi.get_socket."""
    from eventlet.green import socket
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(socket_of(conf['bind_port']))
    sock.listen(1024)
    return sock


def write_rings():
    for kind, number in NUMBERS.items():
        builder = RingBuilder(PART_POWER, 1, 1)
        builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'weight': 1.0, 'device': 'disk', 'ip': '127.0.0.1', 'port': number,
                         'replication_ip': '127.0.0.1', 'replication_port': number})
        builder.rebalance(seed='0')
        builder.get_ring().save('%s/%s.ring.gz' % (SETTINGS, kind))


def serve(part):
    if part != 'proxy':
        wsgi.get_socket = listen
    return wsgi.run_wsgi('%s/%s-server.conf' % (SETTINGS, part), '%s-server' % part, verbose=True)


def tidy():
    """Swift has a daemon for each of these; here they are rare enough to take turns."""
    from swift.account.replicator import AccountReplicator
    from swift.container.replicator import ContainerReplicator
    from swift.container.updater import ContainerUpdater
    from swift.obj.updater import ObjectUpdater

    utils.eventlet_monkey_patch()
    work = []
    for kind, daemon, every in (('container-updater', ContainerUpdater, SIZES_EVERY), ('object-updater', ObjectUpdater, UPDATES_EVERY),
                                ('object-replicator', Tombstones, REMAINS_EVERY),
                                ('container-replicator', ContainerReplicator, REMAINS_EVERY),
                                ('account-replicator', AccountReplicator, REMAINS_EVERY)):
        conf = utils.readconf('%s/%s-server.conf' % (SETTINGS, kind.split('-')[0]), kind)
        logger = utils.get_logger(conf, kind, log_to_console=True, log_route=kind)
        work.append([time.monotonic() + every, every, daemon(conf, logger=logger)])

    while True:
        for one in work:
            if time.monotonic() >= one[0]:
                one[2].run_once()
                one[0] = time.monotonic() + one[1]
        time.sleep(1)


class Tombstones(object):
    """What Swift writes in the place of an object that was deleted; taken away when no late news of the object can come."""

    def __init__(self, conf, logger):
        from swift.obj.diskfile import DiskFileManager
        self.files = DiskFileManager(conf, logger)
        self.objects = os.path.join(conf['devices'], 'disk', 'objects')

    def run_once(self):
        for folder, _, names in os.walk(self.objects, topdown=False):
            if any(name.endswith('.ts') for name in names):
                self.files.cleanup_ondisk_files(folder)
                try:
                    os.rmdir(folder)
                except OSError:
                    pass


def start(part):
    """A part as a process of its own; it shares what Swift's modules take of memory with the others."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        status = tidy() if part == 'tidy' else serve(part)
    except BaseException:
        logging.exception('The part %s of Swift failed.', part)
    finally:
        os._exit(status or 0)


def main():
    def ask_to_end(*_):
        raise SystemExit(0)

    utils.ThreadSafeSysLogHandler = lambda *_, **__: logging.NullHandler()
    bufferedhttp.BufferedHTTPConnection.connect = connect
    shutil.rmtree(SOCKETS, ignore_errors=True)
    os.mkdir(SOCKETS, 0o700)
    write_rings()
    signal.signal(signal.SIGTERM, ask_to_end)
    running = {}
    try:
        for part in list(NUMBERS) + ['tidy', 'proxy']:
            running[start(part)] = part
        ended, status = os.wait()
        print('The part %s of Swift ended (%d).' % (running.pop(ended, '?'), status), file=sys.stderr)
        return 1
    finally:
        end(running)


def end(running):
    for process in running:
        os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running and time.monotonic() < deadline:
        process, _ = os.waitpid(-1, os.WNOHANG)
        running.pop(process, None)
        time.sleep(0 if process else 0.02)
    for process in running:
        os.kill(process, signal.SIGKILL)


if __name__ == '__main__':
    sys.exit(main())
