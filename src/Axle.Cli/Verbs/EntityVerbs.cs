using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>What works on every kind of entity: get, describe, history, activity, apply, delete.</summary>
internal static class EntityVerbs
{
    private const int PageMax = 500;

    public static IEnumerable<Command> All(AxleCli cli) => [Get(cli), Describe(cli), Apply(cli), Delete(cli), History(cli), ActivityOf(cli)];

    private static Verb Get(AxleCli cli)
    {
        var kind = new Argument<string>("kind") { Description = "component, deployment, release, build, environment, group, …; or a ref" };
        var name = new Argument<string?>("name") { Description = "Only this one", Arity = ArgumentArity.ZeroOrOne };
        var owner = new Option<string?>("--owner") { Description = "Only what this group or user owns", HelpName = "ref" };
        var filter = new Option<string[]>("--filter", "-l") { Description = "Only where a field has a value, for instance spec.type=service", HelpName = "path=value" };
        var words = new Option<string?>("--query", "-q") { Description = "Only where these words occur", HelpName = "words" };
        var limit = new Option<int>("--limit") { Description = "At most so many", HelpName = "N", DefaultValueFactory = _ => PageMax };
        var (space, watch) = (Arguments.Namespace(), Arguments.Watch());
        return new Verb("get", "List entities of a kind, or show one", "axle get components", "axle get component orders --output yaml", "axle get releases --filter spec.component=component:default/orders", "axle get deployments --watch")
        {
            kind, name, owner, filter, words, limit, space, watch,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var wanted = parsed.GetRequiredValue(kind);
            var one = wanted.Contains(':', StringComparison.Ordinal) ? Arguments.Ref(wanted, parsed.GetValue(space))
                : parsed.GetValue(name) is { } given ? Arguments.Ref(given, parsed.GetValue(space), Arguments.Kind(wanted))
                : (EntityRef?)null;
            Task ShowAsync() => one is { } which
                ? OneAsync(session, which, stop)
                : ListAsync(session, Arguments.Kind(wanted), parsed.GetValue(space), parsed.GetValue(owner), parsed.GetValue(filter) ?? [], parsed.GetValue(words), parsed.GetValue(limit), stop);
            await ShowAsync();
            if (parsed.GetValue(watch))
            {
                await new ChangeFeed(session).ForEachAsync(
                    change => one is { } only ? change.Ref == only : change.Ref.Kind == Arguments.Kind(wanted),
                    change =>
                    {
                        session.Show(change, AxleJson.Default.Change, terminal => terminal.Line(
                            new Cell(Words.Local(change.At, session.Host.Clock) + "  ", Tone.Dim), $"{change.Verb,-7} {change.Ref.Short}  ", StateOf(change.Entity)));
                        return Task.CompletedTask;
                    },
                    stop);
            }

            return ExitCodes.Ok;
        });
    }

    private static async Task OneAsync(Session session, EntityRef which, CancellationToken stop)
    {
        var entity = await session.Client.GetAsync(Paths.Entity(which), AxleJson.Default.Entity, stop);
        session.Show(entity, AxleJson.Default.Entity, terminal => EntityTable.Write(terminal, [entity], session.Now));
    }

    private static async Task ListAsync(Session session, string kind, string? space, string? owner, string[] filters, string? words, int limit, CancellationToken stop)
    {
        var items = new List<Entity>();
        string? cursor = null;
        int total;
        do
        {
            var query = Paths.Query(
                ("kind", kind),
                ("namespace", space),
                ("owner", owner),
                ("q", words),
                ("limit", Math.Clamp(limit - items.Count, 1, PageMax).ToString(CultureInfo.InvariantCulture)),
                ("cursor", cursor));
            var page = await session.Client.GetAsync("api/entities" + query + string.Concat(filters.Select(filter => "&filter=" + Uri.EscapeDataString(filter))), AxleJson.Default.EntityPage, stop);
            items.AddRange(page.Items);
            (cursor, total) = (page.NextCursor, page.Total);
        }
        while (cursor is not null && items.Count < limit);

        session.Show(new EntityPage(items, cursor, total), AxleJson.Default.EntityPage, terminal =>
        {
            if (items.Count == 0)
            {
                terminal.Note($"No {kind} found.", Tone.Dim);
                return;
            }

            EntityTable.Write(terminal, items, session.Now);
            if (total > items.Count)
            {
                terminal.Note($"{items.Count} of {total}; more with --limit.", Tone.Dim);
            }
        });
    }

    private static Verb Describe(AxleCli cli)
    {
        var which = new Argument<string>("ref") { Description = "kind:name, or a component's name" };
        var space = Arguments.Namespace();
        return new Verb("describe", "Say in one sentence how a thing is and why, and what to do next", "axle describe orders", "axle describe deployment:orders.production", "axle describe build:orders-3f2a91c04b7e")
        {
            which, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var entity = Arguments.Ref(parsed.GetRequiredValue(which), parsed.GetValue(space));
            var description = await session.Client.GetAsync(Paths.Entity(entity) + "/describe", AxleJson.Default.Description, stop);
            return session.Show(description, AxleJson.Default.Description, terminal => Show(terminal, description, session));
        });
    }

    private static void Show(Terminal terminal, Description description, Session session)
    {
        var metadata = description.Entity.Metadata;
        terminal.Line(new Cell(description.Entity.Ref.Short, Tone.Strong), new Cell(metadata.Title is null ? "" : $"  {metadata.Title}", Tone.Dim), new Cell($"  {description.Standing}", Tone.Dim));
        terminal.Line(description.Summary);
        if (metadata.Annotations.TryGetValue(Annotations.DescriptorProblem, out var problem))
        {
            terminal.Line(new Cell("Its descriptor is not taken over: ", Tone.Strong), problem);
        }

        foreach (var file in description.AlsoDescribedIn)
        {
            terminal.Line(new Cell("Also described in ", Tone.Strong), $"{file}, which did not get the name");
        }

        if (description.RootCause is { } cause && cause != description.Entity.Ref)
        {
            terminal.Line(new Cell("Root cause: ", Tone.Strong), cause.Short);
        }

        if (description.Next is { } next)
        {
            terminal.Line(new Cell("Next: ", Tone.Strong), next);
        }

        var conditions = Conditions(description.Entity);
        if (conditions.Count > 0)
        {
            terminal.Line();
            terminal.Table(
                ["CONDITION", "STATUS", "REASON", "MESSAGE", "SINCE"],
                conditions.Select(IReadOnlyList<Cell> (condition) => [condition.Type, Words.State(condition.Status), condition.Reason, condition.Message, Words.Ago(condition.LastTransitionTime, session.Now)]),
                "");
        }

        if (description.Entity.Relations.Count > 0)
        {
            terminal.Line();
            terminal.Table(["RELATION", "TARGET"], description.Entity.Relations.Select(IReadOnlyList<Cell> (relation) => [relation.Type, relation.TargetRef.Short]), "");
        }

        if (description.History.Count > 0)
        {
            terminal.Line();
            Changes(terminal, description.History, session);
        }
    }

    private static Verb History(AxleCli cli)
    {
        var which = new Argument<string>("ref") { Description = "kind:name, or a component's name" };
        var space = Arguments.Namespace();
        return new Verb("history", "Show who changed an entity, and when", "axle history orders", "axle history deployment:orders.production --output json")
        {
            which, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var entity = Arguments.Ref(parsed.GetRequiredValue(which), parsed.GetValue(space));
            var changes = await session.Client.GetAsync(Paths.Entity(entity) + "/history", AxleJson.Default.ListChange, stop);
            return session.Show(changes, AxleJson.Default.ListChange, terminal => Changes(terminal, changes, session));
        });
    }

    private static void Changes(Terminal terminal, IReadOnlyList<Change> changes, Session session) => terminal.Table(
        ["WHEN", "REVISION", "CHANGE", "BY", "STATE", "MESSAGE"],
        changes.Select(IReadOnlyList<Cell> (change) =>
            [Words.Local(change.At, session.Host.Clock), change.Revision.ToString(CultureInfo.InvariantCulture), change.Verb, change.Actor, StateOf(change.Entity), change.Message]),
        "No changes.");

    private static Verb ActivityOf(AxleCli cli)
    {
        var limit = new Option<int>("--limit") { Description = "At most so many", HelpName = "N", DefaultValueFactory = _ => 30 };
        var about = new Option<string?>("--ref") { Description = "Only about this entity", HelpName = "ref" };
        return new Verb("activity", "Show what happened lately, newest first", "axle activity", "axle activity --ref component:orders --limit 100") { limit, about }.Runs(cli, async (session, parsed, stop) =>
        {
            var which = parsed.GetValue(about) is { } text ? Arguments.Ref(text, null).ToString() : null;
            var page = await session.Client.GetAsync("api/activity" + Paths.Query(("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)), ("ref", which)), AxleJson.Default.ActivityPage, stop);
            return session.Show(page, AxleJson.Default.ActivityPage, terminal => terminal.Table(
                ["WHEN", "BY", "WHAT"],
                page.Items.Select(IReadOnlyList<Cell> (item) => [Words.Local(item.At, session.Host.Clock), item.Actor, item.Sentence]),
                "Nothing has happened yet."));
        });
    }

    private static Verb Apply(AxleCli cli)
    {
        var file = new Option<string>("--file", "-f") { Description = "A YAML or JSON file with one or more entities; - is standard input", HelpName = "FILE", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would change" };
        return new Verb("apply", "Create or change entities from a file: all of them, or none", "axle apply -f catalog.yaml", "axle apply -f - --dry-run < catalog.yaml") { file, dryRun }.Runs(cli, async (session, parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(file);
            var content = name == "-" ? Encoding.UTF8.GetBytes(await session.Host.In.ReadToEndAsync(stop)) : await ReadAsync(name, stop);
            var isJson = content.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
            ApplyAnswer answer;
            try
            {
                answer = await session.Client.SendAsync(
                    HttpMethod.Post,
                    "api/apply" + (parsed.GetValue(dryRun) ? "?dryRun=true" : ""),
                    content,
                    isJson ? "application/json" : "application/yaml",
                    AxleJson.Default.ApplyAnswer,
                    stop);
            }
            catch (RefusedException e) when (e.Error.Problems.Count > 0)
            {
                // The platform knows lines; which file they are in, only we know.
                throw new RefusedException(e.Error with { Problems = [.. e.Error.Problems.Select(problem => problem.Line is null ? problem : problem with { File = problem.File ?? (name == "-" ? "stdin" : name) })] }, e.ExitCode);
            }

            return session.Show(answer, AxleJson.Default.ApplyAnswer, terminal =>
            {
                foreach (var item in answer.Items)
                {
                    terminal.Line(item.Ref.Short + " ", new Cell(item.Outcome, item.Outcome == "unchanged" ? Tone.Dim : Tone.Good), parsed.GetValue(dryRun) ? " (dry run)" : "");
                }
            });
        });
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken stop)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, stop);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw RefusedException.Because("file_missing", $"there is no file {file}", "axle apply -f FILE");
        }
    }

    private static Verb Delete(AxleCli cli)
    {
        var which = new Argument<string>("ref") { Description = "kind:name, for instance component:orders" };
        var force = new Option<bool>("--force") { Description = "Also when other entities depend on it" };
        var (yes, space) = (Arguments.Yes(), Arguments.Namespace());
        return new Verb("delete", "Delete an entity; refused when others depend on it", "axle delete component:orders", "axle delete environment:preview --yes")
        {
            which, force, yes, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var text = parsed.GetRequiredValue(which);
            if (!text.Contains(':', StringComparison.Ordinal))
            {
                throw RefusedException.Usage($"'{text}' does not say what kind of entity is meant", $"axle delete component:{text}");
            }

            return await DeleteAsync(session, Arguments.Ref(text, parsed.GetValue(space)), parsed.GetValue(force), parsed.GetValue(yes), stop);
        });
    }

    public static async Task<int> DeleteAsync(Session session, EntityRef which, bool force, bool yes, CancellationToken stop)
    {
        if (!yes)
        {
            if (!session.Terminal.CanAsk)
            {
                throw RefusedException.Usage($"deleting {which.Short} needs a yes", $"axle delete {which.Short} --yes");
            }

            if (!await session.Terminal.AskAsync($"Delete {which.Short}?", stop))
            {
                session.Terminal.Note("Nothing was deleted.");
                return ExitCodes.Failed;
            }
        }

        await session.Client.DeleteAsync(Paths.Entity(which) + (force ? "?force=true" : ""), stop);
        session.Terminal.Note($"{which.Short} is deleted.");
        return ExitCodes.Ok;
    }

    /// <summary>The one word that says how an entity is: its phase, or whether it is ready.</summary>
    public static Cell StateOf(Entity entity)
    {
        if (entity.Metadata.DeletedAt is not null)
        {
            return new Cell("Deleting", Tone.Busy);
        }

        if (entity.Status.ValueKind == JsonValueKind.Object && entity.Status.TryGetProperty("phase", out var phase) && phase.ValueKind == JsonValueKind.String)
        {
            return Words.State(phase.GetString());
        }

        return Conditions(entity).FirstOrDefault(condition => condition.Type == "Ready") is { } ready
            ? ready.Status == "True" ? new Cell("Ready", Tone.Good) : new Cell(ready.Reason, Tone.Bad)
            : "";
    }

    private static List<Condition> Conditions(Entity entity)
    {
        if (entity.Status.ValueKind != JsonValueKind.Object || !entity.Status.TryGetProperty("conditions", out var conditions) || conditions.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return [.. entity.Status.Deserialize(CliJson.Default.WithConditions)!.Conditions];
    }
}

/// <summary>The part that the statuses of all kinds share.</summary>
internal sealed record WithConditions(IReadOnlyList<Condition> Conditions);
