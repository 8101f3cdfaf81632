using Axle.Contracts;

namespace Axle.Entities;

/// <summary>Writes conditions so that equal facts stay equal: only a change of status moves the time.</summary>
public static class Conditions
{
    public const string True = "True";
    public const string False = "False";
    public const string Unknown = "Unknown";

    /// <summary>The list with one condition set; in its place when it was there, at the end when it is new.</summary>
    public static IReadOnlyList<Condition> Set(
        IReadOnlyList<Condition> conditions,
        string type,
        string status,
        string reason,
        string message,
        DateTimeOffset now,
        string? next = null,
        EntityRef? rootCause = null)
    {
        var before = conditions.FirstOrDefault(condition => condition.Type == type);
        var since = before?.Status == status ? before.LastTransitionTime : now;
        var after = new Condition(type, status, reason, message, since, next, rootCause);
        return before is null ? [.. conditions, after] : [.. conditions.Select(condition => condition.Type == type ? after : condition)];
    }

    /// <summary>The condition of a type, or null.</summary>
    public static Condition? Of(IReadOnlyList<Condition> conditions, string type) => conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether the condition is there and true.</summary>
    public static bool IsTrue(IReadOnlyList<Condition> conditions, string type) => Of(conditions, type)?.Status == True;
}
