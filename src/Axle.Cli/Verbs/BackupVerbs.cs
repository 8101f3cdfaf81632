using System.CommandLine;
using System.Globalization;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>What is kept of databases, volumes and other data, and the ways back: children of <c>axle db</c> and of <c>axle resource</c>, the same by either name.</summary>
internal static class BackupVerbs
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(300);

    internal static IEnumerable<Command> ForDatabases(AxleCli cli) => All(cli, new Group("db", "database", "orders.db"));

    internal static IEnumerable<Command> ForResources(AxleCli cli) => All(cli, new Group("resource", "resource", "orders.files.staging"));

    private static IEnumerable<Command> All(AxleCli cli, Group group) =>
        [Backup(cli, group), Backups(cli, group), Policy(cli, group), Restore(cli, group), Clone(cli, group), Export(cli, group), Import(cli, group)];

    /// <summary>Whose children these verbs are, and what they speak of.</summary>
    private sealed record Group(string Verb, string Thing, string Example);

    private static Verb Backup(AxleCli cli, Group group)
    {
        var (name, noWait) = (Name(group), NoWait());
        return new Verb("backup", $"Back a {group.Thing} up now, and prove it by restoring it", $"axle {group.Verb} backup {group.Example}") { name, noWait }.Runs(cli, async (session, parsed, stop) =>
        {
            var path = Paths.Resource(parsed.GetRequiredValue(name), "backups");
            var asked = await session.Client.SendAsync(HttpMethod.Post, path, [], "application/json", AxleJson.Default.BackupView, stop);
            if (!parsed.GetValue(noWait))
            {
                asked = await UntilAsync(
                    session,
                    async () => (await session.Client.GetAsync(path, AxleJson.Default.BackupsView, stop)).Backups.FirstOrDefault(one => one.Id == asked.Id) ?? asked,
                    one => one.Status.Phase,
                    stop);
                RefuseFailed(asked.Status.Phase, asked.Message, asked.Next);
            }

            return session.Show(asked, AxleJson.Default.BackupView, terminal => terminal.Line(
                asked.Status.Proof is { } proof
                    ? $"{asked.Id}: {Words.Bytes(asked.Status.SizeBytes)}, restored in {proof.Seconds.ToString(CultureInfo.InvariantCulture)} s and equal: {proof.Tables} {asked.Things}, {proof.Rows} {asked.Units}"
                    : $"{asked.Id} is under way: axle {group.Verb} backups {asked.Claim}"));
        });
    }

    private static Verb Backups(AxleCli cli, Group group)
    {
        var name = Name(group);
        return new Verb("backups", $"List a {group.Thing}'s backups, and the moments it can go back to", $"axle {group.Verb} backups {group.Example}") { name }.Runs(cli, async (session, parsed, stop) =>
        {
            var all = await session.Client.GetAsync(Paths.Resource(parsed.GetRequiredValue(name), "backups"), AxleJson.Default.BackupsView, stop);
            return session.Show(all, AxleJson.Default.BackupsView, terminal =>
            {
                terminal.Line(new Cell(all.Claim, Tone.Strong), all.Policy.Schedule is { Length: > 0 } cron ? $"  schedule {cron} UTC, {all.Policy.Keep} kept{(all.NextAt is { } next ? $", next {Words.Local(next, session.Host.Clock)}" : "")}" : "  no schedule");
                terminal.Line(all.Window is { } window
                    ? $"Any moment from {Moment(window.Oldest)} to {Moment(window.Newest)} can be restored{(window.Archived is { } archived ? $"; archived until {Moment(archived)}" : "")}: axle db restore {all.Claim} --at TIME --to NEW"
                    : group.Verb == "db" ? "No moment between backups can be restored yet." : "");
                terminal.Line();
                terminal.Table(
                    ["ID", "PHASE", "AGE", "SIZE", "TRIGGER", "PROOF"],
                    all.Backups.Select(IReadOnlyList<Cell> (one) =>
                    [
                        one.Id,
                        Words.State(one.Status.Phase),
                        Words.Ago(one.Status.SnapshotAt ?? one.RequestedAt, session.Now),
                        one.Status.SizeBytes > 0 ? Words.Bytes(one.Status.SizeBytes) : "",
                        one.Trigger,
                        one.Status.Proof is { } proof ? $"{proof.Tables} {one.Things}, {proof.Rows} {one.Units}" : one.Message ?? "",
                    ]),
                    $"No backups: axle {group.Verb} backup {all.Claim}");
            });
        });
    }

    private static Verb Policy(AxleCli cli, Group group)
    {
        var name = Name(group);
        var schedule = new Option<string?>("--schedule") { Description = "Five-field cron in UTC; \"\" for never; without it, once a night", HelpName = "CRON" };
        var keep = new Option<int>("--keep") { Description = "How many are kept", HelpName = "N", DefaultValueFactory = _ => BackupPolicy.KeepDefault };
        return new Verb("backup-policy", $"Set when a {group.Thing} is backed up, and how many backups are kept", $"axle {group.Verb} backup-policy {group.Example} --schedule \"0 3 * * *\" --keep 7") { name, schedule, keep }.Runs(cli, async (session, parsed, stop) =>
        {
            var policy = new BackupPolicy(parsed.GetValue(schedule), parsed.GetValue(keep));
            await session.Client.SendAsync(HttpMethod.Put, Paths.Resource(parsed.GetRequiredValue(name), "backup-policy"), policy, AxleJson.Default.BackupPolicy, AxleJson.Default.BackupPolicy, stop);
            var all = await session.Client.GetAsync(Paths.Resource(parsed.GetRequiredValue(name), "backups"), AxleJson.Default.BackupsView, stop);
            return session.Show(all.Policy, AxleJson.Default.BackupPolicy, terminal => terminal.Line(all.NextAt is { } next ? $"{all.Claim} is backed up next at {Words.Local(next, session.Host.Clock)}; {all.Policy.Keep} are kept" : $"{all.Claim} is not backed up by itself any more"));
        });
    }

    private static Verb Restore(AxleCli cli, Group group)
    {
        var (name, noWait) = (Name(group), NoWait());
        var backup = new Option<string?>("--backup") { Description = "Which backup; without it the newest", HelpName = "ID" };
        var at = new Option<string?>("--at") { Description = "A moment instead of a backup: 2026-11-23T04:08:00Z, or how long ago: 10m", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = $"Id of the new {group.Thing}", HelpName = "NEW" };
        return new Verb("restore", $"Restore a backup, or a moment, into a new {group.Thing}", $"axle {group.Verb} restore {group.Example} --to orders-again", "axle db restore orders.db --at 10m --to orders-before") { name, backup, at, to, noWait }.Runs(cli, async (session, parsed, stop) =>
        {
            var request = new RestoreRequest(parsed.GetValue(to), parsed.GetValue(backup), parsed.GetValue(at) is { } moment ? Time(moment, session.Now) : null);
            var begun = await session.Client.SendAsync(HttpMethod.Post, Paths.Resource(parsed.GetRequiredValue(name), "restore"), request, AxleJson.Default.RestoreRequest, AxleJson.Default.RestoreView, stop);
            return await ShowAsync(session, begun, parsed.GetValue(noWait), stop);
        });
    }

    private static Verb Clone(AxleCli cli, Group group)
    {
        var (name, noWait) = (Name(group), NoWait());
        var environment = Arguments.EnvironmentNamed("--to-env", "The environment that gets the copy");
        var to = new Option<string?>("--to") { Description = "Id of the copy; without it the same", HelpName = "NEW" };
        var mask = new Option<string?>("--mask") { Description = "Masking rules: YAML of table, column, rule (null, hash, email, name, shuffle, {fixed: value})", HelpName = "FILE" };
        return new Verb("clone", $"Copy a {group.Thing} as it is now, masked if rules are given", $"axle {group.Verb} clone {group.Example} --to-env staging", "axle db clone orders.db --to-env staging --mask mask.yaml") { name, environment, to, mask, noWait }.Runs(cli, async (session, parsed, stop) =>
        {
            var rules = parsed.GetValue(mask) is { } file ? await File.ReadAllTextAsync(file, stop) : null;
            var request = new CloneRequest(parsed.GetValue(environment), parsed.GetValue(to), rules);
            var begun = await session.Client.SendAsync(HttpMethod.Post, Paths.Resource(parsed.GetRequiredValue(name), "clone"), request, AxleJson.Default.CloneRequest, AxleJson.Default.RestoreView, stop);
            return await ShowAsync(session, begun, parsed.GetValue(noWait), stop);
        });
    }

    private static Verb Export(AxleCli cli, Group group)
    {
        var name = Name(group);
        var format = new Option<string>("--format") { Description = "Of PostgreSQL: custom for pg_restore and axle db import, plain for SQL; of a volume: custom is tar.gz, plain is tar", HelpName = "custom|plain", DefaultValueFactory = _ => "custom" };
        format.AcceptOnlyFromAmong("custom", "plain");
        return new Verb("export", $"Write all data of a {group.Thing} to standard output", $"axle {group.Verb} export {group.Example} > FILE") { name, format }.Runs(cli, async (session, parsed, stop) =>
        {
            if (session.Host.OutIsTerminal)
            {
                throw RefusedException.Usage("an export is not for the terminal", $"axle {group.Verb} export {parsed.GetRequiredValue(name)} > FILE");
            }

            await using var output = session.Host.OutBytes();
            await session.Client.DownloadAsync(Paths.Resource(parsed.GetRequiredValue(name), "export") + Paths.Query(("format", parsed.GetRequiredValue(format))), output, stop);
            return ExitCodes.Ok;
        });
    }

    private static Verb Import(AxleCli cli, Group group)
    {
        var name = Name(group);
        return new Verb("import", "Bring a file of pg_dump or of SQL into a PostgreSQL database; all of it or nothing", "axle db import orders.db < orders.dump") { name }.Runs(cli, async (session, parsed, stop) =>
        {
            if (session.Host.InIsTerminal)
            {
                throw RefusedException.Usage("there is nothing to import", $"axle {group.Verb} import {parsed.GetRequiredValue(name)} < FILE");
            }

            await using var input = session.Host.InBytes();
            var answer = await session.Client.UploadAsync(Paths.Resource(parsed.GetRequiredValue(name), "import"), input, AxleJson.Default.ImportedAnswer, stop);
            return session.Show(answer, AxleJson.Default.ImportedAnswer, terminal => terminal.Line($"{Words.Bytes(answer.Bytes)} are in {answer.Claim} ({answer.Seconds.ToString(CultureInfo.InvariantCulture)} s)"));
        });
    }

    private static async Task<int> ShowAsync(Session session, RestoreView begun, bool noWait, CancellationToken stop)
    {
        var last = "";
        var view = begun;
        if (!noWait)
        {
            view = await UntilAsync(
                session,
                async () =>
                {
                    var now = await session.Client.GetAsync(Paths.Resource(begun.To, $"restores/{begun.Id}"), AxleJson.Default.RestoreView, stop);
                    if (now.Status.Step != last && session.Format == OutputFormat.Table)
                    {
                        session.Terminal.Note($"{last = now.Status.Step}…", Tone.Dim);
                    }

                    return now;
                },
                one => one.Status.Phase,
                stop);
            RefuseFailed(view.Status.Phase, view.Message, view.Next);
        }

        return session.Show(view, AxleJson.Default.RestoreView, terminal => terminal.Line(noWait ? $"{view.To} is being filled: axle resource show {view.To}" : view.Message ?? $"{view.To} is there"));
    }

    private static async Task<T> UntilAsync<T>(Session session, Func<Task<T>> look, Func<T, string> phase, CancellationToken stop)
    {
        while (true)
        {
            var seen = await look();
            if (phase(seen) is BackupPhases.Succeeded or BackupPhases.Failed)
            {
                return seen;
            }

            await Task.Delay(s_look, session.Host.Clock, stop);
        }
    }

    private static void RefuseFailed(string phase, string? message, string? next)
    {
        if (phase == BackupPhases.Failed)
        {
            throw RefusedException.Because("backup_failed", (message ?? "it failed").TrimEnd('.'), next);
        }
    }

    /// <summary>A moment, or how long ago: <c>90s</c>, <c>10m</c>, <c>3h</c>, <c>2d</c>.</summary>
    internal static DateTimeOffset Time(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount < 100_000
            && (text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 }) is > 0 and var seconds)
        {
            return now - TimeSpan.FromSeconds(amount * seconds);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment)
            ? moment
            : throw RefusedException.Usage($"'{text}' is no moment", "2026-11-23T04:08:00Z, or how long ago: 10m");
    }

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static Argument<string> Name(Group group) => new("name") { Description = $"The {group.Thing}: {group.Example}, or the component that uses it" };

    private static Option<bool> NoWait() => new("--no-wait") { Description = "Do not wait until it is done" };
}
