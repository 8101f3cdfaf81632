using System.Text.Json;

namespace Axle.Contracts;

/// <summary>A page of entities.</summary>
public sealed record EntityPage(IReadOnlyList<Entity> Items, string? NextCursor, int Total);

/// <summary>Asks to deploy. Without a release the newest is meant; without an environment, the first one.</summary>
/// <param name="Release"><c>v7</c>, <c>7</c>, a release's name, or a commit (at least 7 digits).</param>
public sealed record DeployRequest(string? Environment = null, string? Release = null);

/// <summary>Asks to take what serves in <paramref name="From"/> (default: the environment before) to <paramref name="To"/> (default: the next).</summary>
public sealed record PromoteRequest(string? To = null, string? From = null);

/// <summary>Asks to go back, by default to what served before, and to hold automatic deploys of newer releases known so far.</summary>
public sealed record RollbackRequest(string? Environment = null, string? To = null);

public sealed record ScaleRequest(string? Environment, IReadOnlyDictionary<string, int> Instances);

/// <summary>The environment that restart, stop, start, or cancel is about. For cancel, null means every running build and rollout of the component.</summary>
public sealed record EnvironmentRequest(string? Environment = null);

/// <summary>Runs a command once in a component's release: own instance, same variables.</summary>
public sealed record RunRequest(string? Environment, IReadOnlyList<string> Command);

/// <summary>The answer to a verb on a deployment: watch it until <see cref="DeploymentStatus.ObservedGeneration"/> reaches this generation.</summary>
public sealed record DeploymentAccepted(EntityRef Deployment, long Generation, EntityRef Release, int Number, string Environment, string Message)
{
    /// <summary>What <c>axle scale</c> counts, in the order of the release.</summary>
    public IReadOnlyList<ProcessView> Processes { get; init; } = [];
}

/// <summary>What was cancelled, by ref.</summary>
public sealed record CancelAccepted(IReadOnlyList<EntityRef> Cancelled);

/// <summary>Everything <c>axle status</c> and the service page show, in one answer.</summary>
public sealed record ComponentView(
    Entity Component,
    string? Owner,
    string? CloneUrl,
    IReadOnlyList<DeploymentView> Deployments,
    IReadOnlyList<ReleaseView> Releases,
    IReadOnlyList<BuildView> Builds);

public sealed record DeploymentView(string Environment, bool Production, EntityRef Ref, long Generation, DeploymentSpec Spec, DeploymentStatus Status, string Release, string? Serving)
{
    /// <summary>What <c>axle scale</c> counts, in the order of the release.</summary>
    public IReadOnlyList<ProcessView> Processes { get; init; } = [];
}

/// <summary>A process that has a number of instances.</summary>
/// <param name="Wanted">How many are asked for; 0 runs nothing.</param>
public sealed record ProcessView(string Process, int Wanted);

public sealed record ReleaseView(EntityRef Ref, string Release, string Commit, string? Message, string? Author, DateTimeOffset CreatedAt, IReadOnlyList<string> ServingIn);

public sealed record BuildView(EntityRef Ref, string Commit, string? Message, string? Author, BuildStatus Status, DateTimeOffset CreatedAt);

/// <summary>Why a thing is as it is, in one sentence, with the cause.</summary>
public sealed record Description(Entity Entity, string Summary, EntityRef? RootCause, string? Next, IReadOnlyList<Change> History)
{
    /// <summary><c>live</c> when Axle provides and verifies it, <c>declared</c> when it is only written down.</summary>
    public string Standing { get; init; } = Standings.Of(Entity);

    /// <summary>Files elsewhere that describe an entity of this name too, and did not get it.</summary>
    public IReadOnlyList<string> AlsoDescribedIn { get; init; } = [];
}

/// <summary>Asks for a new component from a template.</summary>
/// <param name="Owner">A group or user ref, or a bare group name.</param>
/// <param name="Values">Further answers to the template's parameters.</param>
public sealed record CreateRequest(string Template, string Name, string Owner, IReadOnlyDictionary<string, string>? Values = null, string? Description = null);

public sealed record CreateAnswer(EntityRef Component, string CloneUrl, string Commit, IReadOnlyList<string> Steps);

/// <summary>Asks to take over an existing repository.</summary>
/// <param name="Source">A git URL, or a folder on the server's machine (administrators only).</param>
/// <param name="Accept">Commit the proposed score.yaml and catalog-info.yaml where they are missing.</param>
public sealed record ImportRequest(string Source, string Name, string Owner, bool Accept = false);

/// <param name="Proposed">Files that were missing and are proposed, by path; committed when <see cref="ImportRequest.Accept"/> was set.</param>
/// <param name="Found">What was detected, in one sentence.</param>
public sealed record ImportAnswer(EntityRef Component, string CloneUrl, string? Commit, string Found, bool Accepted, IReadOnlyDictionary<string, string> Proposed);

public sealed record ApplyAnswer(IReadOnlyList<ApplyItem> Items);

/// <param name="Outcome"><c>created</c>, <c>updated</c> or <c>unchanged</c>.</param>
public sealed record ApplyItem(EntityRef Ref, string Outcome, long Revision);

public sealed record Me(string User, string? DisplayName, IReadOnlyList<string> Groups, string Role, IReadOnlyList<string> Scopes);

/// <param name="Scopes">Verbs or <c>*</c>; intersected with the owner's rights at each use.</param>
public sealed record TokenRequest(string Name, int Days = 90, IReadOnlyList<string>? Scopes = null, string? User = null);

/// <param name="Token">Shown once.</param>
public sealed record TokenCreated(string Id, string Token, DateTimeOffset ExpiresAt);

public sealed record TokenView(string Id, string Name, string User, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt);

/// <param name="Url">Opens the portal signed in; works once, for ten minutes.</param>
public sealed record LoginLink(string Url, DateTimeOffset ExpiresAt);

/// <summary>The platform itself.</summary>
/// <param name="Ingress">Base of the services' URLs, with <c>*</c> for <c>service.environment</c>.</param>
/// <param name="Isolation"><c>full</c>, <c>limits only</c> or <c>none</c>.</param>
public sealed record PlatformView(string Version, string Portal, string Ingress, string Isolation, IReadOnlyList<string> IsolationMissing, bool AgentConnected, DateTimeOffset StartedAt, string DataFolder)
{
    /// <summary>Why no secret can be read or written now, and what to do; null when all is well.</summary>
    public string? SecretsSealed { get; init; }
}

public sealed record TemplateView(string Name, string Title, string? Description, string? Type, JsonElement Parameters);

/// <summary>One thing that happened, worded for people.</summary>
public sealed record Activity(long Revision, DateTimeOffset At, string Actor, string Verb, EntityRef Ref, string Sentence);

public sealed record ActivityPage(IReadOnlyList<Activity> Items, long? NextBefore);
