using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Ownership;

/// <summary>
/// Who asks, and what they may do. Made by the host from a token or a session for each request; capabilities only ask
/// <see cref="Refuse"/>.
/// </summary>
public sealed record Caller
{
    public required EntityRef User { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>Every group the user belongs to, parents of groups included.</summary>
    public IReadOnlyList<EntityRef> Groups { get; init; } = [];

    public required Role Role { get; init; }

    /// <summary>Verbs that the token was limited to; <c>*</c> is all.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["*"];

    /// <summary>The actor written into the log.</summary>
    public string Actor => User.ToString();

    /// <summary>The user, or one of their groups, is the entity's owner. An entity without owner belongs to administrators.</summary>
    public bool Owns(Entity entity) =>
        entity.Relations.Any(r => r.Type == "ownedBy" && (r.TargetRef == User || Groups.Contains(r.TargetRef)));

    /// <summary>May use a verb somewhere; whether on a certain entity, <see cref="Refuse"/> tells.</summary>
    public bool Has(Verb verb) => (Scopes.Contains("*") || Scopes.Contains(verb.Name)) && verb.Least <= Role;

    /// <summary>Null when the caller may use the verb on the entity; otherwise why not, and who may.</summary>
    /// <param name="verb">What they want to do.</param>
    /// <param name="target">The owned entity that it is about; null for verbs that are about the platform.</param>
    public Error? Refuse(Verb verb, Entity? target = null)
    {
        if (!Has(verb))
        {
            return Scopes.Contains("*") || Scopes.Contains(verb.Name)
                ? new Error("ownership.role", $"{User.Short} may not {verb.Sentence}: that needs the role {verb.Least.ToString().ToLowerInvariant()}, and theirs is {Role.ToString().ToLowerInvariant()}.", "Ask an administrator of this platform.", 403)
                : new Error("ownership.scope", $"This token may not {verb.Sentence}: its scopes are {string.Join(", ", Scopes)}.", $"axle token create --scope {verb.Name}", 403);
        }

        if (!verb.OwnersOnly || target is null || Role == Role.Admin || Owns(target))
        {
            return null;
        }

        var owner = target.TargetOf("ownedBy");
        return owner is { } known
            ? new Error("ownership.not_owner", $"{User.Short} may not {verb.Sentence}: {target.Ref.Short} belongs to {known.Short}.", $"axle describe {known.Short}", 403)
            : new Error("ownership.no_owner", $"{User.Short} may not {verb.Sentence}: {target.Ref.Short} has no owner, so only administrators may.", $"axle describe {target.Ref.Short}", 403);
    }

    /// <summary>The caller of this request; the host has set it before any endpoint runs.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}

/// <summary>What a user may be. Each includes the ones before.</summary>
public enum Role
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Creates, and works on what they or their groups own.</summary>
    Member,

    /// <summary>Everything.</summary>
    Admin,
}

/// <summary>Something a caller can do; every endpoint declares one.</summary>
/// <param name="Name">For scopes: <c>component.deploy</c>.</param>
/// <param name="Sentence">Completes "may not …".</param>
/// <param name="Least">The least role.</param>
/// <param name="OwnersOnly">Members need to own the entity.</param>
public sealed record Verb(string Name, string Sentence, Role Least, bool OwnersOnly = false)
{
    public static readonly Verb Read = new("read", "read the catalogue", Role.Viewer);
    public static readonly Verb ReadLogs = new("logs.read", "read logs", Role.Viewer);
    public static readonly Verb Create = new("component.create", "create components", Role.Member);
    public static readonly Verb Write = new("entity.write", "change this entity", Role.Member, OwnersOnly: true);
    public static readonly Verb Delete = new("entity.delete", "delete this entity", Role.Member, OwnersOnly: true);
    public static readonly Verb Push = new("source.push", "push to this repository", Role.Member, OwnersOnly: true);
    public static readonly Verb Deploy = new("component.deploy", "deploy this component", Role.Member, OwnersOnly: true);
    public static readonly Verb Exec = new("component.exec", "run commands in this component", Role.Member, OwnersOnly: true);
    public static readonly Verb ManageResources = new("resource.manage", "manage this resource", Role.Member, OwnersOnly: true);
    public static readonly Verb ConnectResource = new("resource.connect", "connect to this resource", Role.Member, OwnersOnly: true);
    public static readonly Verb ReadSecrets = new("secrets.read", "read secrets", Role.Member, OwnersOnly: true);
    public static readonly Verb WriteSecrets = new("secrets.write", "change secrets", Role.Member, OwnersOnly: true);
    public static readonly Verb Tokens = new("token.manage", "manage their tokens", Role.Viewer);
    public static readonly Verb Administer = new("platform.administer", "administer the platform", Role.Admin);

    /// <summary>Open to everybody: health, login, webhooks (which prove themselves by signature).</summary>
    public static readonly Verb Anonymous = new("anonymous", "", Role.Viewer);

    /// <summary>Every verb that a token may be limited to.</summary>
    public static IReadOnlyList<Verb> All { get; } = [Read, ReadLogs, Create, Write, Delete, Push, Deploy, Exec, ManageResources, ConnectResource, ReadSecrets, WriteSecrets, Tokens, Administer];
}
