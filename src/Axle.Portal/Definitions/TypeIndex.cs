using System.Text.RegularExpressions;

namespace Axle.Portal.Definitions;

/// <summary>A thing that a text in GraphQL or proto declares.</summary>
/// <param name="Line">From 1.</param>
public sealed record Declared(string Word, string Name, int Line);

/// <summary>What such a text declares, for people who look for a name; found line by line, since nothing here depends on it.</summary>
internal static partial class TypeIndex
{
    private const int DeclaredMax = 500;
    private const int LineMax = 500;

    public static IReadOnlyList<Declared> Of(string text, string language)
    {
        var (all, line, inBlock) = (new List<Declared>(), 0, false);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            line++;
            var row = text.AsSpan()[range];

            // A description between triple quotes, or a comment over several lines, declares nothing.
            var marks = language == "graphql" ? row.Count("\"\"\"") : row.Count("/*") + row.Count("*/");
            if (marks % 2 == 1)
            {
                inBlock = !inBlock;
                continue;
            }

            if (!inBlock && row.Length < LineMax && (language == "graphql" ? GraphQl() : Proto()).Match(row.ToString()) is { Success: true } found)
            {
                all.Add(new Declared(found.Groups["word"].Value, found.Groups["name"].Value, line));
                if (all.Count == DeclaredMax)
                {
                    break;
                }
            }
        }

        return all;
    }

    [GeneratedRegex(@"^\s*(?:extend\s+)?(?<word>type|interface|union|enum|input|scalar|directive)\s+(?<name>@?[A-Za-z_]\w*)", RegexOptions.NonBacktracking)]
    private static partial Regex GraphQl();

    [GeneratedRegex(@"^\s*(?<word>message|service|enum|rpc)\s+(?<name>[A-Za-z_]\w*)", RegexOptions.NonBacktracking)]
    private static partial Regex Proto();
}
