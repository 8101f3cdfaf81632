using System.CommandLine;
using System.CommandLine.Parsing;
using Axle.Contracts;

namespace Axle.Cli;

/// <summary>Turns what the parser found wrong into a sentence with the nearest right word.</summary>
internal static class UsageErrors
{
    /// <summary>What is wrong with a command line, or null.</summary>
    public static RefusedException? Find(ParseResult parsed, string commandName)
    {
        // Help, and the shell's question for completions, are answered whatever else stands on the line.
        if (parsed.Action is ExampleHelp || parsed.Tokens.Any(token => token.Type == TokenType.Directive))
        {
            return null;
        }

        return MisspeltOption(parsed) is { } option ? UnknownOption(parsed, option, commandName)
            : parsed.Errors.Count > 0 ? Explain(parsed, commandName)
            : null;
    }

    /// <summary>
    /// The parser takes an option that it does not know for an argument where one is still open: <c>deploy --hlp</c>
    /// would deploy a component of that name.
    /// </summary>
    private static string? MisspeltOption(ParseResult parsed) => parsed.Tokens
        .TakeWhile(token => token.Type != TokenType.DoubleDash)
        .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value is ['-', _, ..])?.Value;

    private static RefusedException UnknownOption(ParseResult parsed, string option, string commandName)
    {
        var path = Path(parsed);
        var near = Nearest(option, Options(parsed.CommandResult.Command).SelectMany(o => o.Aliases.Append(o.Name)).Where(name => name.StartsWith("--", StringComparison.Ordinal)));
        return RefusedException.Usage($"'{(path.Length == 0 ? commandName : path)}' has no option '{option}'{(near is null ? "" : $"; did you mean '{near}'?")}", Help(commandName, path));
    }

    private static string Help(string commandName, string path) => $"{commandName} {(path.Length == 0 ? "" : path + " ")}--help";

    private static RefusedException Explain(ParseResult parsed, string commandName)
    {
        var command = parsed.CommandResult.Command;
        var path = Path(parsed);
        var help = Help(commandName, path);

        // 1. A word that no verb has: the likeliest mistake, and the one where a suggestion helps most. A verb that does something by itself takes words of its own.
        if (command.Subcommands.Count > 0 && command.Arguments.Count == 0)
        {
            if (parsed.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is { } word)
            {
                var near = Nearest(word, command.Subcommands.Where(c => !c.Hidden).SelectMany(c => c.Aliases.Append(c.Name)));
                var verb = path.Length == 0 ? word : $"{path} {word}";
                return RefusedException.Usage($"there is no verb '{verb}'{(near is null ? "" : $"; did you mean '{near}'?")}", help);
            }

            if (path.Length > 0 && parsed.UnmatchedTokens.Count == 0)
            {
                return RefusedException.Usage($"'{path}' needs one of: {string.Join(", ", command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}", help);
            }
        }

        // 2. An option that the verb does not have.
        if (parsed.UnmatchedTokens.FirstOrDefault(token => token.StartsWith('-')) is { } option)
        {
            return UnknownOption(parsed, option, commandName);
        }

        // 3. All else as the parser words it.
        return new RefusedException(new Error("cli.usage", Sentence(parsed.Errors[0].Message), help, 0), ExitCodes.Usage);
    }

    /// <summary>The candidate with the fewest differing letters, when few enough differ.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates) => candidates
        .Select(candidate => (candidate, distance: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
        .Where(pair => pair.distance <= Math.Max(1, Math.Min(3, word.Length / 2)) || pair.candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase))
        .OrderBy(pair => pair.candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase) ? 0 : pair.distance)
        .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
        .Select(pair => pair.candidate)
        .FirstOrDefault();

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)));

    private static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null && result.Command is not RootCommand; result = result.Parent as CommandResult)
        {
            names.Push(result.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static string Sentence(string message) =>
        message.Length > 1 && char.IsUpper(message[0]) && !char.IsUpper(message[1]) ? char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.') : message.TrimEnd('.');

    /// <summary>Edits between two words; a swap of neighbours counts as one, since that is how fingers slip.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
