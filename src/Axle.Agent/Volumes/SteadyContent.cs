using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Volumes;

/// <summary>Exactly as many bytes of a file as were promised: an archive says the length first, and the file may grow or shrink meanwhile.</summary>
internal sealed class SteadyContent(SafeFileHandle file, long length) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, length - Position);
        return wanted <= 0 ? 0 : Counted(await RandomAccess.ReadAsync(file, buffer[..wanted], Position, cancellationToken), buffer.Span[..wanted]);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - Position);
        return wanted <= 0 ? 0 : Counted(RandomAccess.Read(file, buffer[..wanted], Position), buffer[..wanted]);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => length + offset };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>What is missing at the end is zeros; the file is read again anyway, for it has changed.</summary>
    private int Counted(int read, Span<byte> buffer)
    {
        if (read == 0)
        {
            buffer.Clear();
            read = buffer.Length;
        }

        Position += read;
        return read;
    }
}
