using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations.Hosts;

/// <summary>GitHub and GitHub Enterprise, by REST.</summary>
internal sealed partial class GitHubHost(string host, Uri? api, Func<string?> token) : SourceHost(host, api ?? DefaultApi(host), token)
{
    public override string DiscoveryType => "github-discovery";

    public override string SlugAnnotation => "github.com/project-slug";

    public override FilePage? Read(Uri page) => Match(Form(), page);

    public override Uri PageOf(HostRepository repository, string branch, string path) => new($"{repository.Page}/blob/{Escaped(branch)}/{Escaped(path)}");

    public override Uri TextOf(FilePage page) => At($"repos/{page.Repository}/contents/{Escaped(page.Path)}?ref={Uri.EscapeDataString(page.Branch)}");

    public override async Task<Result<IReadOnlyList<HostRepository>>> RepositoriesAsync(string organisation, HostApi http, CancellationToken stop)
    {
        var found = await ListAsync($"orgs/{Uri.EscapeDataString(organisation)}/repos?per_page=100", http, stop);

        // A person has repositories as well, at another address.
        return found.Error is TargetUnreadable { Missing: true } ? await ListAsync($"users/{Uri.EscapeDataString(organisation)}/repos?per_page=100", http, stop) : found;
    }

    public override async Task<Result<IReadOnlyList<string>>> FilesAsync(FilePage page, HostApi http, CancellationToken stop)
    {
        if (!(await http.GetAsync(this, At($"repos/{page.Repository}/git/trees/{Uri.EscapeDataString(page.Branch)}?recursive=1"), stop)).TryGet(out var answer, out var error))
        {
            return error;
        }

        return Flag(answer.Json, "truncated")
            ? new HostUnusable(Host, $"{page.Repository} has more files than its API lists; name them without *")
            : Result<IReadOnlyList<string>>.Of([.. Tree(answer.Json).Where(entry => Text(entry, "type") == "blob").Select(entry => Text(entry, "path")).OfType<string>()]);
    }

    private static IEnumerable<JsonElement> Tree(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("tree", out var tree) ? List(tree) : [];

    private Task<Result<IReadOnlyList<HostRepository>>> ListAsync(string path, HostApi http, CancellationToken stop) =>
        PagesAsync(At(path), List, Repository, LinkedNext, http, stop);

    private static HostRepository? Repository(JsonElement json) =>
        Text(json, "name") is { } name && Uri.TryCreate(Text(json, "html_url"), UriKind.Absolute, out var page)
            ? new HostRepository(name, page, Text(json, "default_branch"), Flag(json, "archived"))
            : null;

    private static Uri DefaultApi(string host) => new(host == "github.com" ? "https://api.github.com" : $"https://{host}/api/v3");

    [GeneratedRegex(@"^/(?<repository>[^/]+/[^/]+)/(blob|tree|raw|edit)/(?<branch>[^/]+)/(?<path>.+)\z")]
    private static partial Regex Form();
}
