using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Places elsewhere that describe entities: what is registered, and what their last reading came to.</summary>
internal static class LocationVerbs
{
    private const string Example = "https://github.com/acme/orders/blob/main/catalog-info.yaml";

    // An entity that stands in a file says which location read it; what has none was registered by somebody.
    private const string ReadFor = "axle.dev/location";

    private static readonly TimeSpan s_firstReading = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(200);

    public static IEnumerable<Command> All(AxleCli cli) =>
        [new Verb("location", "Files elsewhere that describe entities", $"axle location add {Example}", "axle location list") { Add(cli), List(cli), Show(cli), Refresh(cli), Remove(cli) }];

    private static Verb Add(AxleCli cli)
    {
        var url = new Argument<string>("url") { Description = "A file's address, also of the page that shows it; with --type what that type searches" };
        var type = new Option<string>("--type") { Description = "url, or one that finds repositories: github-discovery, gitlab-discovery, gitea-discovery, bitbucket-discovery, axle-discovery", HelpName = "type", DefaultValueFactory = _ => "url" };
        var name = new Option<string?>("--name") { Description = "With a --type other than url: the location's name", HelpName = "name" };
        var noWait = new Option<bool>("--no-wait") { Description = "Do not wait until it has been read" };
        type.CompletionSources.Add("url", "github-discovery", "gitlab-discovery", "gitea-discovery", "bitbucket-discovery", "axle-discovery");
        return new Verb("add", "Register a file; the catalogue is kept at what it says", $"axle location add {Example}", "axle location add https://github.com/acme --type github-discovery --name acme")
        {
            url, type, name, noWait,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var (target, kind) = (parsed.GetRequiredValue(url), parsed.GetRequiredValue(type));
            var which = kind == "url"
                ? await RegisterAsync(session, target, stop)
                : await SearchAsync(session, target, kind, parsed.GetValue(name) ?? throw RefusedException.Usage($"a location of type {kind} needs a name", $"axle location add {target} --type {kind} --name NAME"), stop);
            var location = await session.Client.GetAsync(Paths.Entity(which), AxleJson.Default.Entity, stop);
            var until = session.Now + s_firstReading;
            while (!parsed.GetValue(noWait) && LocationView.Of(location).Phase is null && session.Now < until)
            {
                await Task.Delay(s_lookAgain, session.Host.Clock, stop);
                location = await session.Client.GetAsync(Paths.Entity(which), AxleJson.Default.Entity, stop);
            }

            return ShowOne(session, LocationView.Of(location));
        });
    }

    /// <summary>Registers a file's address, or finds it registered: then it is read again.</summary>
    public static async Task<EntityRef> RegisterAsync(Session session, string target, CancellationToken stop)
    {
        var answer = await session.Client.SendAsync(
            HttpMethod.Post,
            "api/catalog/locations?onConflict=refresh",
            new Dictionary<string, string> { ["type"] = "url", ["target"] = target },
            CliJson.Default.DictionaryStringString,
            CliJson.Default.LocationRegistered,
            stop);
        return Arguments.Ref(answer.Location.EntityRef, null, Kinds.Location);
    }

    private static async Task<EntityRef> SearchAsync(Session session, string target, string type, string name, CancellationToken stop)
    {
        var entity = new Entity
        {
            ApiVersion = Kinds.BackstageApi,
            Kind = Kinds.Location,
            Metadata = new Metadata { Name = name },
            Spec = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["type"] = type, ["target"] = target }, CliJson.Default.DictionaryStringString),
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(entity, AxleJson.Default.Entity);
        var answer = await session.Client.SendAsync(HttpMethod.Post, "api/apply", body, "application/json", AxleJson.Default.ApplyAnswer, stop);
        return answer.Items[0].Ref;
    }

    private static Verb List(AxleCli cli)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Also those that were found in files" };
        return new Verb("list", "List registered locations and what they came to", "axle location list", "axle location list --all --output json") { all }.Runs(cli, async (session, parsed, stop) =>
        {
            var locations = (await AllAsync(session, stop)).Select(LocationView.Of).Where(location => location.Registered || parsed.GetValue(all)).ToList();
            return session.Show(locations, CliJson.Default.ListLocationView, terminal => terminal.Table(
                ["NAME", "TYPE", "STATE", "ENTITIES", "PROBLEMS", "TARGET"],
                locations.Select(IReadOnlyList<Cell> (location) =>
                [
                    new Cell(location.Ref.Name, Tone.Strong),
                    location.Type,
                    State(location),
                    location.Entities.ToString(CultureInfo.InvariantCulture),
                    location.Problems.Count.ToString(CultureInfo.InvariantCulture),
                    string.Join(", ", location.Targets),
                ]),
                $"No location is registered: axle location add {Example}"));
        });
    }

    private static Verb Show(AxleCli cli)
    {
        var which = Which();
        return new Verb("show", "Show what a location's last reading came to, with each problem's place", "axle location show acme", $"axle location show {Example} --output json") { which }.Runs(cli, async (session, parsed, stop) =>
            ShowOne(session, LocationView.Of(await FindAsync(session, parsed.GetRequiredValue(which), stop))));
    }

    private static Verb Refresh(AxleCli cli)
    {
        var which = Which();
        return new Verb("refresh", "Read a location's files again now", "axle location refresh acme") { which }.Runs(cli, async (session, parsed, stop) =>
        {
            var location = await FindAsync(session, parsed.GetRequiredValue(which), stop);
            await session.Client.PostAsync("api/catalog/refresh", new Dictionary<string, string> { ["entityRef"] = location.Ref.ToString() }, CliJson.Default.DictionaryStringString, stop);
            return session.Show(LocationView.Of(location), CliJson.Default.LocationView, terminal => terminal.Line($"{location.Ref.Name} is being read again: axle location show {location.Ref.Name}"));
        });
    }

    private static Verb Remove(AxleCli cli)
    {
        var (which, yes) = (Which(), Arguments.Yes());
        return new Verb("rm", "Take a location back, with everything that it describes", "axle location rm acme", "axle location rm acme --yes") { which, yes }.Runs(cli, async (session, parsed, stop) =>
        {
            var location = await FindAsync(session, parsed.GetRequiredValue(which), stop);
            return await EntityVerbs.DeleteAsync(session, location.Ref, force: true, parsed.GetValue(yes), stop);
        });
    }

    private static Argument<string> Which()
    {
        var argument = new Argument<string>("name") { Description = "The location's name, or its target" };
        argument.CompletionSources.Add(context => Arguments.Names(Kinds.Location, context));
        return argument;
    }

    private static async Task<Entity> FindAsync(Session session, string text, CancellationToken stop)
    {
        var named = EntityRef.TryParse(text, Kinds.Location, EntityRef.DefaultNamespace, out var which) ? await session.Client.FindAsync(Paths.Entity(which), AxleJson.Default.Entity, stop) : null;
        return named
            ?? (await AllAsync(session, stop)).Find(location => LocationView.Of(location).Targets.Contains(text))
            ?? throw RefusedException.Because("location_unknown", $"no location is called {text}, or has that target", "axle location list");
    }

    private static async Task<List<Entity>> AllAsync(Session session, CancellationToken stop)
    {
        var all = new List<Entity>();
        string? cursor = null;
        do
        {
            var page = await session.Client.GetAsync("api/entities" + Paths.Query(("kind", "location"), ("limit", "500"), ("cursor", cursor)), AxleJson.Default.EntityPage, stop);
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }

    private static int ShowOne(Session session, LocationView location) => session.Show(location, CliJson.Default.LocationView, terminal =>
    {
        terminal.Line(new Cell(location.Ref.Name, Tone.Strong), "  ", State(location));
        terminal.Line(location.Message ?? "It has not been read yet.");
        foreach (var target in location.Targets)
        {
            terminal.Line($"  {location.Type}: {target}");
        }

        if (location.FoundBy is { } above)
        {
            terminal.Line($"  found by {above}");
        }

        foreach (var problem in location.Problems)
        {
            terminal.Line(new Cell("  ✗ ", Tone.Bad), problem.ToString());
        }
    });

    private static Cell State(LocationView location) => location.Phase is { } phase ? Words.State(phase) : new Cell("unread", Tone.Busy);

    /// <summary>A location as people and programs want it.</summary>
    /// <param name="Registered">By somebody, rather than found in a file.</param>
    /// <param name="Phase"><c>Ready</c>, <c>Incomplete</c> or <c>Failed</c>; null before the first reading.</param>
    internal sealed record LocationView(EntityRef Ref, string Type, IReadOnlyList<string> Targets, bool Registered, string? FoundBy, string? Phase, string? Message, int Entities, IReadOnlyList<Problem> Problems)
    {
        public static LocationView Of(Entity entity)
        {
            var found = entity.Metadata.Annotations.GetValueOrDefault(ReadFor);
            return new(
                entity.Ref,
                Text(entity.Spec, "type") ?? "url",
                TargetsOf(entity.Spec),
                found is null,
                found,
                Text(entity.Status, "phase"),
                Text(entity.Status, "message"),
                Part(entity.Status, "entities") is { ValueKind: JsonValueKind.Number } count && count.TryGetInt32(out var entities) ? entities : 0,
                Part(entity.Status, "problems") is { ValueKind: JsonValueKind.Array } problems ? problems.Deserialize(CliJson.Default.ListProblem) ?? [] : []);
        }

        private static IReadOnlyList<string> TargetsOf(JsonElement spec) =>
        [
            .. Text(spec, "target") is { } one ? (string[])[one] : [],
            .. Part(spec, "targets") is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().Where(target => target.ValueKind == JsonValueKind.String).Select(target => target.GetString()!) : [],
        ];

        private static string? Text(JsonElement from, string name) => Part(from, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

        private static JsonElement? Part(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var part) ? part : null;
    }
}

/// <summary>What the catalogue's API says of a registered location.</summary>
internal sealed record LocationRegistered(LocationRegistered.Row Location)
{
    internal sealed record Row(string Id, string Type, string Target, string EntityRef);
}
