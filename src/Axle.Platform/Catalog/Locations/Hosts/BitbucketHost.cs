using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations.Hosts;

/// <summary>Bitbucket Cloud; an organisation is a workspace.</summary>
internal sealed partial class BitbucketHost(string host, Uri? api, Func<string?> token) : SourceHost(host, api ?? new Uri("https://api.bitbucket.org/2.0"), token)
{
    public override string DiscoveryType => "bitbucket-discovery";

    public override string SlugAnnotation => "bitbucket.org/project-slug";

    public override FilePage? Read(Uri page) => Match(Form(), page);

    public override Uri PageOf(HostRepository repository, string branch, string path) => new($"{repository.Page}/src/{Escaped(branch)}/{Escaped(path)}");

    public override Uri TextOf(FilePage page) => At($"repositories/{page.Repository}/src/{Uri.EscapeDataString(page.Branch)}/{Escaped(page.Path)}");

    public override Task<Result<IReadOnlyList<HostRepository>>> RepositoriesAsync(string organisation, HostApi http, CancellationToken stop) =>
        PagesAsync(At($"repositories/{Uri.EscapeDataString(organisation)}?pagelen=100"), Values, Repository, Next, http, stop);

    public override Task<Result<IReadOnlyList<string>>> FilesAsync(FilePage page, HostApi http, CancellationToken stop) =>
        PagesAsync(
            At($"repositories/{page.Repository}/src/{Uri.EscapeDataString(page.Branch)}/?max_depth=20&pagelen=100"),
            Values,
            entry => Text(entry, "type") == "commit_file" ? Text(entry, "path") : null,
            Next,
            http,
            stop);

    private static IEnumerable<JsonElement> Values(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("values", out var values) ? List(values) : [];

    private static Uri? Next(HostAnswer answer) => Uri.TryCreate(Text(answer.Json, "next"), UriKind.Absolute, out var next) ? next : null;

    private static HostRepository? Repository(JsonElement json) =>
        Text(json, "slug") is { } name && Uri.TryCreate(Text(json, "links", "html", "href"), UriKind.Absolute, out var page)
            ? new HostRepository(name, page, Text(json, "mainbranch", "name"), false)
            : null;

    [GeneratedRegex(@"^/(?<repository>[^/]+/[^/]+)/(src|raw)/(?<branch>[^/]+)/(?<path>.+)\z")]
    private static partial Regex Form();
}
