using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>Reads workloads. The only way to a <see cref="Score"/>; every problem is reported at once.</summary>
public static class ScoreFile
{
    /// <summary>The file's usual name, in a repository's root.</summary>
    public const string Name = "score.yaml";

    /// <summary>Reads a <c>score.yaml</c>. The refusal <c>workloads.invalid</c> lists every problem with its place.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="file">How the file is called in messages.</param>
    public static Result<Score> Parse(string yaml, string? file = Name) => Parse(new ScoreSource(yaml, file), []);

    /// <summary>Reads a file with overrides; only the outcome has to be valid.</summary>
    /// <param name="source">The file.</param>
    /// <param name="overrides">Files merged into it, in order.</param>
    /// <param name="properties">Then single properties, as <c>containers.web.variables.LEVEL=debug</c>.</param>
    public static Result<Score> Parse(ScoreSource source, IReadOnlyList<ScoreSource> overrides, params IReadOnlyList<string> properties)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(overrides);
        ArgumentNullException.ThrowIfNull(properties);
        var problems = new List<Problem>();
        var document = StrictYaml.Read(source.Text, source.File, problems);
        foreach (var each in overrides)
        {
            var changes = StrictYaml.Read(each.Text, each.File, problems);
            document = document is null || changes is null ? null : Overrides.Merge(document, changes);
        }

        if (document is null)
        {
            return ScoreErrors.Invalid(source.File, problems);
        }

        foreach (var property in properties)
        {
            if (!Overrides.Set(document, property).TryGet(out var changed, out var error))
            {
                return error;
            }

            document = changed;
        }

        return Read(document, source.File, problems);
    }

    /// <summary>Reads a workload in JSON by the same rules.</summary>
    public static Result<Score> FromJson(JsonElement json) => Read(YamlValue.From(json), null, []);

    private static Result<Score> Read(YamlValue document, string? file, List<Problem> problems)
    {
        var score = new ScoreReader(problems).Read(document);
        if (score is not null)
        {
            new ScoreChecks(score, document, problems).Run();
        }

        return score is not null && problems.Count == 0 ? score : ScoreErrors.Invalid(file, problems);
    }
}

/// <param name="File">How it is called in messages.</param>
public sealed record ScoreSource(string Text, string? File);
