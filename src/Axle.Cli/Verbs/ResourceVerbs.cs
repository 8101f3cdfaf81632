using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary><c>axle resource</c>: what workloads need beside themselves; and the two words for their changes, <c>plan</c> and <c>undo</c>.</summary>
internal static class ResourceVerbs
{
    public static IEnumerable<Command> All(AxleCli cli) =>
    [
        Resource(cli),
        Plan(cli),
        Undo(cli),
    ];

    private static Verb Resource(AxleCli cli)
    {
        var resource = new Verb("resource", "List, create, rotate, back up, share and remove resources: databases, caches, queues, volumes", "axle resource list", "axle resource rotate orders.db.staging")
        {
            List(cli, "list", only: null, "axle resource list", "axle resource list -c orders -e staging", "axle resource list --removed"),
            Show(cli), Logs(cli), Create(cli), Rotate(cli), Delete(cli), Share(cli, shared: true), Share(cli, shared: false), Retain(cli), Replace(cli),
        };
        foreach (var verb in BackupVerbs.ForResources(cli))
        {
            resource.Add(verb);
        }

        return resource;
    }

    /// <summary>A list of resources, of one type or of all.</summary>
    public static Verb List(AxleCli cli, string name, string? only, params string[] examples)
    {
        var type = new Option<string?>("--type") { Description = "Only of this type", HelpName = "type" };
        var removed = new Option<bool>("--removed") { Description = "Only what was removed, with the day on which it is destroyed" };
        var component = new Option<string?>("--component", "-c") { Description = "Only what this component uses", HelpName = "component" };
        var owner = new Option<string?>("--owner") { Description = "Only what this group owns", HelpName = "group" };
        var environment = Arguments.Environment("Only in this environment");
        var verb = new Verb(name, only is null ? "List resources with their state, size and consumers" : "List databases with their state, size and consumers", examples) { component, environment, owner, removed };
        if (only is null)
        {
            verb.Add(type);
        }

        return verb.Runs(cli, async (session, parsed, stop) =>
        {
            var found = await session.Client.GetAsync(
                "api/resources" + Paths.Query(("component", parsed.GetValue(component)), ("environment", parsed.GetValue(environment)), ("owner", parsed.GetValue(owner)), ("type", only ?? parsed.GetValue(type))), AxleJson.Default.ListResourceView, stop);
            if (parsed.GetValue(removed))
            {
                return ShowRemoved(session, [.. found.Where(one => one.Removal is not null)]);
            }

            return session.Show(found, AxleJson.Default.ListResourceView, terminal => terminal.Table(
                ["NAME", "TYPE", "ENVIRONMENT", "STATE", "SIZE", "CONNECTIONS", "CREDENTIAL", "USED BY", "OWNER"],
                found.Select(IReadOnlyList<Cell> (one) =>
                [
                    one.Name, one.Type, one.Environment, Words.State(one.Phase), Words.Bytes(one.Facts?.SizeBytes), one.Facts?.Connections?.ToString(CultureInfo.InvariantCulture) ?? "",
                    one.CredentialAt is null ? "" : $"v{one.CredentialVersion}, {Words.Ago(one.CredentialAt, session.Now)}", string.Join(", ", one.Consumers.Select(Bare)), Bare(one.Owner ?? ""),
                ]),
                only is null ? "No resources. Workloads ask for them under 'resources:' in score.yaml; or: axle db create NAME --owner TEAM" : "No databases: axle db create NAME --owner TEAM"));
        });
    }

    private static int ShowRemoved(Session session, List<ResourceView> found) => session.Show(found, AxleJson.Default.ListResourceView, terminal => terminal.Table(
        ["NAME", "TYPE", "ENVIRONMENT", "REMOVED", "BY", "DESTROYED", "OWNER"],
        found.Select(IReadOnlyList<Cell> (one) =>
        [
            one.Name, one.Type, one.Environment, Words.Ago(one.Removal!.At, session.Now), one.Removal.By, Words.Local(one.Removal.DestroyAt, session.Host.Clock), Bare(one.Owner ?? ""),
        ]),
        "Nothing waits to be destroyed. What is removed stays for 7 days: axle undo NAME brings it back"));

