using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.Backups;

/// <summary>
/// How resources of one driver are copied, proved and brought back. Like the driver itself: every method may be called again
/// after a crash at any instruction, and side by side for different ids.
/// </summary>
internal interface IBackups
{
    /// <summary>The driver's.</summary>
    string Uri { get; }

    /// <summary>Whether a resource like this one is meant to last, and so is copied.</summary>
    bool Covers(ResourceClaimSpec claim) => true;

    /// <summary>Whether a person can take the data out as a file that other programs read.</summary>
    bool Exports => true;

    /// <summary>Whether a person's file can be brought in, all of it or nothing.</summary>
    bool Imports => true;

    /// <summary>Writes a copy of the resource as it is at one moment to a file, and says what is in it at that very moment.</summary>
    Task<Result<Contents>> DumpAsync(Claim claim, string file, CancellationToken stop);

    /// <summary>Restores a copy aside, looks at it, and takes it away again.</summary>
    /// <param name="id">Unique; what is made for the proof is named by it.</param>
    Task<Result<Contents>> ProveAsync(Claim claim, string id, string file, Contents expected, CancellationToken stop);

    /// <summary>Whether the place of a new claim is known and reachable.</summary>
    bool IsPlaced(Claim target);

    /// <summary>Brings a copy into a new claim's resource, still under another name, and masks it.</summary>
    Task<Result<Filled>> FillAsync(Claim target, string id, string file, Contents expected, IReadOnlyList<MaskRule> mask, CancellationToken stop);

    /// <summary>What was filled becomes the claim's resource; nothing happens when it is already.</summary>
    Task TakeOverAsync(Claim target, string id, CancellationToken stop);

    /// <summary>Removes everything that a proof or an unfinished fill of this id left behind.</summary>
    Task TidyAsync(Claim claim, string id, CancellationToken stop);

    /// <summary>Writes a copy to whoever takes it out.</summary>
    /// <param name="plain">Readable statements instead of the compressed form.</param>
    Task<Error?> ExportAsync(Claim claim, bool plain, Stream output, CancellationToken stop);

    /// <summary>Brings in what a person wrote, with the rights of the resource's own users and no more; all of it or nothing.</summary>
    Task<Error?> ImportAsync(Claim claim, string id, string folder, string name, CancellationToken stop);
}

/// <summary>What was seen while filling.</summary>
/// <param name="Seen">Before masking.</param>
/// <param name="Masked">Values that were replaced.</param>
internal sealed record Filled(Contents Seen, long Masked);

/// <summary>What a copy holds, told so that two copies can be compared.</summary>
internal sealed record Contents
{
    /// <summary>Sorted by name.</summary>
    public required IReadOnlyList<TableContents> Tables { get; init; }

    public IReadOnlyList<ExtensionUse> Extensions { get; init; } = [];

    /// <summary>Files that changed each time they were read: of each there is one moment, but nobody knows which.</summary>
    public int Changing { get; init; }

    /// <summary>The moment that was looked at.</summary>
    public DateTimeOffset At { get; init; }

    public long Rows => Tables.Sum(table => table.Rows);

    public int CountedOnly => Tables.Count(table => table.Sum is null);

    /// <summary>Of names, rows and sums; equal for equal data, whatever the order of rows.</summary>
    public string Checksum()
    {
        var text = new StringBuilder();
        foreach (var table in Tables.OrderBy(table => table.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.Name}\n{table.Rows} {table.Sum ?? "-"}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>How another one differs, in words that name the first table (or file); null when it does not.</summary>
    public string? Difference(Contents other, ContentsWords? words = null)
    {
        words ??= ContentsWords.Of("");
        var (thing, units) = (words.Thing, words.Units);
        var (mine, theirs) = (Tables.ToDictionary(table => table.Name, StringComparer.Ordinal), other.Tables.ToDictionary(table => table.Name, StringComparer.Ordinal));
        foreach (var name in mine.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal))
        {
            if (!theirs.TryGetValue(name, out var there))
            {
                return $"the {thing} {name} is missing";
            }

            if (!mine.TryGetValue(name, out var here))
            {
                return $"the {thing} {name} is there too";
            }

            if (here.Rows != there.Rows)
            {
                return $"the {thing} {name} has {there.Rows} {units} instead of {here.Rows}";
            }

            if (here.Sum != there.Sum)
            {
                return $"the {thing} {name} has other values";
            }
        }

        return null;
    }
}

/// <param name="Sum">Of all rows, in no order; null where only their number was taken.</param>
internal sealed record TableContents(string Name, long Rows, string? Sum);

/// <param name="Schema">Where its objects are.</param>
internal sealed record ExtensionUse(string Name, string Schema);
