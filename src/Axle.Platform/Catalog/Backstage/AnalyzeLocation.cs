using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Catalog.Locations.Hosts;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Looks into a repository: the descriptor files that are there, or a first one to put there. Nothing is registered.</summary>
internal sealed class AnalyzeLocation(TargetReader reader, HostApi hosts, LocationService locations, IEnumerable<IHostedFiles> own)
{
    private const string FileDefault = "catalog-info.yaml";

    public static async Task<IResult> Endpoint(HttpContext context, AnalyzeLocation self, CancellationToken stop)
    {
        if (!(await RequestBody.ReadAsync<Request>(context.Request, stop)).TryGet(out var body, out var wrong))
        {
            return wrong.ToHttp();
        }

        if (body.Location is not { Target: { } target, Type: not null } || !Uri.TryCreate(target, UriKind.Absolute, out var address) || address is not { Scheme: "http" or "https", UserInfo.Length: 0 })
        {
            return new CatalogInputInvalid("Malformed request: location must have a type, and an absolute http(s) address as its target").ToHttp();
        }

        return TypedResults.Json(await self.RunAsync(address, body.CatalogFileName ?? FileDefault, stop), JsonSerializerOptions.Web);
    }

    private async Task<Answer> RunAsync(Uri address, string fileName, CancellationToken stop)
    {
        var existing = new List<ExistingFile>();
        if (Pattern(address, fileName) is { } pattern && (await reader.MatchingAsync(pattern, stop)).TryGet(out var files, out _))
        {
            var registered = locations.All().SelectMany(LocationSpec.TargetsOf).ToHashSet(StringComparer.Ordinal);
            foreach (var file in files)
            {
                if ((await reader.ReadAsync(file, stop)).TryGet(out var text, out _))
                {
                    existing.AddRange(Descriptors.ReadEach(text.Utf8, file.AbsoluteUri, [])
                        .Select(one => new ExistingFile(new Location("url", file.AbsoluteUri), registered.Contains(file.AbsoluteUri), EntityDocument.Raw(one.Entity))));
                }
            }
        }

        return existing.Count > 0 ? new Answer(existing, []) : new Answer([], [new Generated(Propose(address), [])]);
    }

    /// <summary>All files of that name, where the host can list its files; an address of one file means just that one.</summary>
    private Uri? Pattern(Uri address, string fileName)
    {
        if (own.Any(files => files.Find(address) is not null))
        {
            return address.AbsolutePath.Contains("/blob/", StringComparison.Ordinal) ? address : new Uri($"{address.AbsoluteUri.TrimEnd('/')}/blob/HEAD/**/{fileName}");
        }

        return hosts.Find(address) is { } host
            ? host.Read(address) is not null ? address : host.PageOf(new HostRepository("", new Uri(WithoutGit(address.AbsoluteUri)), null, false), "HEAD", $"**/{fileName}")
            : null;
    }

    private JsonElement Propose(Uri address)
    {
        var parts = WithoutGit(address.AbsolutePath).Split('/', StringSplitOptions.RemoveEmptyEntries);
        var metadata = new JsonObject { ["name"] = parts.Length > 0 ? parts[^1] : address.Host };
        if (hosts.Find(address)?.SlugAnnotation is { } slug)
        {
            metadata["annotations"] = new JsonObject { [slug] = string.Join('/', parts) };
        }

        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["apiVersion"] = Kinds.BackstageApi,
            ["kind"] = Kinds.Component,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["type"] = "other", ["lifecycle"] = "unknown" },
        });
    }

    private static string WithoutGit(string address) => address.TrimEnd('/') is var bare && bare.EndsWith(".git", StringComparison.Ordinal) ? bare[..^4] : bare;

    private sealed record Request(Location? Location, string? CatalogFileName);

    private sealed record Location(string? Type, string? Target);

    private sealed record Answer(IReadOnlyList<ExistingFile> ExistingEntityFiles, IReadOnlyList<Generated> GenerateEntities);

    private sealed record ExistingFile(Location Location, bool IsRegistered, JsonElement Entity);

    private sealed record Generated(JsonElement Entity, IReadOnlyList<JsonElement> Fields);
}
