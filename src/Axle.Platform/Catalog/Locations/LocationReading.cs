using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Everything that the files of one Location say.</summary>
/// <param name="Entities">Those that can be taken as they are, in the order of the files.</param>
/// <param name="Broken">Refs of those that are in a file but cannot be taken; what is known of them stays.</param>
/// <param name="Unread">Files that could not be read, whole or in part; what is known from them stays.</param>
/// <param name="ListUnknown">Which files there are could not be found out, so that everything known stays.</param>
internal sealed record LocationReading(IReadOnlyList<FileEntity> Entities, IReadOnlySet<EntityRef> Broken, IReadOnlySet<string> Unread, IReadOnlyList<Problem> Problems, bool ListUnknown = false)
{
    /// <summary>Whether an entity that was described before, and is not now, may still be described.</summary>
    public bool MayHave(Entity entity) => ListUnknown || Broken.Contains(entity.Ref) || (Managed.FileOf(entity) is { } file && Unread.Contains(file));
}
