using System.CommandLine;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>What was made from a template, when the template moves on.</summary>
internal static class TemplateDriftVerbs
{
    public static Verb Drift(AxleCli cli) =>
        new Verb("drift", "List the components that are behind their template", "axle template drift", "axle template drift --output json").Runs(cli, async (session, _, stop) =>
        {
            var drift = await session.Client.GetAsync("api/templates/drift", AxleJson.Default.ListTemplateDriftView, stop);
            return session.Show(drift, AxleJson.Default.ListTemplateDriftView, terminal => terminal.Table(
                ["COMPONENT", "TEMPLATE", "STATE", "FILES"],
                drift.Select(IReadOnlyList<Cell> (one) =>
                [
                    new Cell(one.Component.Name, Tone.Strong),
                    one.Template.Name,
                    one.Unknown is not null ? new Cell("unknown", Tone.Dim) : one.Behind ? new Cell("behind", Tone.Bad) : new Cell("up to date", Tone.Good),
                    one.Unknown ?? string.Join(", ", one.Changed),
                ]),
                "No component was made from a template."));
        });

    public static Verb Update(AxleCli cli)
    {
        var names = new Argument<string[]>("component") { Description = "Components to update", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All that are behind, and that you may push to" };
        return new Verb("update", "Propose what a template makes now, as a branch of the component's repository", "axle template update orders", "axle template update --all") { names, all }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = new TemplateUpdateRequest(parsed.GetValue(names) ?? [], parsed.GetValue(all));
            var updates = await session.Client.SendAsync(HttpMethod.Post, "api/templates/update", request, AxleJson.Default.TemplateUpdateRequest, AxleJson.Default.ListTemplateUpdateView, stop);
            session.Show(updates, AxleJson.Default.ListTemplateUpdateView, terminal =>
            {
                terminal.Table(
                    ["COMPONENT", "BRANCH", "WHAT"],
                    updates.Select(IReadOnlyList<Cell> (one) => [new Cell(one.Component.Name, Tone.Strong), one.Branch ?? "", one.Refused ? new Cell(one.Message, Tone.Bad) : one.Message]),
                    "Nothing to update.");
                foreach (var conflict in updates.SelectMany(one => one.Conflicts.Select(file => $"{one.Component.Name}: {file}")))
                {
                    terminal.Line(new Cell("conflict  ", Tone.Bad), conflict);
                }
            });
            return updates.Any(one => one.Refused) ? ExitCodes.Failed : ExitCodes.Ok;
        });
    }
}
