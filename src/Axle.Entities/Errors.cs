using Axle.Contracts;

namespace Axle.Entities;

/// <summary>An entity breaks the envelope's rules or its kind's; the problems say where.</summary>
public sealed record EntityInvalid : Error
{
    public EntityInvalid(string which, IReadOnlyList<Problem> problems)
        : base("entities.invalid", $"{which} is not valid: {problems[0].ToString().TrimEnd('.')}{(problems.Count > 1 ? $" (and {problems.Count - 1} more)" : "")}.", "Correct the fields and apply again.", 422) =>
        Problems = problems;
}

/// <summary>No capability of this platform has such a kind.</summary>
public sealed record KindUnknown : Error
{
    public KindUnknown(string kind, IReadOnlyList<string> known)
        : base("entities.kind_unknown", $"There is no kind '{Shown(kind)}'. Known, closest first: {string.Join(", ", known)}.", "Correct the field kind.", 422) =>
        Problems = [new Problem($"'{Shown(kind)}' is unknown; known, closest first: {string.Join(", ", known)}", Path: "kind")];

    private static string Shown(string kind) => kind.Length > 63 ? kind[..63] + "…" : kind;
}

public sealed record EntityNotFound(EntityRef Which)
    : Error("entities.not_found", $"There is no {Which}.", $"axle get {Which.Kind}", 404);

/// <summary>Somebody else was faster.</summary>
public sealed record EntityConflict(EntityRef Which, long Expected, long? Actual)
    : Error(
        "entities.conflict",
        (Expected, Actual) switch
        {
            (0, _) => $"{Which} exists already (revision {Actual}).",
            (_, null) => $"{Which} was expected at revision {Expected}, but does not exist.",
            _ => $"{Which} was expected at revision {Expected}, but is at {Actual}.",
        },
        $"Read it again (axle get {Which} -o yaml), and repeat the change on what it is now.",
        409);

/// <summary>The kind's spec never changes after creation.</summary>
public sealed record EntityImmutable(EntityRef Which)
    : Error("entities.immutable", $"The spec of {Which} cannot change: this kind is immutable.", "Create a new one under another name.", 409);

/// <summary>The entity waits for its clean-up; what is written now would be lost.</summary>
public sealed record EntityBeingDeleted(EntityRef Which)
    : Error("entities.being_deleted", $"{Which} is being deleted.", $"Wait until it is gone (axle describe {Which}), then create it again.", 409);

/// <summary>Others would break.</summary>
public sealed record EntityDependedOn : Error
{
    private const int ShownMax = 5;

    public EntityDependedOn(EntityRef which, IReadOnlyList<Relation> dependents)
        : base("entities.depended_on", Sentence(which, dependents), $"Delete or change those first, or: axle delete {which} --force", 409) =>
        Problems = [.. dependents.Take(100).Select(dependent => new Problem($"{dependent.TargetRef} {dependent.Type} {which}", Path: dependent.TargetRef.ToString()))];

    private static string Sentence(EntityRef which, IReadOnlyList<Relation> dependents)
    {
        var shown = string.Join(", ", dependents.Take(ShownMax).Select(dependent => $"{dependent.TargetRef} ({dependent.Type})"));
        return $"{which} is still needed by {shown}{(dependents.Count > ShownMax ? $" and {dependents.Count - ShownMax} more" : "")}.";
    }
}
