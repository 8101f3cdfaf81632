using System.Buffers;
using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Axle.Agent.Logs;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Runs;

/// <summary>
/// What was taken from a pipe and is not in the log yet, in a file beside the run: a kill of the agent loses none of it, its successor
/// finds it there. The pipe is read straight into the mapped file, so there is no moment at which bytes are only in the agent.
/// </summary>
/// <remarks>
/// How much was read need not be written down, which would be a second step: the room is empty as long as it is zeros, and text has
/// none. Everything but that reading is written with calls, because storing into a mapped file on a full disk ends a process. Without
/// a file (a full disk) it is plain memory, and a kill loses what is in it, not more.
/// </remarks>
internal sealed class Intake : IDisposable
{
    private const int RoomBytes = 64 * 1024;
    private const int HeadBytes = 3 * sizeof(int);
    private const int RoomAt = 4096;
    private static readonly byte[] s_empty = new byte[RoomBytes];
    private readonly SafeFileHandle? _file;
    private readonly MappedRoom? _mapped;
    private int _area;
    private int _restLength;

    /// <param name="path">Of the file, which is made when there is none.</param>
    public Intake(string path)
    {
        Room = new byte[RoomBytes];
        try
        {
            _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            Left = ReadLeft(_file);
            if (Left.Length == 0)
            {
                Done(RoomBytes, []);
            }

            _mapped = new MappedRoom(_file, RoomAt, RoomBytes);
            Room = _mapped.Memory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>Where to read into, from its beginning.</summary>
    public Memory<byte> Room { get; }

    /// <summary>What an agent before has taken and not written: the beginning of a line, and what came after it.</summary>
    public ReadOnlyMemory<byte> Left { get; private set; }

    /// <summary>What was taken is in the log now but for the line that has only begun; the room is empty again.</summary>
    /// <param name="read">How much of the room was filled.</param>
    /// <param name="rest">The beginning of a line whose end has not come yet, at most <see cref="LineSplitter.LineBytesMax"/>.</param>
    public void Done(int read, ReadOnlySpan<byte> rest)
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            // 1. The new rest beside the old one. 2. In one write it counts, and the room does not. 3. The room is emptied, and counts again.
            if (rest.Length > 0)
            {
                _area = 1 - _area;
                RandomAccess.Write(_file, rest, RestAt(_area));
            }

            _restLength = rest.Length;
            WriteHead(read);
            RandomAccess.Write(_file, s_empty.AsSpan(0, read), RoomAt);
            WriteHead(0);
        }
        catch (IOException)
        {
            // A full disk: the beginning of a line may be lost or said twice, the log goes on.
        }
    }

    /// <summary>What an agent before has left is in the log now.</summary>
    public void LeftDone(ReadOnlySpan<byte> rest)
    {
        if (Left.Length > 0)
        {
            Left = default;
            Done(RoomBytes, rest);
        }
    }

    public void Dispose()
    {
        (_mapped as IDisposable)?.Dispose();
        _file?.Dispose();
    }

    private byte[] ReadLeft(SafeFileHandle file)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        if (RandomAccess.Read(file, head, 0) < HeadBytes)
        {
            head.Clear();
        }

        _area = BinaryPrimitives.ReadInt32LittleEndian(head) & 1;
        _restLength = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(head[4..]), 0, LineSplitter.LineBytesMax);
        var done = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(head[8..]), 0, RoomBytes);

        // Written once, even if it is zeros, the room has its place on the disk; that of a file that is only made longer has none.
        var room = new byte[RoomBytes];
        _ = RandomAccess.Read(file, room, RoomAt);
        RandomAccess.Write(file, room, RoomAt);

        var taken = room.AsSpan(done, Math.Max(0, room.AsSpan().LastIndexOfAnyExcept((byte)0) + 1 - done));
        var left = new byte[_restLength + taken.Length];
        _ = RandomAccess.Read(file, left.AsSpan(0, _restLength), RestAt(_area));
        taken.CopyTo(left.AsSpan(_restLength));
        return left;
    }

    private void WriteHead(int done)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, _area);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], _restLength);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], done);
        RandomAccess.Write(_file!, head, 0);
    }

    private static long RestAt(int area) => RoomAt + RoomBytes + ((long)area * LineSplitter.LineBytesMax);

    /// <summary>A part of a file as memory that a call can read into.</summary>
    private sealed unsafe class MappedRoom : MemoryManager<byte>
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;
        private readonly byte* _start;
        private readonly int _length;

        public MappedRoom(SafeFileHandle file, int from, int length)
        {
            _file = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _view = _file.CreateViewAccessor(from, length);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            _start += _view.PointerOffset;
            _length = length;
        }

        public override Span<byte> GetSpan() => new(_start, _length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
