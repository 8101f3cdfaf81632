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
            return new Known([], entities, location.Ref);
        }

        var answers = AnswersFor(location, decidesIdentity);
        if (!_byLocation.TryGetValue(location.Ref, out var last))
        {
            // After a start. What is no longer stored as it was need not be kept.
            var documents = memory.Load(uid, answers).Where(one => one.Describes(entities.FindHead(one.Entity)));
            last = _byLocation[location.Ref] = new Remembered(answers, ByDocument(documents));
        }

        return new Known(last.Answers == answers ? last.Documents : [], entities, location.Ref);
    }

    /// <summary>Keeps which document described what.</summary>
    public void Remember(Entity location, bool decidesIdentity, IEnumerable<KnownDocument> documents)
    {
        var now = new Remembered(AnswersFor(location, decidesIdentity), ByDocument(documents));
        if (!_byLocation.TryGetValue(location.Ref, out var last) || !last.IsSame(now))
        {
            memory.Save(location.Metadata.Uid!, now.Answers, now.Documents.Values);
            _byLocation[location.Ref] = now;
        }
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
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sum.AppendData(Encoding.UTF8.GetBytes(file + '\0'));
        sum.AppendData(text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        sum.GetHashAndReset(hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>What else a document's meaning depends on.</summary>
    private static string AnswersFor(Entity location, bool decidesIdentity) => $"{location.Metadata.Generation} {decidesIdentity}";

    private static Dictionary<UInt128, KnownDocument> ByDocument(IEnumerable<KnownDocument> documents)
    {
        var found = new Dictionary<UInt128, KnownDocument>();
        foreach (var one in documents)
        {
            found[one.Document] = one;
        }

        return found;
    }

    private sealed record Remembered(string Answers, Dictionary<UInt128, KnownDocument> Documents)
    {
        public bool IsSame(Remembered other) =>
            Answers == other.Answers
            && Documents.Count == other.Documents.Count
            && Documents.All(one => other.Documents.TryGetValue(one.Key, out var there) && there == one.Value);
    }

    /// <summary>The documents of one location.</summary>
    internal sealed class Known(Dictionary<UInt128, KnownDocument> documents, IEntityStore entities, EntityRef location)
    {
        public bool IsEmpty => documents.Count == 0;

        /// <summary>The entity that a document described, if it is stored as it was then; null when the document must be read.</summary>
        public EntityHead? Find(UInt128 document) =>
            documents.TryGetValue(document, out var known)
            && entities.FindHead(known.Entity) is { } stored
            && known.Describes(stored)
            && Managed.LocationOf(stored) == location
                ? stored
                : null;
    }
}
