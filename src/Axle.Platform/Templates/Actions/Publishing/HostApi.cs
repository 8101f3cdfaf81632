using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Templates.Actions;

/// <summary>The APIs of git hosts, as far as publishing needs them.</summary>
internal sealed class HostApi(OutboundHttp http)
{
    /// <summary>Makes a repository.</summary>
    /// <param name="takeOver">One that is there already is taken, since an earlier run of the same step made it.</param>
    public async Task<Result<HostedRepository>> CreateAsync(RepositoryWish wish, bool takeOver, CancellationToken stop)
    {
        if (!(await RequestAsync(wish, stop)).TryGet(out var request, out var refused))
        {
            return refused;
        }

        if (!(await CallAsync(wish.Host, HttpMethod.Post, request.Create, request.Body, wish.Token, stop)).TryGet(out var answer, out var unreachable))
        {
            return unreachable;
        }

        if (!answer.Ok && takeOver && answer.Status is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest
            && !(await CallAsync(wish.Host, HttpMethod.Get, request.Look, null, wish.Token, stop)).TryGet(out answer, out unreachable))
        {
            return unreachable;
        }

        if (!answer.Ok)
        {
            return Refused(wish.Host, $"the repository {wish.Name} was not made", answer);
        }

        return Json(answer) is { } made ? Read(wish, made) : Refused(wish.Host, "its answer is no JSON", answer);
    }

    /// <summary>Opens a pull or merge request.</summary>
    /// <returns>Its page and number.</returns>
    public async Task<Result<(string Url, long Number)>> ProposeAsync(GitHost host, RepoUrl address, ProposalText proposal, SecretValue token, CancellationToken stop)
    {
        var isLab = host.Kind == "gitlab";
        var path = isLab ? $"/projects/{Uri.EscapeDataString(ProjectOf(address))}/merge_requests" : $"/repos/{Part(address, "owner")}/{Part(address, "repo")}/pulls";
        var body = isLab
            ? new JsonObject { ["title"] = proposal.Title, ["description"] = proposal.Text, ["source_branch"] = proposal.Branch, ["target_branch"] = proposal.Target }
            : new JsonObject { ["title"] = proposal.Title, ["body"] = proposal.Text, ["head"] = proposal.Branch, ["base"] = proposal.Target };
        if (!(await CallAsync(host, HttpMethod.Post, path, body, token, stop)).TryGet(out var answer, out var unreachable))
        {
            return unreachable;
        }

        return answer.Ok && Json(answer) is { } made
            ? (made.Text(isLab ? "web_url" : "html_url") ?? "", (long)(made.Number(isLab ? "iid" : "number") ?? 0))
            : Refused(host, $"the proposal of {proposal.Branch} was not made", answer);
    }

    /// <summary>A repository's default branch and address.</summary>
    public async Task<Result<(string Branch, string CloneUrl)>> LookAsync(GitHost host, RepoUrl address, SecretValue token, CancellationToken stop)
    {
        var path = host.Kind == "gitlab" ? $"/projects/{Uri.EscapeDataString(ProjectOf(address))}" : $"/repos/{Part(address, "owner")}/{Part(address, "repo")}";
        if (!(await CallAsync(host, HttpMethod.Get, path, null, token, stop)).TryGet(out var answer, out var unreachable))
        {
            return unreachable;
        }

        return answer.Ok && Json(answer) is { } found && (found.Text("clone_url") ?? found.Text("http_url_to_repo")) is { } clone
            ? (found.Text("default_branch") ?? "main", clone)
            : Refused(host, "the repository was not found", answer);
    }

    /// <summary>What a host answers to a question, as JSON.</summary>
    public async Task<Result<JsonNode?>> GetAsync(GitHost host, string path, SecretValue token, CancellationToken stop)
    {
        if (!(await CallAsync(host, HttpMethod.Get, path, null, token, stop)).TryGet(out var answer, out var unreachable))
        {
            return unreachable;
        }

        return answer.Ok ? Result<JsonNode?>.Of(Node(answer)) : Refused(host, "it tells nothing", answer);
    }

    private sealed record CreateRequest(string Create, JsonObject Body, string Look);

