using System.CommandLine;
using System.Text.RegularExpressions;

namespace Axle.Tests.Cli;

/// <summary>
/// Finds the commands that a text tells people to use (<c>axle verb sub --option</c>) and says which of their words the CLI
/// does not know. What is filled in at run time (<c>{name}</c>) may be any argument.
/// </summary>
internal static partial class NamedCommands
{
    private const string Filled = "X";

    /// <summary>Where the program's name is no command, but a word of a sentence.</summary>
    private static readonly string[] s_prose = ["artifact 1", "command that ", "for the password", "for the words ", "in the user's data", "wrote into "];

    /// <summary>What is wrong with each command of a text, in a sentence; and how many commands there are.</summary>
    public static (int Count, IReadOnlyList<string> Wrong) Read(RootCommand root, string text)
    {
        var (count, wrong) = (0, new List<string>());
        foreach (var line in text.Split('\n').Select(Plain))
        {
            foreach (var command in Name().Matches(line).Select(match => line[(match.Index + match.Length)..]).Where(rest => !s_prose.Any(rest.StartsWith)))
            {
                count++;
                var words = Ended().Split(command, 2)[0];
                if (Check(root, words.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is { } problem)
                {
                    wrong.Add($"{problem} (axle {words.TrimEnd()})");
                }
            }
        }

        return (count, wrong);
    }

    private static string? Check(Command root, string[] words)
    {
        // 1. The verb.
        var (verb, at) = (root, 0);
        for (; verb.Subcommands.Count > 0; at++)
        {
            var word = at < words.Length ? words[at].TrimEnd('.', ':', '\'', '?') : "";
            if (verb.Subcommands.FirstOrDefault(one => one.Name == word || one.Aliases.Contains(word)) is { } next)
            {
                verb = next;
            }
            else if (verb.Arguments.Count > 0 || word.Length == 0 || word == Filled || word.StartsWith('-') || word == "…")
            {
                break;
            }
            else
            {
                return $"'{PathOf(verb)}' has no verb '{word}'";
            }
        }

        // 2. Its options.
        var known = OptionsOf(verb);
        var wrong = words.Skip(at).TakeWhile(word => word != "--").Select(word => word.Split('=')[0].TrimEnd('.', ':', '\''))
            .FirstOrDefault(word => IsOption(word) && !known.Contains(word));
        return wrong is null ? null : $"'{PathOf(verb)}' has no option '{wrong}'";
    }

    private static bool IsOption(string word) => word is ['-', '-', _, ..] or ['-', >= 'a' and <= 'z'];

    private static HashSet<string> OptionsOf(Command verb)
    {
        var options = verb.Options.AsEnumerable();
        for (var above = verb.Parents.OfType<Command>().FirstOrDefault(); above is not null; above = above.Parents.OfType<Command>().FirstOrDefault())
        {
            options = options.Concat(above.Options.Where(option => option.Recursive));
        }

        return [.. options.SelectMany(option => option.Aliases.Append(option.Name))];
    }

    private static string PathOf(Command verb) => verb is RootCommand ? "axle" : $"{PathOf(verb.Parents.OfType<Command>().First())} {verb.Name}";

    /// <summary>Without what is filled in, quoted values and the marks of optional words.</summary>
    private static string Plain(string line)
    {
        var plain = line.Replace("\\\"", "'", StringComparison.Ordinal);
        for (var before = ""; before != plain;)
        {
            before = plain;
            plain = Braces().Replace(plain, Filled);
        }

        return Quoted().Replace(plain, Filled).Replace("[-", "-", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?<![\w/.@:=$}-])(?:\./)?axle (?=[a-z])")]
    private static partial Regex Name();

    [GeneratedRegex(@"\$?\{[^{}]*\}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"(?<= )(?:'[^']*'|""[^""]*"")(?= )")]
    private static partial Regex Quoted();

    /// <summary>What ends a command in a string, in Markdown, in a sentence and in a shell.</summary>
    [GeneratedRegex(@"[""`;,()<>|&]| #|  |\. ")]
    private static partial Regex Ended();
}
