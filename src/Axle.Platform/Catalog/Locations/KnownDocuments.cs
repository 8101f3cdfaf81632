using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog.Locations;

/// <summary>A document and what was stored for it.</summary>
/// <param name="Uid">Of the entity, as <see cref="EntityHead.Uid"/>.</param>
/// <param name="Generation">As it was written for the document: what is stored meanwhile may be somebody else's change.</param>
internal readonly record struct KnownDocument(UInt128 Document, EntityRef Entity, string Uid, long Generation)
{
    public static KnownDocument Of(UInt128 document, EntityHead written) => new(document, written.Ref, written.Uid, written.Generation);

    /// <summary>Whether this is the entity as it was written for the document.</summary>
    public bool Describes(EntityHead? stored) => stored is { IsBeingDeleted: false } && stored.Uid == Uid && stored.Generation == Generation;
}

/// <summary>A file all of whose documents were taken.</summary>
/// <param name="Tag">The host's entity tag for it.</param>
/// <param name="Documents">See <see cref="KnownDocuments.KeyOf"/>.</param>
internal sealed record KnownFile(string Tag, UInt128[] Documents)
{
    /// <summary>Null when the host gave no tag, or a document has to be read each time.</summary>
    public static KnownFile? Of(string? tag, List<FileEntity> entities) =>
        tag is null || entities.Count == 0 || !entities.TrueForAll(one => one.Document is not null) ? null : new KnownFile(tag, [.. entities.Select(one => one.Document!.Value)]);
}

/// <summary>
/// What the documents of each location were at the last reading, so that one that says the same as then need not be understood,
/// checked and compared again: of a large catalogue that is read every few minutes nearly nothing changes.
/// </summary>
internal sealed class KnownDocuments(IEntityStore entities, DocumentMemory memory)
{
    private readonly ConcurrentDictionary<EntityRef, Remembered> _byLocation = new();

    /// <summary>What is known of a location; nothing when it was changed since, or somebody else answers for it now.</summary>
    public Known Of(Entity location, bool decidesIdentity)
    {
        if (location.Metadata.Uid is not { } uid)
        {
            // Only tried.
            return new Known(new Remembered("", [], []), entities, location.Ref);
        }

        var answers = AnswersFor(location, decidesIdentity);
        if (!_byLocation.TryGetValue(location.Ref, out var last))
        {
            // After a start. What is no longer stored as it was need not be kept; of the rest the texts are those of the store.
            var documents =
                from one in memory.Load(uid, answers)
                let stored = entities.FindHead(one.Entity)
                where one.Describes(stored)
                select KnownDocument.Of(one.Document, stored);
            last = _byLocation[location.Ref] = new Remembered(answers, ByDocument(documents), []);
        }

        return new Known(last.Answers == answers ? last : new Remembered(answers, [], []), entities, location.Ref);
    }

    /// <summary>Keeps which document described what, and until the next start how the files were.</summary>
    public void Remember(Entity location, bool decidesIdentity, IEnumerable<KnownDocument> documents, Dictionary<Uri, KnownFile> files)
    {
        var now = new Remembered(AnswersFor(location, decidesIdentity), ByDocument(documents), files);
        if (_byLocation.TryGetValue(location.Ref, out var last) && last.IsSame(now))
        {
            _byLocation[location.Ref] = last with { Files = files };
            return;
        }

        memory.Save(location.Metadata.Uid!, now.Answers, now.Documents.Values);
        _byLocation[location.Ref] = now;
    }

    public void Forget(Entity location)
    {
        _byLocation.TryRemove(location.Ref, out _);
        memory.Forget(location.Metadata.Uid!);
    }

    /// <summary>What stands for a document in a file. Where it stands in the file does not matter.</summary>
    public static UInt128 KeyOf(string file, DocumentText document)
    {
        var text = document.Utf8.Span;
        text = text.EndsWith("\n"u8) ? text[..^1] : text;

        // In one piece: to begin a sum of several takes longer than to copy a document.
        var whole = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(file.Length + 1) + text.Length);
        var begin = Encoding.UTF8.GetBytes(file, whole);
        whole[begin++] = 0;
        text.CopyTo(whole.AsSpan(begin));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(whole.AsSpan(0, begin + text.Length), hash);
        ArrayPool<byte>.Shared.Return(whole);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>What else a document's meaning depends on.</summary>
    private static string AnswersFor(Entity location, bool decidesIdentity) => $"{location.Metadata.Generation} {decidesIdentity}";

    private static Dictionary<UInt128, KnownDocument> ByDocument(IEnumerable<KnownDocument> documents)
    {
        var found = new Dictionary<UInt128, KnownDocument>(documents.TryGetNonEnumeratedCount(out var count) ? count : 0);
        foreach (var one in documents)
        {
            found[one.Document] = one;
        }

        return found;
    }

    internal sealed record Remembered(string Answers, Dictionary<UInt128, KnownDocument> Documents, Dictionary<Uri, KnownFile> Files)
    {
        /// <summary>Whether the documents are the same.</summary>
        public bool IsSame(Remembered other) =>
            Answers == other.Answers
            && Documents.Count == other.Documents.Count
            && Documents.All(one => other.Documents.TryGetValue(one.Key, out var there) && there == one.Value);
    }

    /// <summary>The documents of one location.</summary>
    internal sealed class Known(Remembered last, IEntityStore entities, EntityRef location)
    {
        public bool IsEmpty => last.Documents.Count == 0;

        /// <summary>A file as it was; null when it has to be read.</summary>
        public KnownFile? FileAt(Uri file) => last.Files.GetValueOrDefault(file);

        /// <summary>The entity that a document described, if it is stored as it was then; null when the document must be read.</summary>
        public EntityHead? Find(UInt128 document) =>
            last.Documents.TryGetValue(document, out var known)
            && entities.FindHead(known.Entity) is { } stored
            && known.Describes(stored)
            && Managed.LocationOf(stored) == location
                ? stored
                : null;
    }
}
