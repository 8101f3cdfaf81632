using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Secrets;
using Axle.Platform.Source;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Actions;

/// <summary>A host that may be published to, and with what.</summary>
internal sealed record PublishPlace(GitHost Host, RepoUrl Address, SecretValue Token);

/// <summary>What all actions that publish share.</summary>
internal sealed class Publishing(GitHosts hosts, HostApi api, IRemoteRepositories remotes, ISourceFolders folders, IServiceProvider services)
{
    public GitHosts Hosts => hosts;

    public HostApi Api => api;

    public IRemoteRepositories Remotes => remotes;

    public ISourceFolders Folders => folders;

    public DateTimeOffset Now => services.GetRequiredService<TimeProvider>().GetUtcNow();

    /// <summary>Where an action is sent by the platform's settings; null for those that do what their name says.</summary>
    public string? MappingOf(string action) => services.GetRequiredService<IOptions<PublishOptions>>().Value.Publish.GetValueOrDefault(action) is { Length: > 0 } to && to != action ? to : null;

    /// <summary>Runs the action that another one is sent to.</summary>
    public async Task<Result<ActionResult>> ElsewhereAsync(string mapping, ActionRun run, CancellationToken stop) =>
        Target(mapping).TryGet(out var target, out var unknown) ? await target.RunAsync(run with { Input = Sent(mapping, run.Input) }, stop) : unknown;

    /// <summary>Why a step that is sent elsewhere cannot work there; null when it may.</summary>
    public Error? RefuseElsewhere(string mapping, JsonObject input) =>
        Target(mapping).TryGet(out var target, out var unknown) ? target.Refuse(Sent(mapping, input)) : unknown;

    /// <summary>The host of a step's repoUrl, which must be one of this kind that the platform or the step can sign in to.</summary>
    public Result<PublishPlace> Place(string action, string kind, JsonObject input)
    {
        if (!HostOf(action, kind, input).TryGet(out var place, out var wrong))
        {
            return wrong;
        }

        return (input.Text("token") is { Length: > 0 } given ? new SecretValue(given) : place.Host.Token) is { } token ? new PublishPlace(place.Host, place.Address, token) : NoToken(action, place.Address.Host);
    }

    /// <summary>The host of a step's repoUrl, whether or not anybody can sign in to it.</summary>
    public Result<(GitHost Host, RepoUrl Address)> HostOf(string action, string kind, JsonObject input)
    {
        if (RepoUrl.Parse(input.Text("repoUrl")) is not { } address)
        {
            return ActionErrors.Input("The repoUrl is no address of a repository: host?owner=…&repo=….");
        }

        if (hosts.Find(address.Host) is not { } host || host.Kind != kind)
        {
            return ActionErrors.NotPublished(action, $"{address.Host} is no {kind} host that this platform knows", "Let an administrator name it under Integrations, or send the action elsewhere with Templates:Publish.");
        }

        return (host, address);
    }

    /// <summary>Why a step cannot sign in where it publishes to, as far as its input tells yet; null when it may.</summary>
    public Error? Refuse(string action, string kind, JsonObject input) =>
        input.Text("repoUrl") is { } url && !url.Contains("${{", StringComparison.Ordinal) ? Place(action, kind, input).Error
        : input["token"] is not null || hosts.HasToken(kind) ? null
        : NoToken(action, $"any {kind} host");

    /// <summary>Never one that is sent on itself: that could go in a circle.</summary>
    private Result<ITemplateAction> Target(string mapping)
    {
        const string Next = "Let an administrator correct Templates:Publish.";
        return services.GetServices<ITemplateAction>().FirstOrDefault(action => action.Id == mapping.Split('?', 2)[0]) is not { } target ? ActionErrors.NotPublished(mapping, "the platform's settings name an action that there is none of", Next)
            : target is PublishElsewhere && MappingOf(target.Id) is { } further ? ActionErrors.NotPublished(mapping, $"the platform's settings send it on to {further}, and one step is all that is followed", Next)
            : Result<ITemplateAction>.Of(target);
    }

    /// <summary>The name of the repository stays; host and owner are those of the settings.</summary>
    private static JsonObject Sent(string mapping, JsonObject given)
    {
        var input = (JsonObject)given.DeepClone();
        var parts = mapping.Split('?', 2);
        if (parts.Length == 2 && RepoUrl.Parse($"host?{parts[1]}") is { } settings && settings["host"] is { } host)
        {
            var name = RepoUrl.Parse(given.Text("repoUrl"))?["repo"] ?? given.Text("repository") ?? "";
            var rest = settings.Parts.Where(part => part.Key != "host").Append(KeyValuePair.Create("repo", name));
            input["repoUrl"] = $"{host}?{string.Join('&', rest.Select(part => $"{part.Key}={Uri.EscapeDataString(part.Value)}"))}";
        }

        return input;
    }

    private static Error NoToken(string action, string host) =>
        ActionErrors.NotPublished(action, $"the platform has no token for {host}", $"Let an administrator set Integrations, or send the action to this platform's own git: Templates:Publish:{action} = publish:axle");
}
