using System.Buffers.Binary;
using Axle.Agent.Logs;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Runs;

/// <summary>
/// The beginning of a line whose end has not come yet, kept beside the run: the agent's successor puts the line together. Length and
/// bytes are one write, so a kill leaves the old rest or the new one.
/// </summary>
internal sealed class KeptRest(string path) : IDisposable
{
    private const int HeadBytes = sizeof(int);
    private byte[] _buffer = [];
    private SafeFileHandle? _file;
    private int _length;

    /// <summary>What an agent before has left; empty when there is nothing, or nothing that can be read.</summary>
    public ReadOnlySpan<byte> Read()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            Open();
            var read = RandomAccess.Read(_file!, _buffer, 0);
            var length = read < HeadBytes ? 0 : BinaryPrimitives.ReadInt32LittleEndian(_buffer);
            _length = length > 0 && length <= read - HeadBytes ? length : 0;
            return _buffer.AsSpan(HeadBytes, _length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public void Keep(ReadOnlySpan<byte> rest)
    {
        // Most programs write whole lines; they cost nothing here, not even a file.
        if (rest.Length == 0 && _length == 0)
        {
            return;
        }

        try
        {
            Open();
            BinaryPrimitives.WriteInt32LittleEndian(_buffer, rest.Length);
            rest.CopyTo(_buffer.AsSpan(HeadBytes));
            RandomAccess.Write(_file!, _buffer.AsSpan(0, HeadBytes + rest.Length), 0);
            _length = rest.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk loses the beginning of a line, not the log.
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Open()
    {
        if (_file is null)
        {
            _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            _buffer = new byte[HeadBytes + LineSplitter.LineBytesMax];
        }
    }
}