    private async Task<Result<CreateRequest>> RequestAsync(RepositoryWish wish, CancellationToken stop)
    {
        var (owner, name) = (wish.Address["owner"], Uri.EscapeDataString(wish.Name));
        var isPrivate = wish.Visibility != "public";
        switch (wish.Host.Kind)
        {
            case "github":
                var body = new JsonObject { ["name"] = wish.Name, ["description"] = wish.Description, ["private"] = isPrivate };
                if (!(await CallAsync(wish.Host, HttpMethod.Get, $"/users/{Part(wish.Address, "owner")}", null, wish.Token, stop)).TryGet(out var user, out var unreachable))
                {
                    return unreachable;
                }

                var isOrganization = Json(user)?.Text("type") == "Organization";
                if (isOrganization && wish.Visibility == "internal")
                {
                    body["visibility"] = wish.Visibility;
                }

                return new CreateRequest(isOrganization ? $"/orgs/{Part(wish.Address, "owner")}/repos" : "/user/repos", body, $"/repos/{Part(wish.Address, "owner")}/{name}");

            case "gitlab":
                if (!(await CallAsync(wish.Host, HttpMethod.Get, $"/namespaces/{Part(wish.Address, "owner")}", null, wish.Token, stop)).TryGet(out var space, out unreachable))
                {
                    return unreachable;
                }

                var lab = new JsonObject { ["name"] = wish.Name, ["path"] = wish.Name, ["description"] = wish.Description, ["visibility"] = wish.Visibility };
                if (space.Ok && Json(space)?.Number("id") is { } id)
                {
                    lab["namespace_id"] = (long)id;
                }
                else
                {
                    return Refused(wish.Host, $"the namespace {owner} was not found", space);
                }

                return new CreateRequest("/projects", lab, $"/projects/{Uri.EscapeDataString($"{owner}/{wish.Name}")}");

            case "gitea":
                var tea = new JsonObject { ["name"] = wish.Name, ["description"] = wish.Description, ["private"] = isPrivate, ["default_branch"] = wish.Branch };
                return new CreateRequest(owner is null ? "/user/repos" : $"/orgs/{Part(wish.Address, "owner")}/repos", tea, $"/repos/{Part(wish.Address, "owner")}/{name}");

            case "bitbucketCloud":
                var cloud = new JsonObject { ["scm"] = "git", ["description"] = wish.Description, ["is_private"] = isPrivate, ["project"] = new JsonObject { ["key"] = wish.Address["project"] } };
                var place = $"/repositories/{Part(wish.Address, "workspace")}/{name}";
                return new CreateRequest(place, cloud, place);

            case "bitbucketServer":
                var project = $"/projects/{Part(wish.Address, "project")}/repos";
                return new CreateRequest(project, new JsonObject { ["name"] = wish.Name, ["description"] = wish.Description, ["public"] = !isPrivate }, $"{project}/{name}");

            default:
                return ActionErrors.NotPublished(wish.Host.Host, $"repositories cannot be made on hosts of the kind {wish.Host.Kind}", null);
        }
    }

    private static Result<HostedRepository> Read(RepositoryWish wish, JsonObject made)
    {
        var links = made["links"] as JsonObject;
        var clones = links?.Objects("clone").FirstOrDefault(link => link.Text("name") is "https" or "http")?.Text("href");
        HostedRepository? repository = wish.Host.Kind switch
        {
            "github" when made.Text("clone_url") is { } clone => new(clone, $"{made.Text("html_url")}/blob/{wish.Branch}"),
            "gitlab" when made.Text("http_url_to_repo") is { } clone => new(clone, $"{Bare(clone)}/-/blob/{wish.Branch}"),
            "gitea" when made.Text("clone_url") is { } clone => new(clone, $"{made.Text("html_url") ?? Bare(clone)}/src/branch/{wish.Branch}/"),
            "bitbucketCloud" when clones is not null => new(WithoutUser(clones), $"{(links!["html"] as JsonObject)?.Text("href")}/src/{wish.Branch}"),
            "bitbucketServer" when clones is not null => new(WithoutUser(clones), links!.Objects("self").FirstOrDefault()?.Text("href") ?? Bare(clones)),
            _ => null,
        };
        return repository is null ? ActionErrors.NotPublished(wish.Host.Host, "its answer names no address to clone from", null) : repository;
    }

    private async Task<Result<HttpAnswer>> CallAsync(GitHost host, HttpMethod method, string path, JsonObject? body, SecretValue token, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, host.Api + path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Authorization = host is { Kind: "bitbucketCloud" or "bitbucketServer", User: { } user }
            ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{token.Reveal()}")))
            : new(host.Kind == "gitea" ? "token" : "Bearer", token.Reveal());
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        return await http.SendAsync(request, stop);
    }

    /// <summary>The host's own words, which contain nothing of the request.</summary>
    private static Error Refused(GitHost host, string what, HttpAnswer answer)
    {
        var said = Json(answer) is { } json ? json.Text("message") ?? (json["error"] as JsonObject)?.Text("message") ?? json.Text("error") : null;
        return ActionErrors.NotPublished(host.Host, $"{what}, it answers {(int)answer.Status}{(said is null ? "" : $" ({said})")}", answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "Let an administrator check the host's token (Integrations)." : "Choose another name, or correct the step.");
    }

    private static JsonObject? Json(HttpAnswer answer) => Node(answer) as JsonObject;

    private static JsonNode? Node(HttpAnswer answer)
    {
        try
        {
            return JsonNode.Parse(answer.Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string ProjectOf(RepoUrl address) => address["project"] ?? $"{address["owner"]}/{address["repo"]}";

    private static string Part(RepoUrl address, string name) => Uri.EscapeDataString(address[name] ?? "");

    private static string Bare(string clone) => clone.EndsWith(".git", StringComparison.Ordinal) ? clone[..^4] : clone;

    private static string WithoutUser(string clone) => Uri.TryCreate(clone, UriKind.Absolute, out var url) ? new UriBuilder(url) { UserName = "", Password = "" }.Uri.ToString() : clone;
}

/// <param name="Target">The branch that it is to be merged into.</param>
internal sealed record ProposalText(string Title, string Text, string Branch, string Target);
