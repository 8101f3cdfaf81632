using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Axle.Platform.Builds;

/// <summary>
/// The list of an artifact's files, whose hash is the artifact's name: equal files give an equal digest in whatever order
/// they were found, and any other byte, mode, path or link target gives another.
/// </summary>
internal sealed class Manifest
{
    private readonly SortedDictionary<string, string> _lines = new(StringComparer.Ordinal);

    public int Count => _lines.Count;

    public long Size { get; private set; }

    public void AddFile(string path, bool executable, long size, ReadOnlySpan<byte> hash)
    {
        _lines.Add(path, string.Create(CultureInfo.InvariantCulture, $"file\0{(executable ? "755" : "644")}\0{size}\0{Convert.ToHexStringLower(hash)}"));
        Size += size;
    }

    public void AddLink(string path, string target) => _lines.Add(path, $"link\0{target}");

    /// <summary><c>sha256:…</c>.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, "axle artifact 1");
        foreach (var (path, line) in _lines)
        {
            Append(hash, path);
            Append(hash, line);
        }

        return ArtifactStore.Prefix + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Each part with its length in front, so that no two lists of parts read the same.
    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
