using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Locations.Hosts;

/// <summary>GitLab, on gitlab.com or one's own; groups with all their subgroups.</summary>
internal sealed partial class GitLabHost(string host, Uri? api, Func<string?> token) : SourceHost(host, api ?? new Uri($"https://{host}/api/v4"), token)
{
    public override string DiscoveryType => "gitlab-discovery";

    public override string SlugAnnotation => "gitlab.com/project-slug";

    public override FilePage? Read(Uri page) => Match(Form(), page);

    public override Uri PageOf(HostRepository repository, string branch, string path) => new($"{repository.Page}/-/blob/{Escaped(branch)}/{Escaped(path)}");

    public override Uri TextOf(FilePage page) =>
        At($"projects/{Uri.EscapeDataString(page.Repository)}/repository/files/{Uri.EscapeDataString(page.Path)}/raw?ref={Uri.EscapeDataString(page.Branch)}");

    public override Task<Result<IReadOnlyList<HostRepository>>> RepositoriesAsync(string organisation, HostApi http, CancellationToken stop) =>
        PagesAsync(At($"groups/{Uri.EscapeDataString(organisation)}/projects?include_subgroups=true&archived=false&simple=true&per_page=100&page=1"), List, Repository, Next, http, stop);

    public override Task<Result<IReadOnlyList<string>>> FilesAsync(FilePage page, HostApi http, CancellationToken stop) =>
        PagesAsync(
            At($"projects/{Uri.EscapeDataString(page.Repository)}/repository/tree?ref={Uri.EscapeDataString(page.Branch)}&recursive=true&per_page=100&page=1"),
            List,
            entry => Text(entry, "type") == "blob" ? Text(entry, "path") : null,
            Next,
            http,
            stop);

    protected override void Authorize(HttpRequestHeaders headers, string secret) => headers.Add("PRIVATE-TOKEN", secret);

    private static HostRepository? Repository(JsonElement json) =>
        Text(json, "path") is { } name && Uri.TryCreate(Text(json, "web_url"), UriKind.Absolute, out var page)
            ? new HostRepository(name, page, Text(json, "default_branch"), Flag(json, "archived"))
            : null;

    private static Uri? Next(HostAnswer answer) =>
        answer.Headers.TryGetValues("X-Next-Page", out var pages) && int.TryParse(pages.FirstOrDefault(), out var next)
            ? new UriBuilder(answer.From) { Query = Page().Replace(answer.From.Query, $"&page={next}") }.Uri
            : null;

    [GeneratedRegex(@"^/(?<repository>.+?)(/-)?/(blob|tree|raw|edit)/(?<branch>[^/]+)/(?<path>.+)\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"&page=\d+")]
    private static partial Regex Page();
}
