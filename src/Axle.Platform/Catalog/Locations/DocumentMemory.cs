using System.Security.Cryptography;
using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// The known documents of each location in a file of its own, so that a start need not understand the whole catalogue again. Only a
/// memory aid: a file that is missing, damaged, or of another version of Axle is as none.
/// </summary>
internal sealed partial class DocumentMemory(PlatformOptions options, EntityKinds kinds, ILogger<DocumentMemory> log)
{
    private readonly string _folder = Path.Combine(options.DataFolder, "catalog", "documents");

    // What a document means is decided by the code of today.
    private readonly string _version = $"{typeof(DocumentMemory).Module.ModuleVersionId} {kinds.Version}";
    private readonly ILogger _log = log;

    /// <param name="location">Its uid.</param>
    /// <param name="answers">What has to be as it was when they were saved.</param>
    public IReadOnlyList<KnownDocument> Load(string location, string answers)
    {
        try
        {
            var bytes = File.ReadAllBytes(FileOf(location));
            var end = bytes.Length - SHA256.HashSizeInBytes;
            if (end < 0 || !SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end)))
            {
                return [];
            }

            using var reader = new BinaryReader(new MemoryStream(bytes, 0, end));
            if (reader.ReadString() != _version || reader.ReadString() != answers)
            {
                return [];
            }

            var found = new KnownDocument[reader.ReadInt32()];
            for (var i = 0; i < found.Length; i++)
            {
                found[i] = new KnownDocument(new UInt128(reader.ReadUInt64(), reader.ReadUInt64()), EntityRef.Parse(reader.ReadString()), reader.ReadString(), reader.ReadInt64());
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public void Save(string location, string answers, IReadOnlyCollection<KnownDocument> documents)
    {
        var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes))
        {
            writer.Write(_version);
            writer.Write(answers);
            writer.Write(documents.Count);
            foreach (var one in documents)
            {
                writer.Write((ulong)(one.Document >> 64));
                writer.Write((ulong)one.Document);
                writer.Write(one.Entity.ToString());
                writer.Write(one.Uid);
                writer.Write(one.Generation);
            }

            writer.Flush();
            writer.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        }

        try
        {
            // Half a file would only be as none, but may not stand in the way of the next.
            Directory.CreateDirectory(_folder);
            var file = FileOf(location);
            File.WriteAllBytes(file + ".new", bytes.ToArray());
            File.Move(file + ".new", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(e, location);
        }
    }

    public void Forget(string location)
    {
        try
        {
            File.Delete(FileOf(location));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(e, location);
        }
    }

    private string FileOf(string location) => Path.Combine(_folder, location);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the documents of {Location} say could not be kept in its file; after the next start they are read again")]
    private partial void LogNotKept(Exception e, string location);
}