    /// <summary>Sends a verb about one resource.</summary>
    public static Task<ResourceView> SendAsync(Session session, string name, string verb, ResourceCommand command, CancellationToken stop) =>
        session.Client.SendAsync(HttpMethod.Post, $"api/resources/{Uri.EscapeDataString(name)}/{verb}", command, AxleJson.Default.ResourceCommand, AxleJson.Default.ResourceView, stop);

    /// <summary>Waits until a resource is as it was asked to be; throws when it cannot be made.</summary>
    public static async Task<ResourceView> UntilAsync(Session session, ResourceView which, string doing, Func<ResourceClaimStatus, bool> done, CancellationToken stop)
    {
        var failed = "";
        await using (var progress = new Progress(session.Terminal))
        {
            progress.Begin(doing);
            await new EntityWatch(session.Client, session.Host).UntilAsync(
                which.Ref,
                entity =>
                {
                    var status = entity is { Status.ValueKind: JsonValueKind.Object } ? JsonSerializer.Deserialize(entity.Status, AxleJson.Default.ResourceClaimStatus)! : new ResourceClaimStatus();
                    if (status.Phase == ResourcePhases.Failed || status.Conditions.Any(condition => condition is { Type: "UpToDate", Status: "False" }))
                    {
                        failed = (status.Conditions.FirstOrDefault(condition => condition.Type == "UpToDate") ?? status.Conditions[0]).Message;
                        return true;
                    }

                    var waits = status.Rotation is { Message: { } message } ? message : status.Conditions.FirstOrDefault(condition => condition is { Type: "Ready", Status: "False" })?.Message;
                    progress.Now(waits is null ? doing : $"{doing}: {waits}");
                    return done(status);
                },
                null,
                stop);
            if (failed.Length == 0)
            {
                progress.Done(doing);
            }
            else
            {
                progress.Failed(doing);
            }
        }

        return failed.Length == 0
            ? await session.Client.GetAsync($"api/resources/{Uri.EscapeDataString(which.Name)}", AxleJson.Default.ResourceView, stop)
            : throw RefusedException.Because("resource", failed, $"axle describe {which.Ref.Short}");
    }

    public static Argument<string> Name(string description = "The resource: orders.db.staging, or a component that uses one") => new("name") { Description = description };

    /// <summary>Some of a resource, in lines.</summary>
    public static void Write(Terminal terminal, ResourceView one, DateTimeOffset now)
    {
        terminal.Line(new Cell(one.Name, Tone.Strong), "  ", Words.State(one.Phase), $"  {one.Type}{(one.Class == "default" ? "" : $", class {one.Class}")} in {one.Environment}{(one.Owner is null ? "" : $", owned by {Bare(one.Owner)}")}");
        terminal.Line(one.Message ?? "");
        if (one.Next is not null)
        {
            terminal.Line($"Next: {one.Next}", Tone.Dim);
        }

        terminal.Line();
        Fact("Used by", one.Consumers.Count == 0 ? "nobody" : string.Join(", ", one.Consumers.Select(Bare)));
        Fact("Outputs", string.Join(", ", one.Outputs.Select(output => $"{output.Key} {output.Value}")));
        if (one.Facts is { } facts)
        {
            Fact("Version", facts.Version ?? "unknown");
            Fact("Size", $"{Words.Bytes(facts.SizeBytes)}, {facts.Connections ?? 0} connections, {facts.CostClass}");
        }

        if (one.CredentialAt is { } since)
        {
            Fact("Credential", $"version {one.CredentialVersion}, since {Words.Ago(since, now)}; {(one.RotateEveryDays == 0 ? "never rotated by itself" : $"rotated every {one.RotateEveryDays} days")}");
        }

        if (one.Rotation is { State: not RotationStates.Done } rotation)
        {
            Fact("Rotation", $"{rotation.State}{(rotation.Message is null ? "" : $": {rotation.Message}")}");
        }

        Fact("Made by", one.Provisioner ?? "nobody yet");

        void Fact(string name, string value) => terminal.Line($"  {name,-12}{value}");
    }

    private static Verb Show(AxleCli cli)
    {
        var (name, environment) = (Name(), Arguments.Environment());
        return new Verb("show", "Show one resource: state, outputs, consumers, credential", "axle resource show orders.db.staging", "axle resource show orders -e staging") { name, environment }.Runs(cli, async (session, parsed, stop) =>
        {
            var view = await session.Client.GetAsync($"api/resources/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}" + Paths.Query(("environment", parsed.GetValue(environment))), AxleJson.Default.ResourceView, stop);
            return session.Show(view, AxleJson.Default.ResourceView, terminal => Write(terminal, view, session.Now));
        });
    }

