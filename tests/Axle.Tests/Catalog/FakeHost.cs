using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Catalog;

/// <param name="Branch">Its default one; null while it is empty.</param>
internal sealed record FakeRepository(string Name, string? Branch = "main", bool Archived = false, bool Fork = false);

/// <summary>
/// A source host with the API of one of the kinds that Axle reads, as their makers document it: repositories of the organisation acme, two on
/// a page, and texts of files; only with the right token.
/// </summary>
internal sealed class FakeHost(string kind) : IAsyncDisposable
{
    /// <summary>The item of a request that holds what a refusal says.</summary>
    public const string Says = "says";

    private const int PageSize = 2;

    private WebApplication? _host;

    public string Address => _host!.Urls.Single();

    public string Authority => new Uri(Address).Authority;

    public string Token { get; set; } = "let-me-in";

    public IReadOnlyList<FakeRepository> Repositories { get; set; } = [];

    /// <summary>By repository, branch and path.</summary>
    public ConcurrentDictionary<(string Repository, string Branch, string Path), string> Files { get; } = new();

    /// <summary>Answers instead, when it does.</summary>
    public Func<HttpContext, bool> Refuses { get; set; } = _ => false;

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Files that were asked for and not sent, since they were the same; at least one when it is not 0.</summary>
    public int Unchanged { get; private set; }

    /// <summary>What is asked of lists of repositories.</summary>
    public int ListsAsked => Asked.Count(target => target.Contains("per_page", StringComparison.Ordinal) || target.Contains("limit=", StringComparison.Ordinal) || target.Contains("pagelen", StringComparison.Ordinal));

    public string DiscoveryType => kind == "bitbucketCloud" ? "bitbucket-discovery" : $"{kind}-discovery";

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.Run(AnswerAsync);
        await _host.StartAsync();
    }

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    /// <summary>The address at which people see a file.</summary>
    public string PageOf(string repository, string branch, string path) => kind switch
    {
        "gitlab" => $"{Address}/acme/{repository}/-/blob/{branch}/{path}",
        "gitea" => $"{Address}/acme/{repository}/src/branch/{branch}/{path}",
        "bitbucketCloud" => $"{Address}/acme/{repository}/src/{branch}/{path}",
        _ => $"{Address}/acme/{repository}/blob/{branch}/{path}",
    };

    /// <summary>A push, as the host tells of it.</summary>
    public JsonObject PushOf(string repository) => kind switch
    {
        "gitlab" => new JsonObject { ["object_kind"] = "push", ["project"] = new JsonObject { ["web_url"] = $"{Address}/acme/{repository}", ["path_with_namespace"] = $"acme/{repository}" } },
        "bitbucketCloud" => new JsonObject { ["push"] = new JsonObject { ["changes"] = new JsonArray() }, ["repository"] = new JsonObject { ["full_name"] = $"acme/{repository}", ["links"] = new JsonObject { ["html"] = new JsonObject { ["href"] = $"{Address}/acme/{repository}" } } } },
        _ => new JsonObject { ["ref"] = "refs/heads/main", ["repository"] = new JsonObject { ["full_name"] = $"acme/{repository}", ["html_url"] = $"{Address}/acme/{repository}", ["clone_url"] = $"{Address}/acme/{repository}.git" } },
    };

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        Asked.Enqueue(target);
        if (Refuses(context))
        {
            await context.Response.WriteAsync(context.Items[Says] as string ?? "");
            return;
        }

        var shown = kind switch { "gitlab" => context.Request.Headers["PRIVATE-TOKEN"].ToString(), "gitea" => context.Request.Headers.Authorization.ToString().Replace("token ", "", StringComparison.Ordinal), _ => context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal) };
        var path = target.Split('?')[0];
        if (!path.StartsWith("/api/", StringComparison.Ordinal) || shown != Token)
        {
            context.Response.StatusCode = (int)(path.StartsWith("/api/", StringComparison.Ordinal) ? HttpStatusCode.Unauthorized : HttpStatusCode.NotFound);
            return;
        }

        if (path == (kind switch { "gitlab" => "/api/groups/acme/projects", "bitbucketCloud" => "/api/repositories/acme", _ => "/api/orgs/acme/repos" }))
        {
            await ListAsync(context, path);
        }
        else if (FileOf(context, path) is { } file && Files.TryGetValue(file, out var text))
        {
            Unchanged += await TaggedFile.AnswerAsync(context, text) ? 1 : 0;
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private async Task ListAsync(HttpContext context, string path)
    {
        var page = int.TryParse(context.Request.Query["page"], out var number) ? number : 1;
        var next = page * PageSize < Repositories.Count ? page + 1 : (int?)null;
        var items = new JsonArray([.. Repositories.Skip((page - 1) * PageSize).Take(PageSize).Select(ItemOf)]);
        if (kind == "bitbucketCloud")
        {
            var body = new JsonObject { ["values"] = items, ["page"] = page, ["pagelen"] = PageSize };
            if (next is not null)
            {
                body["next"] = $"{Address}{path}?pagelen=100&page={next}";
            }

            await context.Response.WriteAsync(body.ToJsonString());
            return;
        }

        if (kind == "gitlab")
        {
            context.Response.Headers["X-Next-Page"] = next?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "";
        }
        else if (next is not null)
        {
            context.Response.Headers.Link = $"<{Address}{path}?per_page=100&limit=50&page={next}>; rel=\"next\", <{Address}{path}?page=9>; rel=\"last\"";
        }

        await context.Response.WriteAsync(items.ToJsonString());
    }

    private JsonObject ItemOf(FakeRepository one) => kind switch
    {
        "gitlab" => new JsonObject { ["path"] = one.Name, ["name"] = one.Name.ToUpperInvariant(), ["web_url"] = $"{Address}/acme/{one.Name}", ["default_branch"] = one.Branch, ["archived"] = one.Archived },
        "bitbucketCloud" => new JsonObject { ["slug"] = one.Name, ["name"] = one.Name.ToUpperInvariant(), ["links"] = new JsonObject { ["html"] = new JsonObject { ["href"] = $"{Address}/acme/{one.Name}" } }, ["mainbranch"] = one.Branch is null ? null : new JsonObject { ["type"] = "branch", ["name"] = one.Branch } },
        _ => new JsonObject { ["name"] = one.Name, ["html_url"] = $"{Address}/acme/{one.Name}", ["default_branch"] = one.Branch ?? "main", ["archived"] = one.Archived, ["fork"] = one.Fork, ["empty"] = one.Branch is null },
    };

    private (string Repository, string Branch, string Path)? FileOf(HttpContext context, string path)
    {
        var parts = path.Split('/').Select(Uri.UnescapeDataString).ToArray();
        var asked = context.Request.Query["ref"].ToString();
        return (kind, parts) switch
        {
            ("github", ["", "api", "repos", "acme", var name, "contents", .. var rest]) => (name, asked, string.Join('/', rest)),
            ("gitea", ["", "api", "repos", "acme", var name, "raw", .. var rest]) => (name, asked, string.Join('/', rest)),
            ("gitlab", ["", "api", "projects", var project, "repository", "files", var file, "raw"]) => (project["acme/".Length..], asked, file),
            ("bitbucketCloud", ["", "api", "repositories", "acme", var name, "src", var branch, .. var rest]) => (name, branch, string.Join('/', rest)),
            _ => null,
        };
    }
}
