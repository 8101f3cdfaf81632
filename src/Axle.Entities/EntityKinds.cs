namespace Axle.Entities;

/// <summary>Every kind that this process knows, by name without regard to case.</summary>
public sealed class EntityKinds
{
    private readonly Dictionary<string, EntityKind> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidOperationException">Two capabilities registered different kinds of one name.</exception>
    public EntityKinds(IEnumerable<EntityKind> kinds)
    {
        foreach (var kind in kinds)
        {
            if (!_byName.TryAdd(kind.Name, kind) && !ReferenceEquals(_byName[kind.Name], kind))
            {
                throw new InvalidOperationException($"The kind {kind.Name} is registered twice with different definitions.");
            }
        }
    }

    /// <summary>All kinds, by name.</summary>
    public IEnumerable<EntityKind> All => _byName.Values.OrderBy(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>Another one when the code that makes relations of specs may be another.</summary>
    public string Version => string.Join(' ', _byName.Values.SelectMany(kind => kind.Modules).Append(typeof(EntityKinds).Module).Select(module => module.ModuleVersionId).Distinct().Order());

    /// <summary>The kind, or null.</summary>
    public EntityKind? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The names of all kinds, those most like a misspelled one first.</summary>
    public IReadOnlyList<string> ClosestTo(string name) =>
        [.. _byName.Values.Select(kind => kind.Name).OrderBy(known => Distance(known, name)).ThenBy(known => known, StringComparer.Ordinal)];

    /// <summary>Levenshtein's distance without regard to case; long input is cut, since only near misses matter.</summary>
    private static int Distance(string a, string b)
    {
        const int LengthMax = 64;
        var left = a.AsSpan(0, Math.Min(a.Length, LengthMax));
        var right = b.AsSpan(0, Math.Min(b.Length, LengthMax));
        Span<int> row = stackalloc int[LengthMax + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var swap = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? diagonal : diagonal + 1;
                diagonal = row[j];
                row[j] = Math.Min(swap, Math.Min(row[j - 1], row[j]) + 1);
            }
        }

        return row[right.Length];
    }
}
