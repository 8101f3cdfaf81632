using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Schema;

/// <summary>One place where a value does not fit its schema.</summary>
/// <param name="Path">Names and numbers that lead to it; empty for the value itself.</param>
/// <param name="Keyword">The schema's keyword, for programs.</param>
/// <param name="Message">Completes the field's name: <c>must be at least 1</c>.</param>
/// <param name="Title">What the schema calls the field, where it says so.</param>
/// <param name="Argument">What the keyword was given: the missing name for <c>required</c>, the names for <c>type</c>.</param>
internal sealed record SchemaProblem(IReadOnlyList<string> Path, string Keyword, string Message, string? Title = null, JsonNode? Argument = null)
{
    /// <summary>The path as people write it: <c>ports[0].name</c>; for a name that is missing, that of the name.</summary>
    public string Field => Written(Keyword == SchemaKeywords.Required && Argument is JsonValue missing ? [.. Path, missing.GetValue<string>()] : Path);

    public Problem ToProblem() => new(Title is null ? Message : $"{Title} {Message}", Path: Field.Length == 0 ? null : Field);

    internal static string Written(IEnumerable<string> path)
    {
        var written = string.Concat(path.Select(part => uint.TryParse(part, out _) ? $"[{part}]" : $".{part}"));
        return written.StartsWith('.') ? written[1..] : written;
    }
}

/// <summary>Keywords that are named in more than one place.</summary>
internal static class SchemaKeywords
{
    public const string Required = "required";
    public const string AdditionalProperties = "additionalProperties";

    /// <summary>Not a keyword of JSON Schema: the check was given up.</summary>
    public const string Limit = "limit";
}

/// <summary>What several runs over a schema may still cost together: a schema that refers to itself twice doubles with each level.</summary>
internal sealed class SchemaWork(int max)
{
    private int _left = max;

    /// <summary>Time of all patterns.</summary>
    public Budget Patterns { get; } = new(RenderLimits.Default, CancellationToken.None);

    /// <summary>Some steps more; false when there are none left.</summary>
    public bool Take(int steps = 1) => (_left = Math.Max(-1, _left - steps)) >= 0;
}

/// <summary>How much one check may cost: schemas come with templates, whose authors are not trusted with the platform's time.</summary>
internal sealed record SchemaLimits
{
    public static SchemaLimits Default { get; } = new();

    /// <summary>How deep values and schemas may nest, <c>$ref</c> included.</summary>
    public int DepthMax { get; init; } = 128;

    /// <summary>Steps: each value under each schema that it is held against.</summary>
    public int WorkMax { get; init; } = 200_000;

    /// <summary>Problems that are reported.</summary>
    public int ProblemsMax { get; init; } = 100;
}
