"""Who may do what in the Swift of an environment: a filter of its proxy behind s3api, and one before it that sees requests whole.

An access key opens one bucket in one account. Its secret is made from its id and the master secret, so that no list of
secrets is kept anywhere; what is kept is which ids count. A key that is taken away is refused at once, also in the middle of
a request. The platform itself comes with the master secret as X-Auth-Token: it may do everything in Swift's own API, and
here:

    PUT    /axle/keys/ID {"account": ..., "bucket": ...}     the key opens this bucket from now on
    GET    /axle/keys/ID                                     {"requests": how many are being served now}
    DELETE /axle/keys/ID
    GET    /axle/accounts/ACCOUNT                            {"requests": of all of its keys}
    DELETE /axle/accounts/ACCOUNT                            all of its keys
    GET    /axle/server/now                                  {"requests": of everybody, "version": of Swift}
"""
import base64
import hashlib
import hmac
import json
import os

from swift import __version__
from swift.common.swob import HTTPForbidden, HTTPNoContent, HTTPNotFound, HTTPUnauthorized, Request, Response

SEGMENTS = '+segments'
SECRET_BYTES = 30
BODY_MAX = 4096

# Where a request finds itself in its environment.
SERVED = 'axle.served'


class KeyTaken(Exception):
    """The key was taken away while it was in use."""


class Keys(object):
    def __init__(self, app, conf):
        self.app = app
        self.file = conf['keys_file']
        with open(conf['master_file'], 'rb') as file:
            self.master = file.read().strip()
        if not self.master:
            raise ValueError('The master secret is empty.')
        self.keys = {}
        if os.path.exists(self.file):
            with open(self.file) as file:
                self.keys = json.load(file)

    def __call__(self, env, start_response):
        token = env.get('HTTP_X_AUTH_TOKEN', '').encode('utf8', 'replace')
        master = bool(token) and hmac.compare_digest(token, self.master)
        if env.get('PATH_INFO', '').startswith('/axle/'):
            answer = self.administer(Request(env)) if master else HTTPUnauthorized()
            return answer(env, start_response)
        if master:
            env['swift.authorize'] = lambda request: None
            env['reseller_request'] = True
            return self.app(env, start_response)

        # Swift's own questions meanwhile, which come without the key. No client can set this: headers have other names.
        if env.get('swift.authorize_override'):
            return self.app(env, start_response)

        details = env.get('s3api.auth_details')
        key = details and details['access_key']
        right = self.keys.get(key) if key else None
        if right is None or not details['check_signature'](self.secret(key)):
            env['swift.authorize'] = lambda request: HTTPUnauthorized(request=request) if key else HTTPForbidden(request=request)
            return self.app(env, start_response)

        # s3api puts the key where the account belongs, and learns the account from here.
        version, account, rest = Request(env).split_path(2, 3, True)
        if account == key:
            env['PATH_INFO'] = '/'.join(['', version, right['account']] + ([] if rest is None else [rest]))
        env['REMOTE_USER'] = key
        env['swift.authorize'] = lambda request: None if self.allows(right, request) else HTTPForbidden(request=request)
        env[SERVED].know(key, self)
        return self.app(env, start_response)

    def secret(self, key):
        return base64.urlsafe_b64encode(hmac.new(self.master, key.encode('utf8'), hashlib.sha256).digest()[:SECRET_BYTES]).decode('ascii')

    @staticmethod
    def allows(right, request):
        """Everything in its bucket; but the bucket itself is the platform's to make and to take away."""
        try:
            _, account, container, item = request.split_path(2, 4, True)
        except ValueError:
            return False
        if account != right['account']:
            return False
        if container is None:
            return request.method in ('GET', 'HEAD')
        if container == right['bucket']:
            return item is not None or request.method != 'DELETE'
        return container == right['bucket'] + SEGMENTS

    def serving(self, keys):
        return sum(1 for served in Served.now if served.key in keys)

    def administer(self, request):
        _, what, which = request.split_path(3, 3)
        of_account = [key for key, right in self.keys.items() if right['account'] == which]
        asked = (request.method, what)
        if asked == ('PUT', 'keys'):
            given = json.loads(request.body_file.read(BODY_MAX))
            self.write(dict(self.keys, **{which: {'account': given['account'], 'bucket': given['bucket']}}))
            return HTTPNoContent()
        if asked == ('DELETE', 'keys'):
            return self.take_away([which])
        if asked == ('DELETE', 'accounts'):
            return self.take_away(of_account)
        if asked == ('GET', 'keys') and which in self.keys:
            return self.tell([which])
        if asked == ('GET', 'accounts'):
            return self.tell(of_account)
        if asked == ('GET', 'server'):
            return self.tell(self.keys, version=__version__)
        return HTTPNotFound()

    def tell(self, keys, **more):
        return Response(body=json.dumps(dict(more, requests=self.serving(keys))), content_type='application/json')

    def take_away(self, gone):
        if any(key in self.keys for key in gone):
            self.write({key: right for key, right in self.keys.items() if key not in gone})
        return HTTPNoContent()

    def write(self, keys):
        """On disk before it counts: who is told that a key is refused finds it refused after a crash too."""
        fresh = self.file + '.new'
        with open(fresh, 'w') as file:
            json.dump(keys, file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(fresh, self.file)
        self.keys = keys


class Served(object):
    """A request from its first to its last byte; s3api makes several of it, which all come with one key."""

    now = set()

    def __init__(self, source):
        self.source = source
        self.body = None
        self.parts = None
        self.key = None
        self.keys = None
        Served.now.add(self)

    def know(self, key, keys):
        self.key = key
        self.keys = keys

    def check(self):
        if self.key is not None and self.key not in self.keys.keys:
            raise KeyTaken()

    # What is uploaded, as long as the key counts.

    def read(self, *args, **kwargs):
        self.check()
        return self.source.read(*args, **kwargs)

    def readline(self, *args, **kwargs):
        self.check()
        return self.source.readline(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self.source, name)

    # What is downloaded, likewise.

    def answer(self, body):
        self.body = body
        self.parts = iter(body)
        return self

    def __iter__(self):
        return self

    def __next__(self):
        self.check()
        return next(self.parts)

    def close(self):
        Served.now.discard(self)
        if hasattr(self.body, 'close'):
            self.body.close()


class Whole(object):
    """The filter before s3api."""

    def __init__(self, app):
        self.app = app

    def __call__(self, env, start_response):
        served = env[SERVED] = Served(env['wsgi.input'])
        env['wsgi.input'] = served
        try:
            return served.answer(self.app(env, start_response))
        except BaseException:
            served.close()
            raise


def whole_factory(global_conf, **local_conf):
    return Whole


def keys_factory(global_conf, **local_conf):
    conf = dict(global_conf, **local_conf)
    return lambda app: Keys(app, conf)
