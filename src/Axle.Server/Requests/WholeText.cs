using System.Buffers;
using System.Text.Unicode;

namespace Axle.Server.Requests;

/// <summary>
/// Lets JSON in requests through as long as all of it is Unicode. What is half a character, as bytes or as an escape, JSON's reader takes;
/// whoever looks at it later fails, long after it was stored.
/// </summary>
internal static class WholeText
{
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        if (context.Request.HasJsonContentType())
        {
            context.Request.Body = new Checked(context.Request.Body);
        }

        return next(context);
    }

    /// <summary>Where a text stands between two reads.</summary>
    internal sealed class Look
    {
        private const int Digits = 4;

        private readonly byte[] _begun = new byte[4];
        private int _begunLength;
        private Within _within;
        private int _digits;
        private int _code;
        private bool _wantsLow;

        private enum Within
        {
            Text,
            Escape,
            Code,
        }

        /// <summary>The next bytes; false once they cannot be Unicode.</summary>
        public bool Take(ReadOnlySpan<byte> bytes) => Escapes(bytes) && Characters(bytes);

        private bool Escapes(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                // Nearly all of a body has no escape.
                if (_within == Within.Text && !_wantsLow)
                {
                    var at = bytes.IndexOf((byte)'\\');
                    if (at < 0)
                    {
                        return true;
                    }

                    bytes = bytes[at..];
                }

                if (!One(bytes[0]))
                {
                    return false;
                }

                bytes = bytes[1..];
            }

            return true;
        }

        private bool One(byte b)
        {
            switch (_within)
            {
                case Within.Text:
                    _within = b == '\\' ? Within.Escape : Within.Text;
                    return b == '\\' || !_wantsLow;
                case Within.Escape:
                    (_within, _digits, _code) = (b == 'u' ? Within.Code : Within.Text, 0, 0);
                    return b == 'u' || !_wantsLow;
                default:
                    if (!char.IsAsciiHexDigit((char)b))
                    {
                        // JSON's reader says what is wrong with it.
                        _within = Within.Text;
                        return !_wantsLow;
                    }

                    _code = (_code << 4) | Convert.ToInt32(((char)b).ToString(), 16);
                    return ++_digits < Digits || Ended();
            }
        }

        private bool Ended()
        {
            _within = Within.Text;
            var (high, low) = (char.IsHighSurrogate((char)_code), char.IsLowSurrogate((char)_code));
            (var wanted, _wantsLow) = (_wantsLow, high);
            return low == wanted;
        }

        /// <summary>A character may begin in one read and end in the next.</summary>
        private bool Characters(ReadOnlySpan<byte> bytes)
        {
            while (_begunLength > 0 && !bytes.IsEmpty)
            {
                _begun[_begunLength++] = bytes[0];
                bytes = bytes[1..];
                var status = System.Text.Rune.DecodeFromUtf8(_begun.AsSpan(0, _begunLength), out _, out _);
                if (status == OperationStatus.InvalidData)
                {
                    return false;
                }

                _begunLength = status == OperationStatus.Done ? 0 : _begunLength;
            }

            if (bytes.IsEmpty)
            {
                return true;
            }

            var open = Open(bytes);
            bytes[^open..].CopyTo(_begun);
            _begunLength = open;
            return Utf8.IsValid(bytes[..^open]);
        }

        /// <summary>How many bytes at the end belong to a character that is not there yet.</summary>
        private static int Open(ReadOnlySpan<byte> bytes)
        {
            for (var length = 1; length <= Math.Min(3, bytes.Length); length++)
            {
                if (System.Text.Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData)
                {
                    return length;
                }
            }

            return 0;
        }
    }

    private sealed class Checked(Stream body) : Stream
    {
        private readonly Look _look = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            Take(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = body.Read(buffer, offset, count);
            Take(buffer.AsSpan(offset, read));
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private void Take(ReadOnlySpan<byte> bytes)
        {
            if (!_look.Take(bytes))
            {
                throw new BadHttpRequestException("The request's body has text that is not Unicode.", StatusCodes.Status400BadRequest);
            }
        }
    }
}
