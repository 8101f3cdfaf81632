using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations.Hosts;

/// <summary>Gitea and Forgejo.</summary>
internal sealed partial class GiteaHost(string host, Uri? api, Func<string?> token) : SourceHost(host, api ?? new Uri($"https://{host}/api/v1"), token)
{
    public override string DiscoveryType => "gitea-discovery";

    public override FilePage? Read(Uri page) => Match(Form(), page);

    public override Uri PageOf(HostRepository repository, string branch, string path) => new($"{repository.Page}/src/branch/{Escaped(branch)}/{Escaped(path)}");

    public override Uri TextOf(FilePage page) => At($"repos/{page.Repository}/raw/{Escaped(page.Path)}?ref={Uri.EscapeDataString(page.Branch)}");

    public override async Task<Result<IReadOnlyList<HostRepository>>> RepositoriesAsync(string organisation, HostApi http, CancellationToken stop)
    {
        var found = await ListAsync($"orgs/{Uri.EscapeDataString(organisation)}/repos?limit=50&page=1", http, stop);
        return found.Error is TargetUnreadable { Missing: true } ? await ListAsync($"users/{Uri.EscapeDataString(organisation)}/repos?limit=50&page=1", http, stop) : found;
    }

    public override Task<Result<IReadOnlyList<string>>> FilesAsync(FilePage page, HostApi http, CancellationToken stop) =>
        PagesAsync(
            At($"repos/{page.Repository}/git/trees/{Uri.EscapeDataString(page.Branch)}?recursive=true&per_page=1000&page=1"),
            json => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("tree", out var tree) ? List(tree) : [],
            entry => Text(entry, "type") == "blob" ? Text(entry, "path") : null,
            answer => Flag(answer.Json, "truncated") ? Following(answer.From) : null,
            http,
            stop);

    protected override void Authorize(HttpRequestHeaders headers, string secret) => headers.Authorization = new AuthenticationHeaderValue("token", secret);

    private Task<Result<IReadOnlyList<HostRepository>>> ListAsync(string path, HostApi http, CancellationToken stop) =>
        PagesAsync(At(path), List, Repository, LinkedNext, http, stop);

    private static HostRepository? Repository(JsonElement json) =>
        Text(json, "name") is { } name && Uri.TryCreate(Text(json, "html_url"), UriKind.Absolute, out var page)
            ? new HostRepository(name, page, Flag(json, "empty") ? null : Text(json, "default_branch"), Flag(json, "archived"))
            : null;

    private static Uri Following(Uri page) => new UriBuilder(page)
    {
        Query = Page().Replace(page.Query, match => $"&page={int.Parse(match.Groups["number"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) + 1}"),
    }.Uri;

    [GeneratedRegex(@"^/(?<repository>[^/]+/[^/]+)/(src|raw)/(branch|tag|commit)/(?<branch>[^/]+)/(?<path>.+)\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"&page=(?<number>\d+)")]
    private static partial Regex Page();
}
