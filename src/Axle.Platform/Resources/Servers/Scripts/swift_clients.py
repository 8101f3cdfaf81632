"""What S3 clients send since 2025 and Swift 2.30 does not know yet: a filter of its proxy, before s3api.

Bodies that are sent in chunks of S3's own kind (aws-chunked), which s3api refuses; here they are unpacked once the signature of
the request was made of what the client sent. The CRC-32 behind them is checked; signatures of single chunks are not, since a
chunk can only be changed by somebody between client and server, and both are on this machine.

Orders to delete many objects, whose body clients prove by x-amz-checksum-*, where s3api insists on Content-MD5. The signature
proves it anyway, so the header is made here.
"""
import base64
import binascii
import hashlib
import io

from swift.common import swob
from swift.common.middleware.s3api import s3request
from swift.common.middleware.s3api.s3response import MissingContentLength

CHUNKED = ('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
DIGEST = 'HTTP_X_AMZ_CONTENT_SHA256'
LENGTH = 'HTTP_X_AMZ_DECODED_CONTENT_LENGTH'
ENCODING = 'HTTP_CONTENT_ENCODING'

# As s3api itself: 1,000 names of 1,024 bytes, with XML around.
ORDER_MAX = 2 << 20
LINE_MAX = 4096


class Clients(object):
    def __init__(self, app):
        self.app = app

    def __call__(self, env, start_response):
        if env['REQUEST_METHOD'] == 'POST' and 'HTTP_CONTENT_MD5' not in env and is_order_to_delete(env.get('QUERY_STRING', '')):
            length = env.get('CONTENT_LENGTH') or ''
            if length.isdigit() and int(length) <= ORDER_MAX:
                body = env['wsgi.input'].read(int(length))
                env['wsgi.input'] = io.BytesIO(body)
                env['HTTP_CONTENT_MD5'] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode('ascii')
        return self.app(env, start_response)


def is_order_to_delete(query):
    return any(part.split('=')[0] == 'delete' for part in query.split('&'))


class Chunks(object):
    """A body without the chunks that it came in."""

    def __init__(self, source, length):
        self.source = source
        self.left = length
        self.chunk = 0
        self.sum = 0
        self.ended = False

    def read(self, size=-1, *_):
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        parts = []
        while wanted:
            if not self.chunk:
                self.chunk = self.next_chunk()
                if not 0 < self.chunk <= self.left:
                    raise self.wrong()
            part = self.source.read(min(wanted, self.chunk))
            if not part:
                raise self.wrong()
            self.sum = binascii.crc32(part, self.sum)
            wanted -= len(part)
            self.left -= len(part)
            self.chunk -= len(part)
            if not self.chunk and self.line():
                raise self.wrong()
            parts.append(part)

        # Whoever has all bytes asks for no more, so the end is read with the last of them.
        if not self.left and not self.ended:
            self.ended = True
            self.end()
        return b''.join(parts)

    def next_chunk(self):
        try:
            return int(self.line().split(b';')[0], 16)
        except ValueError:
            raise self.wrong()

    def end(self):
        if self.next_chunk():
            raise self.wrong()
        for name, _, value in iter(lambda: self.line().partition(b':'), (b'', b'', b'')):
            if name.strip().lower() == b'x-amz-checksum-crc32' and value.strip() != base64.b64encode(self.sum.to_bytes(4, 'big')):
                raise self.wrong()

    def line(self):
        return self.source.readline(LINE_MAX).rstrip(b'\r\n')

    @staticmethod
    def wrong():
        # As s3api when a digest is wrong: the client is told so, and the object stays what it was.
        return swob.HTTPException(status=422)


def learn_chunks():
    """s3api has no place for this, so two of its steps are wrapped: the one that refuses, and the one that reads what was signed."""
    validate = s3request.S3Request._validate_headers
    sign = s3request.SigV4Mixin._string_to_sign

    def is_chunked(request):
        return request.environ.get(DIGEST) in CHUNKED

    def validate_headers(request):
        hidden = {name: request.environ.pop(name) for name in (DIGEST, LENGTH, ENCODING) if name in request.environ} if is_chunked(request) else {}
        try:
            validate(request)
        finally:
            request.environ.update(hidden)

    def string_to_sign(request):
        env = request.environ
        source = env['wsgi.input']
        signed = sign(request)
        if is_chunked(request):
            length = env.pop(LENGTH, '')
            if not length.isdigit():
                raise MissingContentLength()
            env['wsgi.input'] = Chunks(source, int(length))
            env['CONTENT_LENGTH'] = length
            env.pop('HTTP_TRANSFER_ENCODING', None)
            others = [one.strip() for one in env.pop(ENCODING, '').split(',') if one.strip() not in ('', 'aws-chunked')]
            if others:
                env[ENCODING] = ', '.join(others)
        return signed

    s3request.S3Request._validate_headers = validate_headers
    s3request.SigV4Mixin._string_to_sign = string_to_sign


# Once: Swift makes the filter twice, the first time to see whether it can.
learn_chunks()


def filter_factory(global_conf, **local_conf):
    return Clients
