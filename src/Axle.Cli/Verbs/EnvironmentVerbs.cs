using System.CommandLine;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary><c>axle env</c>: the places that releases run in.</summary>
internal static class EnvironmentVerbs
{
    public static IEnumerable<Command> All(AxleCli cli) =>
    [
        new Verb("env", "List, create, describe and delete environments", "axle env list", "axle env create preview --order 1") { List(cli), Create(cli), Describe(cli), Delete(cli) },
    ];

    private static Verb List(AxleCli cli) =>
        new Verb("list", "List the environments in promotion order", "axle env list").Runs(cli, async (session, _, stop) =>
        {
            var page = await session.Client.GetAsync("api/entities?kind=environment&limit=500", AxleJson.Default.EntityPage, stop);
            var sorted = page with { Items = [.. page.Items.OrderBy(item => Spec(item).Order).ThenBy(item => item.Metadata.Name, StringComparer.Ordinal)] };
            return session.Show(sorted, AxleJson.Default.EntityPage, terminal => terminal.Table(
                ["NAME", "ORDER", "ENGINE", "AUTO DEPLOY", "PRODUCTION", "DESCRIPTION"],
                sorted.Items.Select(IReadOnlyList<Cell> (item) => Spec(item) is var spec
                    ? [item.Metadata.Name, spec.Order.ToString(System.Globalization.CultureInfo.InvariantCulture), spec.Engine, spec.AutoDeploy ? "yes" : "no", spec.Production ? "yes" : "no", item.Metadata.Description]
                    : []),
                "No environments: axle env create staging --order 1 --auto-deploy"));
        });

    private static Verb Create(AxleCli cli)
    {
        var name = new Argument<string>("name") { Description = "The environment's name" };
        var order = new Option<int>("--order") { Description = "Place in the promotion order, from 1", HelpName = "N", DefaultValueFactory = _ => 1 };
        var autoDeploy = new Option<bool>("--auto-deploy") { Description = "Each new release of a component goes here by itself" };
        var production = new Option<bool>("--production") { Description = "Stricter rights, and actions ask first" };
        var engine = new Option<string>("--engine") { Description = "What runs the workloads", HelpName = "process|kubernetes", DefaultValueFactory = _ => "process" };
        engine.AcceptOnlyFromAmong("process", "kubernetes");
        var description = new Option<string?>("--description") { Description = "What it is for", HelpName = "text" };
        return new Verb("create", "Create an environment", "axle env create preview", "axle env create production --order 3 --production") { name, order, autoDeploy, production, engine, description }.Runs(cli, async (session, parsed, stop) =>
        {
            var which = EntityRef.Of(Kinds.Environment, parsed.GetRequiredValue(name));
            if (await session.Client.FindAsync(Paths.Entity(which), AxleJson.Default.Entity, stop) is not null)
            {
                throw RefusedException.Because("exists", $"there is an environment {which.Name} already", $"axle env describe {which.Name}; to change it: axle get environment {which.Name} -o yaml, edit, axle apply -f FILE");
            }

            var spec = new EnvironmentSpec { Order = parsed.GetValue(order), AutoDeploy = parsed.GetValue(autoDeploy), Production = parsed.GetValue(production), Engine = parsed.GetRequiredValue(engine) };
            var entity = await session.Client.SendAsync(
                HttpMethod.Put,
                Paths.Entity(which),
                EntitySpecs.Environment(which.Name, spec, parsed.GetValue(description)),
                AxleJson.Default.Entity,
                AxleJson.Default.Entity,
                stop);
            return session.Show(entity, AxleJson.Default.Entity, terminal => terminal.Line($"Environment {which.Name} is there. Deploy to it: axle deploy COMPONENT -e {which.Name}"));
        });
    }

    private static Verb Describe(AxleCli cli)
    {
        var name = new Argument<string>("name") { Description = "The environment's name" };
        return new Verb("describe", "Show an environment and what runs in it", "axle env describe staging") { name }.Runs(cli, async (session, parsed, stop) =>
        {
            var which = EntityRef.Of(Kinds.Environment, parsed.GetRequiredValue(name));
            var description = await session.Client.GetAsync(Paths.Entity(which) + "/describe", AxleJson.Default.Description, stop);
            if (session.Format != OutputFormat.Table)
            {
                return session.Show(description, AxleJson.Default.Description, _ => { });
            }

            var running = await session.Client.GetAsync("api/entities" + Paths.Query(("kind", "deployment"), ("filter", $"spec.environment={which}"), ("limit", "500")), AxleJson.Default.EntityPage, stop);
            return session.Show(description, AxleJson.Default.Description, terminal =>
            {
                var spec = Spec(description.Entity);
                terminal.Line(new Cell(which.Name, Tone.Strong), $"  order {spec.Order}, engine {spec.Engine}{(spec.AutoDeploy ? ", deploys by itself" : "")}{(spec.Production ? ", production" : "")}");
                terminal.Line(description.Summary);
                terminal.Line();
                if (running.Items.Count > 0)
                {
                    EntityTable.Write(terminal, running.Items, session.Now);
                }
                else
                {
                    terminal.Note("Nothing runs here.", Tone.Dim);
                }
            });
        });
    }

    private static Verb Delete(AxleCli cli)
    {
        var name = new Argument<string>("name") { Description = "The environment's name" };
        var force = new Option<bool>("--force") { Description = "Also when something runs there" };
        var yes = Arguments.Yes();
        return new Verb("delete", "Delete an environment; refused while something runs in it", "axle env delete preview") { name, force, yes }.Runs(cli, (session, parsed, stop) =>
            EntityVerbs.DeleteAsync(session, EntityRef.Of(Kinds.Environment, parsed.GetRequiredValue(name)), parsed.GetValue(force), parsed.GetValue(yes), stop));
    }

    private static EnvironmentSpec Spec(Entity entity) =>
        entity.Spec.ValueKind == System.Text.Json.JsonValueKind.Object ? System.Text.Json.JsonSerializer.Deserialize(entity.Spec, AxleJson.Default.EnvironmentSpec)! : new EnvironmentSpec();
}
