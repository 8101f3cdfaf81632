using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// Makes resources, by one scheme of <see cref="ProvisionerSpec.Uri"/> or as one built-in type. Level-based and idempotent:
/// every method may be called again after a crash at any instruction, and side by side for different claims.
/// </summary>
internal interface IResourceDriver
{
    /// <summary>What a provisioner's uri begins with, for instance <c>axle://postgres</c> or <c>template://</c>.</summary>
    string Uri { get; }

    /// <summary>Brings the resource to what the claim asks, and says what it gives. Also brings back one that was suspended.</summary>
    Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop);

    /// <summary>What bringing an existing resource to the claim's params would do. Touches nothing.</summary>
    Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop);

    /// <summary>Makes it unusable for everybody and keeps its data.</summary>
    Task SuspendAsync(Claim claim, CancellationToken stop);

    /// <summary>Takes it away for good; nothing of it stays.</summary>
    /// <exception cref="ResourceInUseException">It cannot be taken from somebody who works with it; it is tried again.</exception>
    Task DestroyAsync(Claim claim, CancellationToken stop);

    /// <summary>Size, connections and version, as they are now; null when it cannot be asked.</summary>
    Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop);
}

/// <summary>
/// A driver whose resources are used by login, with two users that take turns: odd versions of the credential are user a, even
/// ones user b. Rotation drives these verbs; each is idempotent.
/// </summary>
internal interface ILoginDriver : IResourceDriver
{
    /// <summary>A new login for a version of the claim's credential; makes nothing.</summary>
    Login NewLogin(Claim claim, int version);

    /// <summary>The user can log in with the password from now on, with every right that consumers need.</summary>
    Task ApplyAsync(Claim claim, Login login, CancellationToken stop);

    /// <summary>Logs in and uses it; null when that works, else the reason.</summary>
    Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop);

    /// <summary>How many sessions of the user are open now.</summary>
    Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop);

    /// <summary>The user cannot log in any more, and its sessions end.</summary>
    Task RevokeAsync(Claim claim, string username, CancellationToken stop);

    /// <summary>What consumers are given: the public outputs, the login, and what is made of both (for instance <c>uri</c>). Pure.</summary>
    IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login);
}

/// <summary>A claim with what a driver needs to know of it.</summary>
/// <param name="Provisioner">The one that was chosen for it.</param>
internal sealed record Claim(Entity<ResourceClaimSpec, ResourceClaimStatus> Entity, ProvisionerSpec Provisioner)
{
    public EntityRef Ref => Entity.Ref;

    public ResourceClaimSpec Spec => Entity.Spec;

    public ResourceClaimStatus Status => Entity.Status;

    /// <summary>What the driver remembered, or null.</summary>
    public T? State<T>()
        where T : class =>
        Status.State.ValueKind == JsonValueKind.Object ? Status.State.Deserialize<T>(EntityJson.Options) : null;
}

/// <summary>What a driver made.</summary>
internal sealed record Provisioned
{
    /// <summary>Null when it is there; otherwise what it waits for, and it is asked again soon.</summary>
    public string? Waiting { get; init; }

    /// <summary>The entity that must change first, while it waits.</summary>
    public EntityRef? RootCause { get; init; }

    /// <summary>Outputs that are no secret.</summary>
    public IReadOnlyDictionary<string, JsonElement> Outputs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Outputs that are; kept sealed. A login driver gives none: its logins are kept apart.</summary>
    public IReadOnlyDictionary<string, string> SecretOutputs { get; init; } = new Dictionary<string, string>();

    /// <summary>What to remember for the next time; never a secret.</summary>
    public JsonElement State { get; init; }

    /// <summary>One public output; empty when there is none.</summary>
    public static string Text(ResourceClaimStatus status, string output) =>
        status.Outputs.TryGetValue(output, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText() : "";

    public static JsonElement StateOf<T>(T state) => JsonSerializer.SerializeToElement(state, EntityJson.Options);

    public static IReadOnlyDictionary<string, JsonElement> OutputsOf(params ReadOnlySpan<(string Key, object Value)> values)
    {
        var outputs = new Dictionary<string, JsonElement>();
        foreach (var (key, value) in values)
        {
            outputs[key] = JsonSerializer.SerializeToElement(value, EntityJson.Options);
        }

        return outputs;
    }
}

/// <summary>What a change of an existing resource would do.</summary>
/// <param name="Action">See <see cref="ForeseenActions"/>.</param>
/// <param name="Lines">What exactly, a sentence each.</param>
internal sealed record Foreseen(string Action, IReadOnlyList<string> Lines)
{
    public static Foreseen Unchanged { get; } = new(ForeseenActions.Unchanged, []);

    /// <summary>What follows when params change; nothing, when those that it was made with cannot be read any more.</summary>
    public static Task<Result<Foreseen>> OfAsync<T>(Claim claim, Func<ResourceClaimSpec, Result<T>> read, Func<T, T, Foreseen> fromTo)
    {
        if (!read(claim.Spec).TryGet(out var asked, out var error))
        {
            return Task.FromResult<Result<Foreseen>>(error);
        }

        return Task.FromResult<Result<Foreseen>>(read(claim.Spec with { Params = claim.Status.Params }) is { Ok: true, Value: var made } ? fromTo(made, asked) : Unchanged);
    }

    /// <summary>What changes in place, if anything does.</summary>
    /// <param name="lines">A sentence for each param that does.</param>
    /// <param name="follows">What comes with any of them.</param>
    public static Foreseen Changes(IReadOnlyList<string> lines, string? follows = null) =>
        lines.Count == 0 ? Unchanged : new Foreseen(ForeseenActions.Change, follows is null ? lines : [.. lines, follows]);
}

internal static class ForeseenActions
{
    public const string Create = "create";
    public const string Unchanged = "unchanged";

    /// <summary>Changed in place; data stays.</summary>
    public const string Change = "change";

    /// <summary>Made anew; data is lost.</summary>
    public const string Replace = "replace";
    public const string Remove = "remove";
}

/// <summary>A resource cannot be destroyed while somebody works with it.</summary>
internal sealed class ResourceInUseException(string message) : Exception(message);

/// <summary>A user and its password.</summary>
internal sealed record Login(string Username, SecretValue Password)
{
    /// <summary>What consumers of a server are given by this login: itself, and a uri of it, the public outputs and what comes behind these.</summary>
    public IReadOnlyDictionary<string, string> Outputs(string scheme, ResourceClaimStatus status, string path = "") => new Dictionary<string, string>
    {
        ["username"] = Username,
        ["password"] = Password.Reveal(),
        ["uri"] = $"{scheme}://{Username}:{Password.Reveal()}@{Provisioned.Text(status, "host")}:{Provisioned.Text(status, "port")}{path}",
    };
}