    private static Verb Logs(AxleCli cli)
    {
        var (name, environment) = (Name(), Arguments.Environment());
        var tail = new Option<int>("--tail") { Description = "Lines from the end to begin with", HelpName = "N", DefaultValueFactory = _ => 100 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as lines come" };
        return new Verb("logs", "Show the log of the server behind a resource, its own or the one that it shares", "axle resource logs orders.cache.staging -f", "axle resource logs orders.db -e staging --tail 500 --output json") { name, environment, tail, follow }.Runs(cli, async (session, parsed, stop) =>
        {
            var query = Paths.Query(
                ("environment", parsed.GetValue(environment)),
                ("tail", parsed.GetValue(tail).ToString(CultureInfo.InvariantCulture)),
                ("follow", parsed.GetValue(follow) ? "true" : null));
            await new LogStream(session).PrintAsync(Paths.Resource(parsed.GetRequiredValue(name), "logs") + query, withSource: false, parsed.GetValue(follow), session.Host.Out, stop);
            return ExitCodes.Ok;
        });
    }

    private static Verb Create(AxleCli cli)
    {
        var type = new Argument<string>("type") { Description = "postgres, redis, …: axle provisioner list" };
        return Creating(cli, new Verb("create", "Create a resource that workloads can use by its id", "axle resource create redis sessions --owner team-shop", "axle resource create postgres shop-db --owner team-shop --param extensions='[\"citext\"]'") { type }, parsed => parsed.GetRequiredValue(type));
    }

    /// <summary>The verb that creates a resource of a type.</summary>
    public static Verb Creating(AxleCli cli, Verb verb, Func<ParseResult, string> type)
    {
        var id = new Argument<string>("id") { Description = "Its id, by which workloads share it" };
        var owner = new Option<string?>("--owner") { Description = "The group that it belongs to; yours when you are in one only", HelpName = "group" };
        var @class = new Option<string?>("--class") { Description = "Which kind of the type; 'default' if not given", HelpName = "class" };
        var given = new Option<string[]>("--param") { Description = "name=value, the value as JSON or text; may be repeated", HelpName = "name=value" };
        var (environment, noWait) = (Arguments.Environment(), new Option<bool>("--no-wait") { Description = "Do not wait until it is ready" });
        verb.Add(id);
        foreach (var option in (Option[])[environment, owner, @class, given, noWait])
        {
            verb.Add(option);
        }

        return verb.Runs(cli, async (session, parsed, stop) =>
        {
            var request = new ResourceRequest(type(parsed), parsed.GetRequiredValue(id), parsed.GetValue(environment), parsed.GetValue(owner), parsed.GetValue(@class)) { Params = Params(parsed.GetValue(given)) };
            var view = await session.Client.SendAsync(HttpMethod.Post, "api/resources", request, AxleJson.Default.ResourceRequest, AxleJson.Default.ResourceView, stop);
            if (!parsed.GetValue(noWait))
            {
                view = await UntilAsync(session, view, $"making {view.Name}", status => status.Phase == ResourcePhases.Ready, stop);
            }

            return session.Show(view, AxleJson.Default.ResourceView, terminal =>
            {
                Write(terminal, view, session.Now);
                terminal.Line();
                terminal.Note($"In score.yaml:  resources: {{ NAME: {{ type: {view.Type}, id: {request.Id} }} }}", Tone.Dim);
            });
        });
    }

    private static Verb Rotate(AxleCli cli)
    {
        var days = new Option<int?>("--every") { Description = "From now on by itself after so many days; 0 is never", HelpName = "DAYS" };
        var (name, noWait) = (Name(), new Option<bool>("--no-wait") { Description = "Do not wait until the old credential is refused" });
        return new Verb("rotate", "Change its credential: no request fails, and the old one is refused at the end", "axle resource rotate orders.db.staging", "axle resource rotate orders.db.staging --every 30") { name, days, noWait }.Runs(cli, async (session, parsed, stop) =>
        {
            var view = await SendAsync(session, parsed.GetRequiredValue(name), "rotate", new ResourceCommand(Days: parsed.GetValue(days)), stop);
            var wanted = view.CredentialVersion + 1;
            if (!parsed.GetValue(noWait))
            {
                view = await UntilAsync(session, view, $"rotating the credential of {view.Name}", status => status.CredentialVersion >= wanted && status.Rotation?.State == RotationStates.Done, stop);
            }

            return session.Show(view, AxleJson.Default.ResourceView, terminal => terminal.Line(view.Rotation is { RevokedAt: { } at }
                ? $"{view.Name} uses version {view.CredentialVersion}; the old login is refused since {Words.Local(at, session.Host.Clock)}."
                : $"The credential of {view.Name} is being rotated: axle resource show {view.Name}"));
        });
    }

    private static Verb Delete(AxleCli cli)
    {
        var name = Name();
        var force = new Option<bool>("--force") { Description = "Also when something uses it" };
        var now = new Option<bool>("--now") { Description = "Destroy it at once: there is no undo" };
        var yes = Arguments.Yes();
        return new Verb("delete", "Switch a resource off; its data is kept for 7 days", "axle resource delete shop-db-postgres.staging", "axle undo shop-db-postgres.staging") { name, force, now, yes }.Runs(cli, async (session, parsed, stop) =>
        {
            var which = parsed.GetRequiredValue(name);
            var question = parsed.GetValue(now) ? $"Destroy {which} and its data for good?" : $"Remove {which}? (axle undo brings it back within 7 days)";
            if (!parsed.GetValue(yes) && session.Terminal.CanAsk && !await session.Terminal.AskAsync(question, stop))
            {
                throw RefusedException.Because("not_confirmed", "nothing was removed");
            }

            if (!parsed.GetValue(yes) && !session.Terminal.CanAsk)
            {
                throw RefusedException.Usage($"removing {which} needs --yes where nobody can be asked");
            }

            var view = await SendAsync(session, which, "delete", new ResourceCommand(Force: parsed.GetValue(force), Now: parsed.GetValue(now)), stop);
            return session.Show(view, AxleJson.Default.ResourceView, terminal => terminal.Line(parsed.GetValue(now)
                ? $"{view.Name} is being destroyed."
                : $"{view.Name} is switched off, and destroyed on {view.Removal?.DestroyAt:yyyy-MM-dd}. To bring it back: axle undo {view.Name}"));
        });
    }

    private static Verb Share(AxleCli cli, bool shared)
    {
        var name = Name();
        var with = new Option<string>(shared ? "--with" : "--from") { Description = "The group", HelpName = "group", Required = true };
        var verb = shared ? "share" : "unshare";
        return new Verb(verb, shared ? "Let another team's workloads use it" : "No longer let another team's workloads use it", $"axle resource {verb} shop-db-postgres.staging {(shared ? "--with" : "--from")} team-pay") { name, with }.Runs(cli, async (session, parsed, stop) =>
        {
            var view = await SendAsync(session, parsed.GetRequiredValue(name), verb, new ResourceCommand(With: parsed.GetRequiredValue(with)), stop);
            return session.Show(view, AxleJson.Default.ResourceView, terminal => terminal.Line($"{view.Name} is {(shared ? "shared with" : "no longer shared with")} {parsed.GetRequiredValue(with)}."));
        });
    }

    private static Verb Retain(AxleCli cli)
    {
        var name = Name();
        var off = new Option<bool>("--off") { Description = "Remove it again when nobody uses it" };
        return new Verb("retain", "Keep a resource although nobody uses it any more", "axle resource retain orders.db.staging") { name, off }.Runs(cli, async (session, parsed, stop) =>
        {
            var view = await SendAsync(session, parsed.GetRequiredValue(name), "retain", new ResourceCommand(Retain: !parsed.GetValue(off)), stop);
            return session.Show(view, AxleJson.Default.ResourceView, terminal => terminal.Line(parsed.GetValue(off) ? $"{view.Name} goes when nobody uses it any more." : $"{view.Name} stays until somebody deletes it."));
        });
    }

    private static Verb Replace(AxleCli cli)
    {
        var name = Name();
        var accept = new Option<bool>("--accept-data-loss") { Description = "Its data is lost; back it up first" };
        return new Verb("replace", "Make it anew for params that cannot be changed in place; its data is lost", "axle resource replace orders.db.staging --accept-data-loss") { name, accept }.Runs(cli, async (session, parsed, stop) =>
        {
            var view = await SendAsync(session, parsed.GetRequiredValue(name), "replace", new ResourceCommand(AcceptDataLoss: parsed.GetValue(accept)), stop);
            return session.Show(view, AxleJson.Default.ResourceView, terminal => terminal.Line($"{view.Name} is being made anew: axle resource show {view.Name}"));
        });
    }

    private static Verb Plan(AxleCli cli)
    {
        var (component, environment, space) = (Arguments.Component(), Arguments.Environment(), Arguments.Namespace());
        var release = new Option<string?>("--release", "-r") { Description = "v7, 7, or a commit; without it the newest", HelpName = "release" };
        return new Verb("plan", "Show what deploying a release would create, change, replace or remove", "axle plan orders -e production", "axle plan orders --release v7 --output json") { component, environment, release, space }.Runs(cli, async (session, parsed, stop) =>
        {
            var plan = await session.Client.SendAsync(
                HttpMethod.Post, Paths.Component(parsed.GetRequiredValue(component), parsed.GetValue(space), "plan"), new DeployRequest(parsed.GetValue(environment), parsed.GetValue(release)), AxleJson.Default.DeployRequest, AxleJson.Default.DeployPlan, stop);
            return session.Show(plan, AxleJson.Default.DeployPlan, terminal =>
            {
                terminal.Line(new Cell($"{plan.Component.Name} {plan.Release} in {plan.Environment}", Tone.Strong), plan.Serving is null ? "  (nothing serves there now)" : $"  ({plan.Serving} serves there now)");
                foreach (var one in plan.Resources)
                {
                    var (mark, tone) = one.Action switch
                    {
                        "create" => ("+", Tone.Good),
                        "change" => ("~", Tone.Busy),
                        "replace" => ("!", Tone.Bad),
                        "remove" => ("-", Tone.Bad),
                        "refused" => ("✗", Tone.Bad),
                        _ => (" ", Tone.Dim),
                    };
                    terminal.Line(new Cell($"{mark} {one.Action,-10}", tone), $"{one.Claim.Name} ({one.Type})");
                    foreach (var line in one.Lines)
                    {
                        terminal.Line(new Cell($"             {line}", one.LosesData ? Tone.Bad : Tone.Dim));
                    }

                    if (one.LosesData)
                    {
                        terminal.Line(new Cell($"             ITS DATA WOULD BE LOST. Refused without: axle resource replace {one.Claim.Name} --accept-data-loss", Tone.Bad));
                    }
                }

                if (plan.Resources.Count == 0)
                {
                    terminal.Line("It asks for no resources.", Tone.Dim);
                }
            });
        });
    }

    private static Verb Undo(AxleCli cli)
    {
        var name = new Argument<string?>("name") { Description = "The resource; without it what you removed last", Arity = ArgumentArity.ZeroOrOne };
        return new Verb("undo", "Bring back a resource that was removed, with its data", "axle undo", "axle undo orders.db.staging") { name }.Runs(cli, async (session, parsed, stop) =>
        {
            var which = parsed.GetValue(name);
            var view = await session.Client.SendAsync(
                HttpMethod.Post, which is null ? "api/resources/undo" : $"api/resources/{Uri.EscapeDataString(which)}/undo", new ResourceCommand(), AxleJson.Default.ResourceCommand, AxleJson.Default.ResourceView, stop);
            view = await UntilAsync(session, view, $"bringing back {view.Name}", status => status.Phase == ResourcePhases.Ready, stop);
            return session.Show(view, AxleJson.Default.ResourceView, terminal => terminal.Line($"{view.Name} is back, with its data."));
        });
    }

    /// <summary>A ref without its kind, for tables.</summary>
    private static string Bare(string reference) => reference[(reference.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static JsonElement Params(string[]? given)
    {
        if (given is null or [])
        {
            return default;
        }

        var values = new Dictionary<string, JsonElement>();
        foreach (var (name, text) in Arguments.Pairs(given, "a param"))
        {
            try
            {
                values[name] = JsonDocument.Parse(text).RootElement.Clone();
            }
            catch (JsonException)
            {
                values[name] = JsonSerializer.SerializeToElement(text, CliJson.Default.String);
            }
        }

        return JsonSerializer.SerializeToElement(values, CliJson.Default.DictionaryStringJsonElement);
    }
}
