using System.CommandLine;
using System.Globalization;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary><c>axle secret</c>: what workloads must know and nobody else. A value is never an argument: every process of the machine could read it there.</summary>
internal static class SecretVerbs
{
    private const int DaysMax = 90;

    public static IEnumerable<Command> All(AxleCli cli) =>
    [
        new Verb("secret", "Keep passwords and keys, and give them to workloads", "axle secret set API_KEY -c orders", "axle secret list -c orders", "axle secret link API_KEY -c orders")
        {
            Set(cli), Get(cli), List(cli), Versions(cli), Log(cli), Rotate(cli), RollBack(cli), Unset(cli), Restore(cli), Share(cli, share: true), Share(cli, share: false), Age(cli), Link(cli), Refresh(cli), RotateKey(cli), SecretStoreVerbs.Store(cli),
        },
    ];

    private static Verb Set(AxleCli cli)
    {
        var name = new Argument<string?>("name") { Description = "The secret's name, as in DATABASE_PASSWORD", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Take the value from this file, as it is", HelpName = "FILE" };
        var envFile = new Option<string?>("--from-env-file") { Description = "Set every variable of a .env file, or none", HelpName = "FILE" };
        var reference = new Option<string?>("--from") { Description = "Fetch the value from another store, now and from now on (axle secret store)", HelpName = "STORE:PATH#FIELD" };
        var options = new SecretOptions();
        return options.AddTo(new Verb("set", "Set a secret: asks for the value, or reads it from standard input", "axle secret set API_KEY -c orders", "axle secret set API_KEY -c orders -e production < key.txt", "axle secret set --from-env-file .env -c orders", "axle secret set API_KEY -c orders --from vault:kv/orders#api_key") { name, file, envFile, reference }).Runs(cli, async (session, parsed, stop) =>
        {
            var query = options.Query(parsed);
            if (parsed.GetValue(envFile) is { } imported)
            {
                if (parsed.GetValue(name) is not null || parsed.GetValue(file) is not null || parsed.GetValue(reference) is not null)
                {
                    throw RefusedException.Usage("--from-env-file brings its own names", "axle secret set --from-env-file .env -c COMPONENT");
                }

                var request = new SecretImportRequest(await File.ReadAllTextAsync(imported, stop));
                var all = await session.Client.SendAsync(HttpMethod.Post, "api/secrets" + query, request, AxleJson.Default.SecretImportRequest, AxleJson.Default.SecretList, stop);
                return session.Show(all, AxleJson.Default.SecretList, terminal => terminal.Line($"{all.Items.Count} secrets are set: {string.Join(", ", all.Items.Select(one => one.Name))}"));
            }

            var which = Name(parsed.GetValue(name));
            var body = await RequestAsync(session, which, parsed.GetValue(file), parsed.GetValue(reference), stop);
            var view = await session.Client.SendAsync(HttpMethod.Put, PathOf(which, null, query), body, AxleJson.Default.SecretSetRequest, AxleJson.Default.SecretView, stop);
            return session.Show(view, AxleJson.Default.SecretView, terminal =>
            {
                terminal.Line($"{view.Name} of {view.Of} is set, version {view.Version}{(view.From is { } origin ? $", and fetched from {origin} every minute" : "")}.");
                if (view.Version == 1)
                {
                    terminal.Note($"Use it in score.yaml: ${{resources.env.{view.Name}}}", Tone.Dim);
                }
            });
        });
    }

    private static Verb Get(AxleCli cli)
    {
        var name = NameArgument();
        var version = Arguments.Number("--version", "An earlier version");
        var options = new SecretOptions();
        return options.AddTo(new Verb("get", "Print a secret's value; who read it is written down", "axle secret get API_KEY -c orders") { name, version }).Runs(cli, async (session, parsed, stop) =>
        {
            var query = options.Query(parsed, more: ("version", parsed.GetValue(version)?.ToString(CultureInfo.InvariantCulture)));
            var reading = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), "read", query), [], "application/json", AxleJson.Default.SecretReading, stop);

            // A program gets the value and nothing else; a person's prompt begins on a line of its own.
            return session.Show(reading, AxleJson.Default.SecretReading, _ => session.Host.Out.Write(session.Host.OutIsTerminal ? reading.Value + "\n" : reading.Value));
        });
    }

    private static Verb List(AxleCli cli)
    {
        var options = new SecretOptions();
        return options.AddTo(new Verb("list", "List secrets, without values; of a component also those it is given by others", "axle secret list", "axle secret list -c orders")).Runs(cli, async (session, parsed, stop) =>
        {
            var list = await session.Client.GetAsync("api/secrets" + options.Query(parsed, anywhere: true), AxleJson.Default.SecretList, stop);
            return session.Show(list, AxleJson.Default.SecretList, terminal => Table(terminal, list.Items, session.Now));
        });
    }

    private static Verb Versions(AxleCli cli)
    {
        var name = NameArgument();
        var options = new SecretOptions();
        return options.AddTo(new Verb("versions", "List the versions of a secret", "axle secret versions API_KEY -c orders") { name }).Runs(cli, async (session, parsed, stop) =>
        {
            var versions = await session.Client.GetAsync(PathOf(parsed.GetRequiredValue(name), "versions", options.Query(parsed)), AxleJson.Default.SecretVersions, stop);
            return session.Show(versions, AxleJson.Default.SecretVersions, terminal => terminal.Table(
                ["VERSION", "STATE", "AGE", "BY"],
                versions.Items.Reverse().Select(IReadOnlyList<Cell> (one) => [one.Number.ToString(CultureInfo.InvariantCulture), new Cell(one.State, one.State == "current" ? Tone.Good : Tone.Dim), Words.Ago(one.CreatedAt, session.Now), one.By]),
                "No versions."));
        });
    }

    private static Verb Log(AxleCli cli)
    {
        var name = NameArgument();
        var options = new SecretOptions();
        return options.AddTo(new Verb("log", "Show who set, read, shared or handed on a secret", "axle secret log API_KEY -c orders") { name }).Runs(cli, async (session, parsed, stop) =>
        {
            var uses = await session.Client.GetAsync(PathOf(parsed.GetRequiredValue(name), "log", options.Query(parsed)), AxleJson.Default.SecretUses, stop);
            return session.Show(uses, AxleJson.Default.SecretUses, terminal => terminal.Table(
                ["WHEN", "WHO", "WHAT", "VERSION", "DETAIL"],
                uses.Items.Select(IReadOnlyList<Cell> (one) => [Words.Local(one.At, session.Host.Clock), one.Actor, one.Verb, one.Version?.ToString(CultureInfo.InvariantCulture) ?? "", one.Detail]),
                "Nothing was done with it."));
        });
    }

    private static Verb Rotate(AxleCli cli)
    {
        var name = NameArgument();
        var length = Arguments.Number("--length", "Characters of the random value; 32 if not given");
        var value = new Option<bool>("--value-stdin") { Description = "Take the new value from standard input instead of a random one" };
        var options = new SecretOptions();
        return options.AddTo(new Verb("rotate", "Give a secret a new random value, or one from standard input", "axle secret rotate SESSION_KEY -c orders --length 64", "axle secret rotate API_KEY -c orders --value-stdin < key.txt") { name, length, value }).Runs(cli, async (session, parsed, stop) =>
        {
            var request = new SecretRotateRequest(parsed.GetValue(value) ? await ValueAsync(session, "New value: ", stop) : null, parsed.GetValue(length));
            var view = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), "rotate", options.Query(parsed)), request, AxleJson.Default.SecretRotateRequest, AxleJson.Default.SecretView, stop);
            return Show(session, view, $"{view.Name} of {view.Of} is rotated, version {view.Version}. Back: axle secret rollback {view.Name}");
        });
    }

    private static Verb RollBack(AxleCli cli)
    {
        var name = NameArgument();
        var to = Arguments.Number("--to", "The version; without it the one before");
        var options = new SecretOptions();
        return options.AddTo(new Verb("rollback", "Make an earlier version current again", "axle secret rollback API_KEY -c orders", "axle secret rollback API_KEY -c orders --to 2") { name, to }).Runs(cli, async (session, parsed, stop) =>
        {
            var view = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), "rollback", options.Query(parsed)), new SecretRollbackRequest(parsed.GetValue(to)), AxleJson.Default.SecretRollbackRequest, AxleJson.Default.SecretView, stop);
            return Show(session, view, $"{view.Name} of {view.Of} is back at version {view.Version}.");
        });
    }

    private static Verb Unset(AxleCli cli)
    {
        var name = NameArgument();
        var options = new SecretOptions();
        return options.AddTo(new Verb("unset", "Take a secret away; it can be restored for seven days", "axle secret unset API_KEY -c orders") { name }).Runs(cli, async (session, parsed, stop) =>
        {
            await session.Client.DeleteAsync(PathOf(parsed.GetRequiredValue(name), null, options.Query(parsed)), stop);
            session.Terminal.Note($"{parsed.GetRequiredValue(name)} is unset. For seven days: axle secret restore {parsed.GetRequiredValue(name)}, with the same options");
            return ExitCodes.Ok;
        });
    }

    private static Verb Restore(AxleCli cli)
    {
        var name = NameArgument();
        var options = new SecretOptions();
        return options.AddTo(new Verb("restore", "Bring back a secret that was unset", "axle secret restore API_KEY -c orders") { name }).Runs(cli, async (session, parsed, stop) =>
        {
            var view = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), "restore", options.Query(parsed)), [], "application/json", AxleJson.Default.SecretView, stop);
            return Show(session, view, $"{view.Name} of {view.Of} is back, version {view.Version}.");
        });
    }

    private static Verb Share(AxleCli cli, bool share)
    {
        var name = NameArgument();
        var component = Arguments.ComponentOption("This component", "--with");
        var team = Arguments.TeamOption("This team: all of its components", "--with-team");
        var options = new SecretOptions();
        var verb = share
            ? new Verb("share", "Give a secret to another component or team too; no copy is made", "axle secret share API_KEY -c orders --with billing", "axle secret share API_KEY -c orders --with-team money")
            : new Verb("unshare", "End a share", "axle secret unshare API_KEY -c orders --with billing");
        verb.Add(name);
        verb.Add(component);
        verb.Add(team);
        return options.AddTo(verb).Runs(cli, async (session, parsed, stop) =>
        {
            var (toComponent, toTeam) = (parsed.GetValue(component), parsed.GetValue(team));
            if ((toComponent is null) == (toTeam is null))
            {
                throw RefusedException.Usage("it is not clear with whom", "--with COMPONENT, or --with-team TEAM");
            }

            var view = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), share ? "share" : "unshare", options.Query(parsed)), new SecretShareRequest(toComponent, toTeam), AxleJson.Default.SecretShareRequest, AxleJson.Default.SecretView, stop);
            return Show(session, view, $"{view.Name} of {view.Of} is {(share ? "shared" : "no longer shared")} with {toComponent ?? toTeam}.");
        });
    }

    private static Verb Age(AxleCli cli)
    {
        var days = new Option<int>("--max-days") { Description = "Older is overdue", HelpName = "N", DefaultValueFactory = _ => DaysMax };
        var check = new Option<bool>("--check") { Description = "End with exit code 1 when something is overdue" };
        var options = new SecretOptions();
        return options.AddTo(new Verb("age", "Show how old secrets are, overdue ones first", "axle secret age", "axle secret age --max-days 30 --check") { days, check }).Runs(cli, async (session, parsed, stop) =>
        {
            var list = await session.Client.GetAsync("api/secrets" + options.Query(parsed, anywhere: true, ("maxDays", parsed.GetValue(days).ToString(CultureInfo.InvariantCulture))), AxleJson.Default.SecretList, stop);
            list = new SecretList([.. list.Items.Where(one => one.Version > 0).OrderByDescending(one => one.Overdue).ThenByDescending(one => one.AgeDays)]);
            session.Show(list, AxleJson.Default.SecretList, terminal => terminal.Table(
                ["NAME", "OF", "AGE", ""],
                list.Items.Select(IReadOnlyList<Cell> (one) => [one.Name, one.Of, $"{one.AgeDays}d", one.Overdue ? new Cell("overdue", Tone.Bad) : ""]),
                "No secrets: axle secret set NAME -c COMPONENT"));
            return parsed.GetValue(check) && list.Items.Any(one => one.Overdue) ? ExitCodes.Failed : ExitCodes.Ok;
        });
    }

    private static Verb Link(AxleCli cli)
    {
        var name = NameArgument();
        var minutes = new Option<int>("--minutes") { Description = "How long the link works", HelpName = "N", DefaultValueFactory = _ => 60 };
        var options = new SecretOptions();
        return options.AddTo(new Verb("link", "Make a link that shows the value exactly once", "axle secret link API_KEY -c orders --minutes 10") { name, minutes }).Runs(cli, async (session, parsed, stop) =>
        {
            var link = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), "link", options.Query(parsed)), new SecretLinkRequest(parsed.GetValue(minutes)), AxleJson.Default.SecretLinkRequest, AxleJson.Default.SecretLink, stop);
            return session.Show(link, AxleJson.Default.SecretLink, terminal =>
            {
                terminal.Line(link.Url);
                terminal.Note($"Works once, until {Words.Local(link.ExpiresAt, session.Host.Clock)}. Whether it was opened: axle secret log {parsed.GetRequiredValue(name)}", Tone.Dim);
            });
        });
    }

    private static Verb Refresh(AxleCli cli)
    {
        var name = NameArgument();
        var options = new SecretOptions();
        return options.AddTo(new Verb("refresh", "Fetch a secret from its store now, instead of within a minute", "axle secret refresh API_KEY -c orders") { name }).Runs(cli, async (session, parsed, stop) =>
        {
            var view = await session.Client.SendAsync(HttpMethod.Post, PathOf(parsed.GetRequiredValue(name), "refresh", options.Query(parsed)), [], "application/json", AxleJson.Default.SecretView, stop);
            return Show(session, view, $"{view.Name} of {view.Of} is as {view.From} says, version {view.Version}.");
        });
    }

    private static Verb RotateKey(AxleCli cli) =>
        new Verb("rotate-key", "Put a new master key in use, and close everything anew with it (administrators)", "axle secret rotate-key").Runs(cli, async (session, _, stop) =>
        {
            var rotation = await session.Client.SendAsync(HttpMethod.Post, "api/secrets/-/rotate-key", [], "application/json", AxleJson.Default.SecretKeyRotation, stop);
            return session.Show(rotation, AxleJson.Default.SecretKeyRotation, terminal =>
            {
                terminal.Line($"The master key is {rotation.Key} now; {rotation.Rewrapped} values were closed anew.");
                terminal.Note($"Back up keys/master.key of the data folder: it holds {rotation.Keys} keys, the earlier ones for earlier backups.", Tone.Dim);
            });
        });

    private static Argument<string> NameArgument() => new("name") { Description = "The secret's name" };

    private static string Name(string? name) =>
        name is null ? throw RefusedException.Usage("the secret needs a name", "axle secret set NAME -c COMPONENT")
        : name.Contains('=', StringComparison.Ordinal) ? throw RefusedException.Usage("a value as an argument would be seen by every process of this machine; treat it as known", $"axle secret set {name.Split('=')[0]}, which asks for the value")
        : name;

    private static string PathOf(string name, string? verb, string query) => $"api/secrets/{Uri.EscapeDataString(name)}{(verb is null ? "" : "/" + verb)}{query}";

    private static async Task<SecretSetRequest> RequestAsync(Session session, string name, string? file, string? reference, CancellationToken stop) => (file, reference) switch
    {
        (not null, not null) => throw RefusedException.Usage("a value comes from --file or is fetched --from a store, not both", $"axle secret set {name} -c COMPONENT --from STORE:PATH#FIELD"),
        (null, not null) => new SecretSetRequest(From: reference),
        (not null, null) => new SecretSetRequest(await File.ReadAllTextAsync(file, stop)),
        _ => new SecretSetRequest(await ValueAsync(session, $"Value of {name}: ", stop)),
    };

    /// <summary>From a person without echo, or from standard input without the newline that <c>echo</c> adds.</summary>
    internal static async Task<string> ValueAsync(Session session, string question, CancellationToken stop)
    {
        if (session.Host.InIsTerminal)
        {
            if (!session.Terminal.CanAsk)
            {
                throw RefusedException.Usage("a value is needed", "… < FILE");
            }

            session.Terminal.RawError(question);
            return SecretPrompt.Read(session.Host);
        }

        var text = await session.Host.In.ReadToEndAsync(stop);
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    private static int Show(Session session, SecretView view, string sentence) => session.Show(view, AxleJson.Default.SecretView, terminal => terminal.Line(sentence));

    private static void Table(Terminal terminal, IReadOnlyList<SecretView> items, DateTimeOffset now) => terminal.Table(
        ["NAME", "OF", "VERSION", "AGE", "BY", "SHARED WITH", ""],
        items.Select(IReadOnlyList<Cell> (one) =>
        [
            one.Name,
            one.Scope.Split('/') is ["component", _, var component, var environment] ? $"{component} in {environment}" : one.Of,
            one.Version == 0 ? "" : one.Version.ToString(CultureInfo.InvariantCulture),
            Words.Ago(one.CreatedAt, now),
            one.By,
            string.Join(", ", one.SharedWith.Select(other => other.Name)),
            one.RestorableUntil is { } until ? new Cell($"unset, restorable until {until:yyyy-MM-dd}", Tone.Dim)
                : one.Problem is { } problem ? new Cell($"from {one.From}: {problem}", Tone.Bad)
                : one.From is { } from ? new Cell($"from {from}", Tone.Dim)
                : "",
        ]),
        "No secrets: axle secret set NAME -c COMPONENT");
}
