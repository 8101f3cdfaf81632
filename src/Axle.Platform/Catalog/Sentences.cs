using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Catalog;

/// <summary>
/// Words for a row of the change log: <c>jane deployed orders v7 to staging</c>. Read from the entity's JSON and not from
/// its capability's types: the log also holds kinds that this version no longer, or not yet, knows.
/// </summary>
internal static class Sentences
{
    /// <summary>Null for rows that tell people nothing.</summary>
    public static string? Of(Change change)
    {
        var who = Person(ActorOf(change));
        return (change.Entity.Kind, change.Verb) switch
        {
            (_, "status") => null,

            // What somebody likes is nobody else's business.
            (Browsing.Starring.KindName, _) => null,
            (Kinds.Deployment, "create" or "update") => Deployment(who, change.Entity),
            (Kinds.Deployment, "delete") => $"{who} removed {Name(change, "component")} from {Name(change, "environment")}",
            (Kinds.Build, "create") => $"{who} started a build of {Name(change, "component")} at {Commit(change.Entity)}{Quoted(Text(change.Entity, "message"))}",
            (Kinds.Build, "update") when Flag(change.Entity, "cancelled") => $"{who} cancelled the build of {Name(change, "component")} at {Commit(change.Entity)}",
            (Kinds.Build, _) => null,
            (Kinds.Release, "create") => $"{Name(change, "component")} {Release(change.Entity.Metadata.Name)} was released{Quoted(Text(change.Entity, "message"))}",
            (Kinds.Release, _) => null,
            (Kinds.ResourceClaim, "create") => $"{who} asked for {Text(change.Entity, "type")} {change.Entity.Metadata.Name}",
            (Kinds.ResourceClaim, "update") when change.Entity.Metadata.DeletedAt is null => $"{who} on {change.Entity.Metadata.Name}: {change.Message ?? "changed"}",

            // What the catalogue shows for a claim says what the claim's own rows say.
            (Kinds.Resource, _) when change.Entity.Metadata.Annotations.ContainsKey(Annotations.ResourceClaim) => null,

            // A credential of the platform's own is told by the thing that it opens.
            (Kinds.Secret, _) when Text(change.Entity, "scope") is { } scope && scope.StartsWith("own/", StringComparison.Ordinal) => null,
            (Kinds.Secret, "create") => $"{who} set the secret {Secret(change.Entity)}",
            (Kinds.Secret, "update") => $"{who} on the secret {Secret(change.Entity)}: {change.Message ?? "changed"}",
            (Kinds.Secret, "delete") => $"{who} destroyed the secret {Secret(change.Entity)}",
            (_, "create") => $"{who} created {Thing(change)}{Owner(change)}",
            (_, "delete") when change.Entity.Metadata.DeletedAt is not null => $"{who} deleted {Thing(change)}",
            (_, "update") when change.Entity.Metadata.DeletedAt is not null => $"{who} asked to delete {Thing(change)}",
            (_, "delete") => $"{who} deleted {Thing(change)}",
            (_, "update") => $"{who} changed {Thing(change)}{Quoted(change.Message)}",
            var (_, verb) => $"{who} did {verb} on {Thing(change)}",
        };
    }

    /// <summary>The person who asked, also when the platform wrote the row for them.</summary>
    public static string ActorOf(Change change) =>
        change.Actor.StartsWith("system:", StringComparison.Ordinal) && change.Verb != "delete" && Text(change.Entity, "requestedBy") is { Length: > 0 } asked
            ? asked
            : change.Actor;

    private static string Deployment(string who, Entity entity)
    {
        var component = NameOf(Text(entity, "component"));
        var environment = NameOf(Text(entity, "environment"));
        var release = Release(NameOf(Text(entity, "release")));
        if (entity.Metadata.DeletedAt is not null)
        {
            return $"{who} asked to remove {component} from {environment}";
        }

        if (Flag(entity, "stopped"))
        {
            return $"{who} stopped {component} in {environment}";
        }

        return Text(entity, "trigger") switch
        {
            "promote" => $"{who} promoted {component} {release} to {environment}",
            "rollback" => $"{who} rolled {component} back to {release} in {environment}",
            "cancel" => $"{who} cancelled the rollout of {component} in {environment}; {release} stays",
            "push" => $"{who} pushed {component} {release} to {environment}",
            "scale" => $"{who} scaled {component} in {environment}{Instances(entity)}",
            "restart" => $"{who} restarted {component} in {environment}",
            "start" => $"{who} started {component} in {environment}",
            _ => $"{who} deployed {component} {release} to {environment}",
        };
    }

    private static string Person(string actor)
    {
        if (actor.StartsWith("system:", StringComparison.Ordinal))
        {
            return "Axle";
        }

        return NameOf(actor);
    }

    private static string Thing(Change change) =>
        $"{change.Entity.Kind.ToLowerInvariant()} {change.Entity.Metadata.Name}{(change.Ref.Namespace == EntityRef.DefaultNamespace ? "" : $" in {change.Ref.Namespace}")}";

    private static string Owner(Change change) =>
        change.Entity.TargetOf("ownedBy") is { } owner ? $" for {owner.Name}" : "";

    private static string Name(Change change, string field) => NameOf(Text(change.Entity, field));

    private static string NameOf(string? reference) => EntityRef.TryParse(reference, "x", EntityRef.DefaultNamespace, out var which) ? which.Name : "something";

    /// <summary>By its name and whose it is: the entity's own name is in lower case.</summary>
    private static string Secret(Entity entity) => (Text(entity, "name") ?? entity.Metadata.Name) + Text(entity, "scope")?.Split('/') switch
    {
        ["team", _, var team] => $" of team {team}",
        ["component", _, var component] => $" of {component}",
        ["component", _, var component, var environment] => $" of {component} in {environment}",
        ["organisation"] => " of the organisation",
        _ => "",
    };

    /// <summary><c>orders-v7</c> is <c>v7</c> to people.</summary>
    private static string Release(string name) =>
        name.LastIndexOf("-v", StringComparison.Ordinal) is >= 0 and var at && name.AsSpan(at + 2) is { Length: > 0 } number && !number.ContainsAnyExceptInRange('0', '9')
            ? name[(at + 1)..]
            : name;

    private static string Commit(Entity entity) => Text(entity, "commit") is { Length: >= 7 } commit ? commit[..7] : "an unknown commit";

    private static string Quoted(string? text) => string.IsNullOrWhiteSpace(text) ? "" : $" ({text.Trim()})";

    private static string Instances(Entity entity) =>
        entity.Spec.TryGetProperty("instances", out var instances) && instances.ValueKind == JsonValueKind.Object
            ? $" to {string.Join(", ", instances.EnumerateObject().Select(one => $"{one.Value.GetRawText()} {one.Name}"))}"
            : "";

    private static string? Text(Entity entity, string field) =>
        entity.Spec.ValueKind == JsonValueKind.Object && entity.Spec.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(Entity entity, string field) =>
        entity.Spec.ValueKind == JsonValueKind.Object && entity.Spec.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.True;
}
