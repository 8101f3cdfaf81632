using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Axle.Platform.Secrets.Stores;

/// <summary>Where a value lies in another store: <c>store:path#field</c>, as in <c>vault:kv/shop/orders#password</c>.</summary>
/// <param name="Store">Name of the store, as an administrator added it.</param>
/// <param name="Path">Segments with slashes between them; none of them goes up.</param>
/// <param name="Field">Which part of what lies there.</param>
internal sealed partial record RemoteReference(string Store, string Path, string Field)
{
    private const int LengthMax = 512;

    public IReadOnlyList<string> Segments => Path.Split('/');

    public static bool TryParse(string text, [NotNullWhen(true)] out RemoteReference? reference)
    {
        var match = text.Length <= LengthMax ? Form().Match(text) : Match.Empty;
        reference = match.Success && match.Groups["path"].Value.Split('/').All(segment => segment is not ("." or ".."))
            ? new RemoteReference(match.Groups["store"].Value, match.Groups["path"].Value, match.Groups["field"].Value)
            : null;
        return reference is not null;
    }

    public static bool IsStoreName(string name) => StoreName().IsMatch(name);

    public override string ToString() => $"{Store}:{Path}#{Field}";

    // No percent sign: what looks encoded would be decoded by somebody on the way, after it was checked here.
    [GeneratedRegex(@"^(?<store>[a-z][a-z0-9-]{0,31}):(?<path>[A-Za-z0-9._@~-]+(?:/[A-Za-z0-9._@~-]+)+)#(?<field>[A-Za-z0-9._@~-]+)\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,31}\z")]
    private static partial Regex StoreName();
}
