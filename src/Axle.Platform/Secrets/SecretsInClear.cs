using Axle.Contracts;
using Axle.Platform.Catalog;

namespace Axle.Platform.Secrets;

/// <summary>A file that everybody would read holds what looks like a secret.</summary>
public sealed record SecretsInClear : Error
{
    // The file may be called what it likes: one whose name says that a program wrote it is looked at all the same.
    private const string Yaml = "file.yaml";

    private SecretsInClear(IReadOnlyList<Problem> problems)
        : base(
            "secrets.in_clear",
            "Nothing was taken: the file holds what looks like a secret, and whoever may read the catalogue would read it.",
            $"axle secret set NAME, and name the secret instead of its value. Is it none? Write {LeakGuard.Permit} into its line.",
            422) => Problems = problems;

    /// <param name="text">A file of YAML or JSON.</param>
    /// <param name="file">Its name, for the places; null when whoever sent it knows.</param>
    /// <returns>Null when nothing in it looks like a secret.</returns>
    public static SecretsInClear? In(string text, string? file) =>
        LeakGuard.Scan(Yaml, text) is { Count: > 0 } leaks ? new SecretsInClear([.. leaks.Select(leak => leak.ToProblem() with { File = file })]) : null;
}

/// <summary>Keeps what looks like a secret out of the catalogue.</summary>
internal sealed class ApplyGuard : IApplyGuard
{
    public Error? Refuse(string text) => SecretsInClear.In(text, file: null);
}
