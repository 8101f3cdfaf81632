using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Backups;

/// <summary>Reads masking rules: a mapping of tables, each a mapping of columns to a rule. Pure.</summary>
internal static class MaskFile
{
    public const int RulesMax = 1000;

    private const string File = "mask file";

    /// <summary>The rules that need no value.</summary>
    public static readonly IReadOnlyList<string> Plain = ["null", "hash", "email", "name", "shuffle"];

    public static Result<IReadOnlyList<MaskRule>> Read(string text)
    {
        var (problems, rules) = (new List<Problem>(), new List<MaskRule>());
        if (StrictYaml.Read(text, File, problems) is { } document)
        {
            if (document is YamlMap tables)
            {
                foreach (var table in tables.Entries)
                {
                    Table(table, rules, problems);
                }
            }
            else
            {
                problems.Add(At(document.Place, $"must be a mapping of tables, and is {document.Describe()}", null));
            }
        }

        if (rules.Count > RulesMax)
        {
            problems.Add(new Problem($"has {rules.Count} rules, and at most {RulesMax} are read", File));
        }

        return problems.Count == 0 ? Result<IReadOnlyList<MaskRule>>.Of(rules) : new MaskInvalid(problems);
    }

    private static void Table(YamlEntry table, List<MaskRule> rules, List<Problem> problems)
    {
        if (table.Value is not YamlMap columns)
        {
            problems.Add(At(table.Value.Place ?? table.Place, $"must be a mapping of columns, and is {table.Value.Describe()}", table.Key));
            return;
        }

        foreach (var column in columns.Entries)
        {
            var path = $"{table.Key}.{column.Key}";
            switch (column.Value)
            {
                case YamlScalar { Type: ScalarType.Null }:
                    rules.Add(new MaskRule(table.Key, column.Key, "null"));
                    break;
                case YamlScalar { Text: var rule } when Plain.Contains(rule):
                    rules.Add(new MaskRule(table.Key, column.Key, rule));
                    break;
                case YamlMap { Entries: [{ Key: "fixed", Value: YamlScalar { Type: not ScalarType.Null } value }] }:
                    rules.Add(new MaskRule(table.Key, column.Key, "fixed", value.Text));
                    break;
                default:
                    problems.Add(At(column.Value.Place ?? column.Place, $"is no rule: use {string.Join(", ", Plain)} or {{fixed: value}}", path));
                    break;
            }
        }
    }

    private static Problem At(Place? place, string message, string? path) => new(message, File, place?.Line, place?.Column, path);
}
