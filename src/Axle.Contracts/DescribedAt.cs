namespace Axle.Contracts;

/// <summary>
/// Which file of a repository describes an entity, and the commit up to which the entity says what the file says. It stands in the
/// annotation <see cref="Annotations.DescribedAt"/> as <c>NAME/PATH@COMMIT</c>, so it is written together with what it is about.
/// </summary>
/// <param name="Repository">Its name.</param>
/// <param name="Path">From the repository's root.</param>
/// <param name="Commit">Empty when it is not known.</param>
public sealed record DescribedAt(string Repository, string Path, string Commit)
{
    /// <summary>Null for what a person or the platform wrote.</summary>
    public static DescribedAt? Of(Entity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        if (!entity.Metadata.Annotations.TryGetValue(Annotations.DescribedAt, out var text))
        {
            return null;
        }

        var (slash, at) = (text.IndexOf('/', StringComparison.Ordinal), text.LastIndexOf('@'));
        return slash > 0 && at > slash + 1 ? new DescribedAt(text[..slash], text[(slash + 1)..at], text[(at + 1)..]) : null;
    }

    /// <summary>The entity, as this file says it.</summary>
    public Entity On(Entity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var annotations = new Dictionary<string, string>(entity.Metadata.Annotations, StringComparer.Ordinal) { [Annotations.DescribedAt] = ToString() };
        annotations.Remove(Annotations.DescriptorProblem);
        return entity with { Metadata = entity.Metadata with { Annotations = annotations } };
    }

    /// <summary>Whether another one names the same file, at whatever commit.</summary>
    public bool IsSameFile(DescribedAt? other) => other is not null && Repository == other.Repository && Path == other.Path;

    /// <summary>As it is annotated.</summary>
    public override string ToString() => $"{Repository}/{Path}@{Commit}";
}
