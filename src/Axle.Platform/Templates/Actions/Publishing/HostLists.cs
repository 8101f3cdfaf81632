using System.Globalization;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Templates.Actions;

/// <summary>Something that a host has, to choose from.</summary>
internal sealed record HostEntry(string Id, string? Title = null);

/// <summary>Lists of what a person sees at a git host, asked for with that person's own token: what Backstage's forms complete while one types.</summary>
internal sealed class HostLists(GitHosts hosts, HostApi api)
{
    private const int PageSize = 100;
    private const int PagesMax = 20;

    private static readonly (string Provider, string Kind, string Host)[] s_providers = [("github", "github", "github.com"), ("gitlab", "gitlab", "gitlab.com"), ("bitbucket-cloud", "bitbucketCloud", "bitbucket.org")];

    public async Task<Result<IReadOnlyList<HostEntry>>> AskAsync(string provider, string resource, SecretValue token, JsonObject context, CancellationToken stop)
    {
        if (Array.Find(s_providers, one => one.Provider == provider) is not { Kind: not null } known)
        {
            return Wrong($"Unsupported provider: {provider}");
        }

        // The token goes to hosts that somebody vouches for, and to no other.
        var name = known.Kind == "bitbucketCloud" ? known.Host : context.Text("host") ?? known.Host;
        if (hosts.Find(name) is not { } host || host.Kind != known.Kind)
        {
            return Wrong($"{name} is no {known.Kind} host that this platform knows.");
        }

        // A person's token is theirs alone, without the name of the user that the platform's own belongs to.
        var asker = new Asker(api, host with { User = null }, token, stop);
        return await (known.Kind switch
        {
            "github" => GitHubAsync(asker, resource, context),
            "gitlab" => GitLabAsync(asker, resource, context),
            _ => BitbucketAsync(asker, resource, context),
        });
    }

    private static async Task<Result<IReadOnlyList<HostEntry>>> GitHubAsync(Asker asker, string resource, JsonObject context)
    {
        switch (resource)
        {
            case "repositoriesWithOwner":
                return await asker.AllAsync("/user/repos", "per_page", one => Entry(one.Text("full_name")));
            case "branches":
                return context.Text("owner") is { Length: > 0 } owner && context.Text("repository") is { Length: > 0 } repository
                    ? await asker.AllAsync($"/repos/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(repository)}/branches", "per_page", one => Entry(one.Text("name")))
                    : Wrong("Missing owner and/or repository context parameter");
            case "owners":
                return await asker.AllAsync("/user/orgs", "per_page", one => Entry(one.Text("login")));
            default:
                return Wrong($"Invalid resource: {resource}");
        }
    }

    private static async Task<Result<IReadOnlyList<HostEntry>>> GitLabAsync(Asker asker, string resource, JsonObject context)
    {
        if (resource is not ("groups" or "repositories"))
        {
            return Wrong($"Invalid resource: {resource}");
        }

        var wanted = context.Text("id");
        if (resource == "repositories" && wanted is null or "")
        {
            return Wrong("Missing groupId and userId context parameter");
        }

        if (!(await asker.OneAsync("/user")).TryGet(out var user, out var refused))
        {
            return refused;
        }

        var self = user.Number("id") is { } id ? id.ToString("0", CultureInfo.InvariantCulture) : "";
        if (resource == "repositories")
        {
            return await asker.AllAsync($"/{(wanted == self ? "users" : "groups")}/{Uri.EscapeDataString(wanted!)}/projects", "per_page", one => Entry(one.Text("path"), one.Text("name")?.Trim()));
        }

        return (await asker.AllAsync("/groups", "per_page", one => Entry(one.Number("id")?.ToString("0", CultureInfo.InvariantCulture), one.Text("full_path")))).TryGet(out var groups, out refused)
            ? Result<IReadOnlyList<HostEntry>>.Of([.. groups, new HostEntry(self, user.Text("username"))])
            : refused;
    }

    private static async Task<Result<IReadOnlyList<HostEntry>>> BitbucketAsync(Asker asker, string resource, JsonObject context)
    {
        var workspace = Uri.EscapeDataString(context.Text("workspace") ?? "");
        switch (resource)
        {
            case "workspaces":
                return await asker.AllAsync("/workspaces", "pagelen", one => Entry(one.Text("slug")));
            case "projects":
                return workspace.Length > 0
                    ? await asker.AllAsync($"/workspaces/{workspace}/projects", "pagelen", one => Entry(one.Text("key")))
                    : Wrong("Missing workspace context parameter");
            case "repositories":
                return workspace.Length > 0 && context.Text("project") is { Length: > 0 } project
                    ? await asker.AllAsync($"/repositories/{workspace}?q={Uri.EscapeDataString($"project.key=\"{project.Replace("\"", "", StringComparison.Ordinal)}\"")}", "pagelen", one => Entry(one.Text("slug")))
                    : Wrong("Missing workspace and/or project context parameter");
            case "branches":
                return workspace.Length > 0 && context.Text("repository") is { Length: > 0 } repository
                    ? await asker.AllAsync($"/repositories/{workspace}/{Uri.EscapeDataString(repository)}/refs/branches", "pagelen", one => Entry(one.Text("name")))
                    : Wrong("Missing workspace and/or repository context parameter");
            default:
                return Wrong($"Invalid resource: {resource}");
        }
    }

    private static Error Wrong(string message) => new("templates.autocomplete", message, null, 400);

    private static HostEntry? Entry(string? id, string? title = null) => id is null ? null : new HostEntry(id, title);

    /// <summary>One person's questions to one host.</summary>
    private sealed class Asker(HostApi api, GitHost host, SecretValue token, CancellationToken stop)
    {
        public async Task<Result<JsonObject>> OneAsync(string path) =>
            (await api.GetAsync(host, path, token, stop)).TryGet(out var answer, out var refused) ? answer as JsonObject ?? [] : refused;

        /// <summary>All pages of a list, which is the answer itself or its <c>values</c>.</summary>
        public async Task<Result<IReadOnlyList<HostEntry>>> AllAsync(string path, string size, Func<JsonObject, HostEntry?> entry)
        {
            var all = new List<HostEntry>();
            for (var page = 1; page <= PagesMax; page++)
            {
                if (!(await api.GetAsync(host, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{size}={PageSize}&page={page}", token, stop)).TryGet(out var answer, out var refused))
                {
                    return refused;
                }

                var some = (answer as JsonArray ?? answer?["values"] as JsonArray ?? []).OfType<JsonObject>().ToList();
                all.AddRange(some.Select(entry).OfType<HostEntry>());
                if (some.Count < PageSize)
                {
                    break;
                }
            }

            return all;
        }
    }
}
