using System.Runtime.CompilerServices;

namespace Axle.Tests.Cli;

/// <summary>Every command that Axle tells people to use exists, with its options.</summary>
public sealed class NamedCommandsTests
{
    /// <summary>A reader that finds far fewer commands than this has stopped reading.</summary>
    private const int CommandsMin = 600;

    [Theory]
    [InlineData("""Error("x", "y", "axle resource describe orders.db", 404)""", "'axle resource' has no verb 'describe'")]
    [InlineData("""Error("x", "y", $"axle resource list --all", 404)""", "'axle resource list' has no option '--all'")]
    [InlineData("""Error("x", "y", "axle get groups; then: axle frobnicate {Name}", 404)""", "'axle' has no verb 'frobnicate'")]
    [InlineData("""new Verb("a", "b", "axle logs orders", "axle logs orders --proces web")""", "'axle logs' has no option '--proces'")]
    [InlineData("Use `axle db backup-policy orders.db --schedule \"0 3 * * *\" --kep 7`.", "'axle db backup-policy' has no option '--kep'")]
    [InlineData("    ./axle up -x                   # starts", "'axle up' has no option '-x'")]
    [InlineData("""$"axle deploy {(all.Count > 0 ? all["a"] : "")} -e {Environment} --relase {Release}" """, "'axle deploy' has no option '--relase'")]
    public void A_word_that_the_command_line_does_not_know_is_found(string text, string problem) =>
        Assert.StartsWith(problem, Assert.Single(NamedCommands.Read(Root(), text).Wrong), StringComparison.Ordinal);

    [Theory]
    [InlineData("""$"axle resource {verb} {Name} {Options}" """)]
    [InlineData("axle exec orders -e staging -i -- sqlite3 --batch data.db < q.sql   # -x is not ours")]
    [InlineData("`axle logs orders -f [-e production] [--process worker]` | what it writes, without `--nonsense`")]
    [InlineData("axle up --help. Then axle down --purge --yes")]
    [InlineData("a program called taxle frob, /usr/bin/axle frob, git remote add axle URL")]
    public void What_is_right_or_no_command_is_left_alone(string text) => Assert.Empty(NamedCommands.Read(Root(), text).Wrong);

    [Fact]
    public void Every_command_that_texts_name_is_there()
    {
        var root = Root();
        var (count, wrong) = (0, new List<string>());
        foreach (var file in Texts())
        {
            var found = NamedCommands.Read(root, File.ReadAllText(file));
            count += found.Count;
            wrong.AddRange(found.Wrong.Select(problem => $"{Path.GetRelativePath(Repository(), file)}: {problem}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(count >= CommandsMin, $"Only {count} commands were found.");
    }

    private static IEnumerable<string> Texts()
    {
        string[] kinds = [".cs", ".razor", ".md", ".yaml", ".sh"];
        string[] folders = ["src", "docs", "templates"];
        return folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository(), folder), "*", SearchOption.AllDirectories))
            .Where(file => kinds.Contains(Path.GetExtension(file)) && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Append(Path.Combine(Repository(), "README.md"));
    }

    private static System.CommandLine.RootCommand Root()
    {
        using var run = new CliRun();
        return new Axle.Cli.AxleCli(run.Host()).Root();
    }

    private static string Repository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
