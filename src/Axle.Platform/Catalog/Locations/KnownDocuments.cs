using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// What the documents of each location were at the last reading, so that one that says the same as then need not be understood,
/// checked and compared again: of a large catalogue that is read every few minutes nearly nothing changes. In memory only;
/// after a start everything is read once.
/// </summary>
internal sealed class KnownDocuments(IEntityStore entities)
{
    private readonly ConcurrentDictionary<EntityRef, Remembered> _byLocation = new();

    /// <summary>What is known of a location; nothing when it was changed since, or somebody else answers for it now.</summary>
    public Known Of(Entity location, bool decidesIdentity) =>
        _byLocation.TryGetValue(location.Ref, out var last) && last.Generation == location.Metadata.Generation && last.DecidesIdentity == decidesIdentity
            ? new Known(last.Documents, entities, location.Ref)
            : new Known([], entities, location.Ref);

    /// <summary>Keeps which document described what.</summary>
    /// <param name="documents">With the entity as it was written for it: what is stored meanwhile may be somebody else's change.</param>
    public void Remember(Entity location, bool decidesIdentity, IEnumerable<(UInt128 Document, Entity Written)> documents)
    {
        var known = new Dictionary<UInt128, (EntityRef, long)>();
        foreach (var (document, written) in documents)
        {
            known[document] = (written.Ref, written.Metadata.Generation);
        }

        _byLocation[location.Ref] = new Remembered(location.Metadata.Generation, decidesIdentity, known);
    }

    public void Forget(EntityRef location) => _byLocation.TryRemove(location, out _);

    /// <summary>What stands for a document in a file. Where it stands in the file does not matter.</summary>
    public static UInt128 KeyOf(Uri file, string document)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{file}\0{document}"), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private sealed record Remembered(long Generation, bool DecidesIdentity, Dictionary<UInt128, (EntityRef Entity, long Generation)> Documents);

    /// <summary>The documents of one location.</summary>
    internal sealed class Known(Dictionary<UInt128, (EntityRef Entity, long Generation)> documents, IEntityStore entities, EntityRef location)
    {
        /// <summary>The entity that a document described, if it is stored as it was then; null when the document must be read.</summary>
        public Entity? Find(UInt128 document) =>
            documents.TryGetValue(document, out var known)
            && entities.FindDeclared(known.Entity) is { } stored
            && stored.Metadata.Generation == known.Generation
            && stored.Metadata.DeletedAt is null
            && Managed.LocationOf(stored) == location
                ? stored
                : null;
    }
}
