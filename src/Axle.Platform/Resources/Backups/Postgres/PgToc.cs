using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>The table of contents of an archive, as pg_restore lists it and takes it back. Pure.</summary>
internal static partial class PgToc
{
    /// <summary>The list without extensions, their comments, and the schemas that were made for them: those are there already.</summary>
    public static string WithoutExtensions(string list, IReadOnlyList<ExtensionUse> extensions)
    {
        var schemas = extensions.Select(extension => extension.Schema).Where(schema => schema is not ("public" or "pg_catalog")).ToHashSet(StringComparer.Ordinal);
        var kept = new StringBuilder();
        foreach (var line in list.Split('\n'))
        {
            var item = Item().Match(line);
            var left = item.Success && item.Groups["what"].Value switch
            {
                "EXTENSION" => true,
                "COMMENT" => item.Groups["name"].Value.StartsWith("EXTENSION ", StringComparison.Ordinal),
                "SCHEMA" => schemas.Any(schema => item.Groups["name"].Value.StartsWith($"{schema} ", StringComparison.Ordinal)),
                _ => false,
            };
            if (!left)
            {
                kept.Append(line).Append('\n');
            }
        }

        return kept.ToString();
    }

    // 2; 3079 16385 EXTENSION - pg_trgm            4401; 0 0 COMMENT - EXTENSION pg_trgm            7; 2615 16400 SCHEMA - tools owner
    [GeneratedRegex(@"^\d+; \d+ \d+ (?<what>EXTENSION|COMMENT|SCHEMA) - (?<name>.*)$")]
    private static partial Regex Item();
}
