using System.CommandLine;
using System.Globalization;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Looks for anything in the catalogue by words.</summary>
internal static class SearchVerb
{
    private const int LimitDefault = 20;

    public static IEnumerable<Command> All(AxleCli cli) => [Search(cli)];

    private static Verb Search(AxleCli cli)
    {
        var term = new Argument<string[]>("term") { Description = "Words that must all fit: whole, begun, or mistyped", Arity = ArgumentArity.OneOrMore };
        var kind = new Option<string[]>("--kind") { Description = "Only this kind; may be given several times", HelpName = "kind" };
        var limit = new Option<int>("--limit") { Description = "At most so many", HelpName = "N", DefaultValueFactory = _ => LimitDefault };
        return new Verb("search", "Find anything in the catalogue by words, the best first", "axle search payments", "axle search chekout gateway --kind component --kind api")
        {
            term, kind, limit,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var words = string.Join(' ', parsed.GetRequiredValue(term));
            var query = Paths.Query(("term", words), ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)));
            var kinds = string.Concat((parsed.GetValue(kind) ?? []).Select(one => "&kind=" + Uri.EscapeDataString(Arguments.Kind(one))));
            var answer = await session.Client.GetAsync("api/search" + query + kinds, AxleJson.Default.SearchAnswer, stop);
            return session.Show(answer, AxleJson.Default.SearchAnswer, terminal => Show(terminal, answer));
        });
    }

    private static void Show(Terminal terminal, SearchAnswer answer)
    {
        terminal.Table(
            ["REF", "TITLE", "TYPE", "OWNER", "FOUND BY"],
            answer.Items.Select(IReadOnlyList<Cell> (hit) => [hit.Ref.Short, hit.Title, hit.Type, hit.Owner?.Short, FoundBy(hit)]),
            $"Nothing fits '{answer.Term}'.");
        if (answer.Total > answer.Items.Count)
        {
            terminal.Note($"{answer.Items.Count} of {answer.Total}; more with --limit.", Tone.Dim);
        }
    }

    private static Cell FoundBy(SearchHit hit) =>
        hit.Match == "similar" ? new Cell("similar words", Tone.Dim) : new Cell(hit.Highlights.Count > 0 ? hit.Highlights[0].Field : hit.Match, Tone.Dim);
}
