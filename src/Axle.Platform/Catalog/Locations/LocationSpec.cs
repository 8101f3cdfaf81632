using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations;

/// <summary>What a Location asks to be read, and what came of it.</summary>
internal static class LocationSpec
{
    /// <summary>As Backstage names the Location entity of a registered target.</summary>
    public static string NameOf(string target) =>
#pragma warning disable CA5350 // The name is Backstage's; nobody trusts it.
        "generated-" + Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes("url:" + target)));
#pragma warning restore CA5350

    public static Entity Of(string target) => new()
    {
        ApiVersion = Kinds.BackstageApi,
        Kind = Kinds.Location,
        Metadata = new Metadata
        {
            Name = NameOf(target),
            Annotations = new Dictionary<string, string> { [Managed.File] = "url:" + target, [Managed.Origin] = "url:" + target, [Managed.ViewUrl] = target },
        },
        Spec = JsonSerializer.SerializeToElement(new { type = "url", target }),
    };

    /// <summary>Where the Location says how its targets are meant; null where it does not.</summary>
    public static string? TypeOf(Entity location) =>
        location.Spec.ValueKind == JsonValueKind.Object && location.Spec.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    /// <summary>The Location of one repository that a discovery has found.</summary>
    public static Entity Found(Uri file)
    {
        var location = Of(file.AbsoluteUri);
        return location with { Spec = JsonSerializer.SerializeToElement(new { type = "url", target = file.AbsoluteUri, presence = "optional" }) };
    }

    /// <summary>Registered by somebody, rather than found in a file.</summary>
    public static bool IsRegistered(Entity location) => Managed.LocationOf(location) is null;

    /// <summary>All targets as written: <c>target</c> and <c>targets</c>.</summary>
    public static IReadOnlyList<string> TargetsOf(Entity location)
    {
        var targets = new List<string>();
        if (location.Spec.ValueKind == JsonValueKind.Object)
        {
            if (location.Spec.TryGetProperty("target", out var one) && one.ValueKind == JsonValueKind.String)
            {
                targets.Add(one.GetString()!);
            }

            if (location.Spec.TryGetProperty("targets", out var several) && several.ValueKind == JsonValueKind.Array)
            {
                targets.AddRange(several.EnumerateArray().Where(target => target.ValueKind == JsonValueKind.String).Select(target => target.GetString()!));
            }
        }

        return targets;
    }

    /// <summary>A missing file is no problem of this one.</summary>
    public static bool IsOptional(Entity location) =>
        location.Spec.ValueKind == JsonValueKind.Object && location.Spec.TryGetProperty("presence", out var presence) && presence.ValueEquals("optional");

    /// <summary>A target's address; relative ones are from the file that the Location stands in. Null for what cannot be read over HTTP.</summary>
    public static Uri? AddressOf(Entity location, string target)
    {
        var address = Managed.FileOf(location) is { } file && Uri.TryCreate(file, UriKind.Absolute, out var from)
            ? SourceHosts.Resolve(from, target)
            : Uri.TryCreate(target, UriKind.Absolute, out var whole) ? whole : null;
        return address is { Scheme: "http" or "https", UserInfo.Length: 0 } ? address : null;
    }
}

/// <summary>What a Location's last reading came to; its status.</summary>
/// <param name="Phase"><c>Ready</c>, <c>Incomplete</c> (some of it could not be taken; what was there before stays) or <c>Failed</c> (nothing could be read).</param>
/// <param name="Message">One sentence.</param>
/// <param name="Entities">How many entities it describes.</param>
/// <param name="Problems">The first of them, each with its place.</param>
internal sealed record LocationStatus(string Phase, string Message, int Entities, IReadOnlyList<Problem> Problems)
{
    /// <summary>Problems that are kept.</summary>
    public const int ProblemsMax = 100;
}
