using System.CommandLine;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Machine;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>The platform and its components, in one answer.</summary>
internal sealed record PlatformStatus(PlatformView Platform, IReadOnlyList<ComponentView> Components);

internal sealed record OpenView(string Url);

/// <summary>An instance with the environment it runs in.</summary>
internal sealed record InstanceRow(string Environment, InstanceStatus Instance);

/// <summary>What runs where: status, ps, open.</summary>
internal static class StatusVerbs
{
    private const int RowsMax = 5;

    public static IEnumerable<Command> All(AxleCli cli) => [Status(cli), Instances(cli), Open(cli)];

    private static Verb Status(AxleCli cli)
    {
        var component = Arguments.ComponentIfAny("The component; without it the platform and all components");
        var (space, watch) = (Arguments.Namespace(), Arguments.Watch());
        return new Verb("status", "Show what runs where, and how it is", "axle status", "axle status orders", "axle status orders --watch", "axle status --output json")
        {
            component, space, watch,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            Task ShowAsync() => parsed.GetValue(component) is { } name ? ComponentAsync(session, name, parsed.GetValue(space), stop) : PlatformAsync(session, stop);
            await ShowAsync();
            if (parsed.GetValue(watch))
            {
                await new ChangeFeed(session).ForEachAsync(parsed.GetValue(component) is { } only ? change => Concerns(change, only) : _ => true, _ => ShowAsync(), stop);
            }

            return ExitCodes.Ok;
        });
    }

    private static bool Concerns(Change change, string component) =>
        change.Ref.Name.Equals(component, StringComparison.OrdinalIgnoreCase)
        || change.Ref.Name.StartsWith(component + ".", StringComparison.OrdinalIgnoreCase)
        || change.Ref.Name.StartsWith(component + "-", StringComparison.OrdinalIgnoreCase);

    private static async Task PlatformAsync(Session session, CancellationToken stop)
    {
        var platform = await session.Client.GetAsync("api/platform", AxleJson.Default.PlatformView, stop);
        var components = await session.Client.GetAsync("api/components", CliJson.Default.ListComponentView, stop);
        session.Show(new PlatformStatus(platform, components), CliJson.Default.PlatformStatus, terminal =>
        {
            terminal.Line(new Cell($"Axle {platform.Version}", Tone.Strong), $"  {platform.Portal}", new Cell($"  up {Words.Ago(platform.StartedAt, session.Now)}", Tone.Dim));
            terminal.Line("ingress    " + platform.Ingress);
            terminal.Line("agent      ", platform.AgentConnected ? new Cell("connected", Tone.Good) : new Cell("not connected: apps go on, but nothing new starts (axle logs)", Tone.Bad));
            terminal.Line($"isolation  {platform.Isolation}{(platform.IsolationMissing.Count == 0 ? "" : $" (missing: {string.Join(", ", platform.IsolationMissing)})")}");
            terminal.Line($"data       {platform.DataFolder}");
            if (platform.SecretsSealed is { } why)
            {
                terminal.Line("secrets    ", new Cell($"sealed: {why}", Tone.Bad));
            }

            terminal.Line();
            terminal.Table(
                ["COMPONENT", "OWNER", "ENVIRONMENT", "STATE", "RELEASE", "INSTANCES", "URL"],
                components.SelectMany(view => view.Deployments.Count == 0
                    ? [[view.Component.Metadata.Name, view.Owner, "", new Cell("nothing deployed yet", Tone.Dim), "", "", ""]]
                    : view.Deployments.Select(IReadOnlyList<Cell> (deployment) => [view.Component.Metadata.Name, view.Owner, .. Row(deployment)])),
                $"No components yet. Make one: {session.Host.CommandName} create node-service orders --owner team-shop");
        });
    }

    private static async Task ComponentAsync(Session session, string name, string? space, CancellationToken stop)
    {
        var view = await session.Client.GetAsync(Paths.Component(name, space), AxleJson.Default.ComponentView, stop);
        session.Show(view, AxleJson.Default.ComponentView, terminal =>
        {
            var metadata = view.Component.Metadata;
            terminal.Line(new Cell(metadata.Title ?? metadata.Name, Tone.Strong), new Cell(metadata.Description is null ? "" : $"  {metadata.Description}", Tone.Dim));
            terminal.Line($"owner  {view.Owner ?? "nobody"}");
            if (view.CloneUrl is not null)
            {
                terminal.Line($"clone  {view.CloneUrl}");
            }

            terminal.Line();
            terminal.Table(["ENVIRONMENT", "STATE", "RELEASE", "INSTANCES", "URL"], view.Deployments.Select(IReadOnlyList<Cell> (deployment) => [.. Row(deployment)]), $"Not deployed anywhere yet: axle deploy {name}");
            foreach (var deployment in view.Deployments)
            {
                Explain(terminal, deployment, session);
                WaitingIn(terminal, name, deployment);
            }

            if (view.Releases.Count > 0)
            {
                terminal.Line();
                terminal.Table(
                    ["RELEASE", "COMMIT", "MESSAGE", "AUTHOR", "AGE", "SERVES IN"],
                    view.Releases.Take(RowsMax).Select(IReadOnlyList<Cell> (release) =>
                        [release.Release, Words.Commit(release.Commit), release.Message, release.Author, Words.Ago(release.CreatedAt, session.Now), string.Join(", ", release.ServingIn)]),
                    "");
            }

            var builds = view.Builds.Where((build, i) => i == 0 || build.Status.Phase is not BuildPhases.Succeeded).Take(RowsMax).ToList();
            if (builds.Count > 0)
            {
                terminal.Line();
                terminal.Table(
                    ["BUILD", "STATE", "MESSAGE", "AGE", "TOOK"],
                    builds.Select(IReadOnlyList<Cell> (build) =>
                        [build.Ref.Name, Words.State(build.Status.Phase), build.Status.Error?.Message ?? build.Message, Words.Ago(build.CreatedAt, session.Now), Took(build.Status)]),
                    "");
            }
        });
    }

    private static IEnumerable<Cell> Row(DeploymentView deployment)
    {
        var status = deployment.Status;
        var ready = status.Instances.Count(instance => instance.State == "Ready");
        yield return deployment.Environment;
        yield return Words.State(status.Phase);
        yield return deployment.Serving is { } serving && serving != deployment.Release ? $"{serving} → {deployment.Release}" : deployment.Serving ?? $"→ {deployment.Release}";
        yield return status.Instances.Count == 0 ? "" : new Cell($"{ready}/{status.Instances.Count} ready", ready == status.Instances.Count ? Tone.Plain : Tone.Busy);
        yield return status.Url;
    }

    private static void Explain(Terminal terminal, DeploymentView deployment, Session session)
    {
        if (deployment.Status.Phase is DeploymentPhases.RollingOut && deployment.Status.Steps is [.., var step])
        {
            terminal.Line(new Cell($"{deployment.Environment}: ", Tone.Strong), $"{step.Name} {step.Message}", new Cell($"  for {Words.Ago(step.At, session.Now)}", Tone.Dim));
        }

        if (deployment.Status.Phase is DeploymentPhases.Failed or DeploymentPhases.Degraded)
        {
            var why = deployment.Status.Failure?.Message ?? deployment.Status.Conditions.FirstOrDefault(condition => condition.Status == "False")?.Message;
            terminal.Line(new Cell($"{deployment.Environment}: ", Tone.Bad), why);
            terminal.Line($"  axle describe {deployment.Ref.Short}", Tone.Dim);
        }
    }

    /// <summary>Processes of which nobody wants an instance, and how that is changed.</summary>
    public static void Waiting(Terminal terminal, string component, string environment, IReadOnlyList<ProcessView> processes)
    {
        var waiting = processes.Where(process => process.Wanted == 0).Select(process => process.Process).ToList();
        if (waiting.Count > 0)
        {
            terminal.Line(
                new Cell($"{environment}: ", Tone.Strong),
                $"{string.Join(", ", waiting)}: 0 instances",
                new Cell($"  axle scale {component} {string.Join(' ', waiting.Select(process => process + "=1"))} -e {environment}", Tone.Dim));
        }
    }

    private static void WaitingIn(Terminal terminal, string component, DeploymentView deployment)
    {
        if (!deployment.Spec.Stopped)
        {
            Waiting(terminal, component, deployment.Environment, deployment.Processes);
        }
    }

    private static string Took(BuildStatus status) => (status.StartedAt, status.FinishedAt) switch
    {
        (_, _) when status.Cached => "cached",
        ({ } start, { } end) => Progress.Seconds((end - start).TotalSeconds),
        _ => "",
    };

    private static Verb Instances(AxleCli cli)
    {
        var component = Arguments.Component();
        var environment = Arguments.Environment("Only this environment");
        var space = Arguments.Namespace();
        return new Verb("ps", "List the running instances of a component", "axle ps orders", "axle ps orders -e production")
        {
            component, environment, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(component);
            var view = await session.Client.GetAsync(Paths.Component(name, parsed.GetValue(space)), AxleJson.Default.ComponentView, stop);
            var only = parsed.GetValue(environment);
            if (only is not null && view.Deployments.All(deployment => deployment.Environment != only))
            {
                throw RefusedException.Because("not_deployed", $"{name} is not deployed in {only}", view.Deployments.Count == 0 ? $"axle deploy {name}" : $"it is in {string.Join(", ", view.Deployments.Select(deployment => deployment.Environment))}");
            }

            var rows = view.Deployments
                .Where(deployment => only is null || deployment.Environment == only)
                .SelectMany(deployment => deployment.Status.Instances.Select(instance => new InstanceRow(deployment.Environment, instance)))
                .ToList();
            return session.Show(rows, CliJson.Default.ListInstanceRow, terminal =>
            {
                terminal.Table(
                    ["ENVIRONMENT", "PROCESS", "INSTANCE", "REVISION", "STATE", "RESTARTS", "MEMORY", "AGE", "MESSAGE"],
                    rows.Select(IReadOnlyList<Cell> (row) =>
                    [
                        row.Environment,
                        row.Instance.Process,
                        row.Instance.Id,
                        row.Instance.Revision,
                        Words.State(row.Instance.State),
                        new Cell(row.Instance.Restarts.ToString(System.Globalization.CultureInfo.InvariantCulture), row.Instance.Restarts > 0 ? Tone.Busy : Tone.Plain),
                        Words.Bytes(row.Instance.MemoryBytes),
                        Words.Ago(row.Instance.StartedAt, session.Now),
                        row.Instance.Message,
                    ]),
                    $"No instance of {name} runs{(only is null ? "" : $" in {only}")}.");
                foreach (var deployment in view.Deployments.Where(deployment => only is null || deployment.Environment == only))
                {
                    WaitingIn(terminal, name, deployment);
                }
            });
        });
    }

    private static Verb Open(AxleCli cli)
    {
        var component = Arguments.ComponentIfAny("The component; without it the portal, signed in");
        var environment = Arguments.Environment("The environment; without it the last in promotion order that it serves in");
        var space = Arguments.Namespace();
        return new Verb("open", "Print the URL of a component or of the portal, and open a browser where there is one", "axle open orders", "axle open orders -e staging", "axle open")
        {
            component, environment, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var url = parsed.GetValue(component) is { } name
                ? await UrlAsync(session, name, parsed.GetValue(environment), parsed.GetValue(space), stop)
                : (await session.Client.SendAsync(HttpMethod.Post, "api/login-links", [], "application/json", AxleJson.Default.LoginLink, stop)).Url;
            session.Show(new OpenView(url), CliJson.Default.OpenView, terminal => terminal.Line(url));
            var display = session.Host.Variable("DISPLAY") ?? session.Host.Variable("WAYLAND_DISPLAY");
            if (session.Host.OutIsTerminal && !string.IsNullOrEmpty(display) && Programs.Find("xdg-open", session.Host.Variable("PATH")) is { } browser)
            {
                await Programs.RunAsync(browser, [url], stop);
            }

            return ExitCodes.Ok;
        });
    }

    private static async Task<string> UrlAsync(Session session, string name, string? environment, string? space, CancellationToken stop)
    {
        var view = await session.Client.GetAsync(Paths.Component(name, space), AxleJson.Default.ComponentView, stop);
        var deployment = environment is null
            ? view.Deployments.LastOrDefault(found => found.Serving is not null)
            : view.Deployments.FirstOrDefault(found => found.Environment == environment);
        return deployment?.Status.Url ?? throw RefusedException.Because("no_url", $"{name} has no URL{(environment is null ? "" : $" in {environment}")}: it does not serve there", $"axle status {name}");
    }
}

/// <summary>Calls back for each change that matters, and connects again when the control plane is replaced.</summary>
internal sealed class ChangeFeed(Session session)
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(500);

    public async Task ForEachAsync(Func<Change, bool> matters, Func<Change, Task> show, CancellationToken stop)
    {
        string? last = null;
        while (true)
        {
            try
            {
                await foreach (var item in session.Client.EventsAsync(HttpMethod.Get, "api/watch", null, last, null, stop))
                {
                    last = item.EventId ?? last;
                    if (item.EventType == "change" && JsonSerializer.Deserialize(item.Data, AxleJson.Default.Change) is { } change && matters(change))
                    {
                        await show(change);
                    }
                }
            }
            catch (RefusedException e) when (e.ExitCode == ExitCodes.Unreachable)
            {
                // Said when the next try fails for another reason; a restart takes a second.
            }

            await Task.Delay(s_again, session.Host.Clock, stop);
        }
    }
}
