using System.CommandLine;
using System.Text;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary><c>axle provisioner</c>: who makes which type of resource.</summary>
internal static class ProvisionerVerbs
{
    private const int FileMax = 4 << 20;

    public static IEnumerable<Command> All(AxleCli cli) =>
    [
        new Verb("provisioner", "List, add, test and remove what makes resources", "axle provisioner list", "axle provisioner add provisioners.yaml") { List(cli), Add(cli), Test(cli), Remove(cli) },
    ];

    private static Verb List(AxleCli cli) => new Verb("list", "List provisioners with the type that they make, and what their contract test said", "axle provisioner list").Runs(cli, async (session, _, stop) =>
    {
        var found = await session.Client.GetAsync("api/provisioners", AxleJson.Default.ListProvisionerView, stop);
        return session.Show(found, AxleJson.Default.ListProvisionerView, terminal => Table(terminal, found));
    });

    private static Verb Add(AxleCli cli)
    {
        var file = new Argument<string>("file") { Description = "A file in the format of Score's provisioners; - is standard input" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only check the file" };
        return new Verb("add", "Register the provisioners of a file; each is tested before it makes anything", "axle provisioner add provisioners.yaml", "axle provisioner add provisioners.yaml --dry-run") { file, dryRun }.Runs(cli, async (session, parsed, stop) =>
        {
            var path = parsed.GetRequiredValue(file);
            var text = path == "-" ? await Console.In.ReadToEndAsync(stop) : await ReadAsync(path, stop);
            var added = await session.Client.SendAsync(
                HttpMethod.Post,
                "api/provisioners" + Paths.Query(("file", Path.GetFileName(path)), ("dryRun", parsed.GetValue(dryRun) ? "true" : null)),
                Encoding.UTF8.GetBytes(text),
                "text/yaml",
                AxleJson.Default.ListProvisionerView,
                stop);
            return session.Show(added, AxleJson.Default.ListProvisionerView, terminal =>
            {
                Table(terminal, added);
                terminal.Note(parsed.GetValue(dryRun) ? "Nothing was registered." : "Their contract tests run now: axle provisioner list", Tone.Dim);
            });
        });
    }

    private static Verb Test(AxleCli cli)
    {
        var name = new Argument<string>("name") { Description = "The provisioner" };
        return new Verb("test", "Run its contract test again", "axle provisioner test template-redis") { name }.Runs(cli, async (session, parsed, stop) =>
        {
            var view = await session.Client.SendAsync(HttpMethod.Post, $"api/provisioners/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}/test", [], "application/json", AxleJson.Default.ProvisionerView, stop);
            return session.Show(view, AxleJson.Default.ProvisionerView, terminal => terminal.Line($"The contract test of {view.Name} runs: axle provisioner list"));
        });
    }

    private static Verb Remove(AxleCli cli)
    {
        var name = new Argument<string>("name") { Description = "The provisioner" };
        var yes = Arguments.Yes();
        return new Verb("remove", "Forget a provisioner; what it made stays, and waits for it", "axle provisioner remove template-redis") { name, yes }.Runs(cli, (session, parsed, stop) =>
            EntityVerbs.DeleteAsync(session, EntityRef.Of(Kinds.Provisioner, parsed.GetRequiredValue(name)), force: false, parsed.GetValue(yes), stop));
    }

    private static async Task<string> ReadAsync(string path, CancellationToken stop) => new FileInfo(path) switch
    {
        { Exists: false } => throw RefusedException.Usage($"there is no file {path}"),
        { Length: > FileMax } => throw RefusedException.Usage($"{path} is larger than {FileMax >> 20} MiB"),
        _ => await File.ReadAllTextAsync(path, stop),
    };

    private static void Table(Terminal terminal, IReadOnlyList<ProvisionerView> all) => terminal.Table(
        ["NAME", "TYPE", "CLASS", "ID", "ENVIRONMENT", "STATE", "WHAT ITS TEST SAID"],
        all.Select(IReadOnlyList<Cell> (one) => [one.Name, one.Spec.Type, one.Spec.Class ?? "any", one.Spec.Id ?? "any", one.Spec.Environment ?? "any", Words.State(one.Phase), one.Message ?? ""]),
        "No provisioners.");
}
