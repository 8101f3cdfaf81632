using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Machine;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

internal sealed record DemoService(string Name, string Environment, string Url);

/// <summary>What <c>axle demo --output json</c> ends with.</summary>
internal sealed record DemoResult(string Portal, string LoginUrl, string Ingress, double Seconds, IReadOnlyList<DemoService> Services);

/// <summary>From nothing to a service in production, with every step and its time.</summary>
internal static class DemoVerb
{
    public static IEnumerable<Command> All(AxleCli cli)
    {
        var detach = new Option<bool>("--detach", "-d") { Description = "Give the terminal back at the end; Axle keeps running" };
        var (data, port, ingressPort) = (Arguments.Data(), Arguments.Number("--port", "Portal, API and git (7400, or as last time)"), Arguments.Number("--ingress-port", "Where services answer (7480, or as last time)"));
        return
        [
            new Verb("demo", "Start Axle and take a sample service to production, showing each step", "axle demo", "axle demo --detach --output json") { detach, data, port, ingressPort }.Runs(cli, async (session, parsed, stop) =>
            {
                var began = session.Host.Clock.GetTimestamp();
                var platform = LocalPlatform.Of(session, parsed.GetValue(data), parsed.GetValue(port), parsed.GetValue(ingressPort));
                Supervisor? supervisor;
                await using (var progress = new Progress(session.Terminal))
                {
                    supervisor = await platform.StartAsync(parsed.GetValue(detach), progress, stop);
                    try
                    {
                        await new Demo(session, progress).RunAsync(began, supervisor is not null, stop);
                    }
                    catch (RefusedException e) when (supervisor is not null)
                    {
                        // What went wrong can be looked at: the platform stays up until Ctrl-C.
                        session.Terminal.Refusal(e.Error, e.Details);
                        session.Terminal.Note("Axle is still running, so that you can look into it. Ctrl-C stops everything.", Tone.Dim);
                        await progress.DisposeAsync();
                        await platform.KeepAsync(supervisor, stop);
                        return e.ExitCode;
                    }
                    catch (OperationCanceledException) when (supervisor is not null && stop.IsCancellationRequested)
                    {
                        await progress.DisposeAsync();
                        await platform.KeepAsync(supervisor, stop);
                        return ExitCodes.Interrupted;
                    }
                }

                if (supervisor is not null)
                {
                    await platform.KeepAsync(supervisor, stop);
                }

                return ExitCodes.Ok;
            }),
        ];
    }
}

/// <summary>The steps of the demo. Each looks first at what is there, so that a second run only shows it.</summary>
internal sealed class Demo(Session session, Progress progress)
{
    private const string Team = "team-demo";
    private const string Service = "hello";
    private const string Template = "node-service";
    private const string Notes = "notes";
    private const string NotesTemplate = "node-postgres";
    private const string Staging = "staging";
    private const string Production = "production";
    private static readonly TimeSpan s_answerPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(long began, bool foreground, CancellationToken stop)
    {
        // 1. A team, and a service of it from a template.
        await TeamAsync(stop);
        await ServiceAsync(Service, Template, stop);

        // 2. Staging gets it by itself, production when asked.
        var staging = await StagingAsync(Service, stop);
        var production = await ProductionAsync(staging, stop);

        // 3. What was promised is that it answers.
        var services = new List<DemoService> { new(Service, Staging, staging.Url!), new(Service, Production, production.Url!) };
        foreach (var service in services)
        {
            await AnswersAsync(service, stop);
        }

        // 4. One more, that asks for a database and a cache, where this machine has the programs for them.
        if (await NotesAsync(stop) is { } notes)
        {
            services.Add(notes);
        }

        var platform = await session.Client.GetAsync("api/platform", AxleJson.Default.PlatformView, stop);
        var link = await session.Client.SendAsync(HttpMethod.Post, "api/login-links", [], "application/json", AxleJson.Default.LoginLink, stop);
        var result = new DemoResult(platform.Portal, link.Url, platform.Ingress, Math.Round(session.Host.Clock.GetElapsedTime(began).TotalSeconds, 2), services);
        session.Show(result, CliJson.Default.DemoResult, terminal => Tell(terminal, result, foreground));
    }

    private async Task TeamAsync(CancellationToken stop)
    {
        var team = EntityRef.Of(Kinds.Group, Team);
        progress.Begin($"the team {Team}");
        if (await session.Client.FindAsync(Paths.Entity(team), AxleJson.Default.Entity, stop) is null)
        {
            await session.Client.SendAsync(HttpMethod.Put, Paths.Entity(team), EntitySpecs.Team(Team, "The team of axle demo"), AxleJson.Default.Entity, AxleJson.Default.Entity, stop);
            progress.Done($"team {Team} created");
        }
        else
        {
            progress.Done($"team {Team} is there");
        }
    }

    /// <summary>Null, with a word why, where it cannot be had: the demo has shown what it promises without it.</summary>
    private async Task<DemoService?> NotesAsync(CancellationToken stop)
    {
        progress.Say($"{Notes}, with PostgreSQL and Redis:");
        if (!Directory.Exists("/usr/lib/postgresql") || !File.Exists("/usr/bin/redis-server"))
        {
            progress.Say("  left out: this machine has no PostgreSQL or no Redis. Next: sudo apt-get install postgresql redis-server", Tone.Dim);
            return null;
        }

        try
        {
            await ServiceAsync(Notes, NotesTemplate, stop);
            var service = new DemoService(Notes, Staging, (await StagingAsync(Notes, stop)).Url!);
            await AnswersAsync(service, stop);
            return service;
        }
        catch (RefusedException e)
        {
            progress.Say($"  left out: {e.Error.Message}{(e.Error.Next is { } next ? $" Next: {next}" : "")}", Tone.Dim);
            return null;
        }
    }

    private async Task ServiceAsync(string name, string template, CancellationToken stop)
    {
        progress.Begin($"{name} from the template {template}");
        var present = await session.Client.FindAsync(Paths.Entity(EntityRef.Of(Kinds.Component, name)), AxleJson.Default.Entity, stop);
        if (present is not null)
        {
            progress.Done($"service {name} is there");
            return;
        }

        var created = await session.Client.SendAsync(
            HttpMethod.Post, "api/create", new CreateRequest(template, name, $"group:default/{Team}", null, "A service of axle demo"), AxleJson.Default.CreateRequest, AxleJson.Default.CreateAnswer, stop);
        progress.Done($"template {template} → repository {created.CloneUrl}, commit {Words.Commit(created.Commit)}");
        await BuildAsync(name, created.Commit, stop);
    }

    private async Task BuildAsync(string name, string commit, CancellationToken stop)
    {
        progress.Begin("build");
        var build = EntityRef.Of(Kinds.Build, $"{name}-{commit[..Math.Min(12, commit.Length)]}");
        BuildStatus status = new();
        await new EntityWatch(session.Client, session.Host).UntilAsync(
            build,
            entity =>
            {
                status = entity is null ? status : BuildWait.Status(entity);
                progress.Now(entity is null ? "build: waiting for it to begin" : $"build: {status.Phase.ToLowerInvariant()}{(status.Builder is null ? "" : $" ({status.Builder})")}");
                return BuildWait.IsOver(status);
            },
            EntityWatch.Remark(progress),
            stop);
        if (status.Phase != BuildPhases.Succeeded)
        {
            progress.Failed();
            BuildWait.Refuse(status, build, name);
        }

        progress.Done($"build{(status.Builder is null ? "" : $" ({status.Builder})")}{(status.Cached ? ", cached" : "")} → {status.Artifact?[..Math.Min(19, status.Artifact.Length)]}");
    }

    private async Task<DeploymentStatus> StagingAsync(string name, CancellationToken stop)
    {
        progress.Say($"{Staging}:");
        var deployment = EntityRef.Of(Kinds.Deployment, $"{name}.{Staging}");
        var status = await StatusAsync(deployment, stop);
        if (status is not { Phase: DeploymentPhases.Healthy })
        {
            status = await new Rollout(session).WaitAsync(deployment, 1, name, Staging, progress, stop);
        }

        progress.Done($"{name} {(status.Serving is { } serving ? Rollout.ReleaseName(serving) : "")} serves in {Staging}", Took(status));
        return status;
    }

    private async Task<DeploymentStatus> ProductionAsync(DeploymentStatus staging, CancellationToken stop)
    {
        progress.Say($"{Production}:");
        var deployment = EntityRef.Of(Kinds.Deployment, $"{Service}.{Production}");
        var status = await StatusAsync(deployment, stop);
        if (status is not { Phase: DeploymentPhases.Healthy } || status.Serving != staging.Serving)
        {
            var accepted = await session.Client.SendAsync(
                HttpMethod.Post, Paths.Component(Service, null, "promote"), new PromoteRequest(Production, Staging), AxleJson.Default.PromoteRequest, AxleJson.Default.DeploymentAccepted, stop);
            status = await new Rollout(session).WaitAsync(accepted.Deployment, accepted.Generation, Service, Production, progress, stop);
        }

        progress.Done($"{Service} {(status.Serving is { } serving ? Rollout.ReleaseName(serving) : "")} serves in {Production}", Took(status));
        return status;
    }

    private async Task<DeploymentStatus?> StatusAsync(EntityRef deployment, CancellationToken stop) =>
        await session.Client.FindAsync(Paths.Entity(deployment), AxleJson.Default.Entity, stop) is { Status.ValueKind: JsonValueKind.Object } entity
            ? entity.Status.Deserialize(AxleJson.Default.DeploymentStatus)
            : null;

    /// <summary>Asks through the ingress, as a user's browser would.</summary>
    private async Task AnswersAsync(DemoService service, CancellationToken stop)
    {
        progress.Begin($"GET {service.Url}");
        var began = session.Host.Clock.GetTimestamp();
        using var http = LoopbackClient();
        HttpStatusCode? last = null;
        while (session.Host.Clock.GetElapsedTime(began) < s_answerPatience)
        {
            try
            {
                using var response = await http.GetAsync(service.Url, stop);
                last = response.StatusCode;
                if (response.IsSuccessStatusCode)
                {
                    progress.Done($"GET {service.Url} → {(int)response.StatusCode}");
                    return;
                }
            }
            catch (HttpRequestException)
            {
                last = null;
            }

            await Task.Delay(s_look, session.Host.Clock, stop);
        }

        progress.Failed();
        throw RefusedException.Because("no_answer", $"{service.Url} {(last is { } code ? $"answers {(int)code}" : "does not answer")}", $"axle logs {service.Name} -e {service.Environment}");
    }

    /// <summary>Names below localhost mean this machine, also where the resolver does not know that.</summary>
    private static HttpClient LoopbackClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (context, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                var host = context.DnsEndPoint.Host;
                await (host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, stop) : socket.ConnectAsync(context.DnsEndPoint, stop));
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    private static double? Took(DeploymentStatus status) => status is { StartedAt: { } start, FinishedAt: { } end } ? (end - start).TotalSeconds : null;

    private void Tell(Terminal terminal, DemoResult result, bool foreground)
    {
        var axle = session.Host.CommandName;
        terminal.Line();
        terminal.Line(new Cell("A service is in production", Tone.Good), new Cell($", {Progress.Seconds(result.Seconds)} from the start.", Tone.Plain));
        terminal.Line();
        foreach (var service in result.Services)
        {
            terminal.Line($"  {(service.Name == Service ? service.Environment : service.Name),-11} ", new Cell(service.Url, Tone.Strong), new Cell(service.Name == Notes ? "  (PostgreSQL and Redis)" : "", Tone.Dim));
        }

        terminal.Line($"  {"portal",-11} ", new Cell(result.LoginUrl, Tone.Strong), new Cell("  (signs you in once)", Tone.Dim));
        terminal.Line();
        terminal.Line("Things to try next:", Tone.Strong);
        terminal.Line($"  {axle} clone {Service}, change it, git push   build and rollout as they happen");
        terminal.Line($"  {axle} logs {Service} -f                       its log, live");
        if (result.Services.Any(service => service.Name == Notes))
        {
            terminal.Line($"  {axle} resource rotate {Notes}.db.{Staging}     a new database password, without a failed request");
        }

        terminal.Line($"  {axle} create dotnet-web-api orders --owner {Team}   the next service");
        terminal.Line();
        terminal.Line(foreground ? "Axle runs until Ctrl-C." : $"Axle keeps running; {axle} down stops it.", Tone.Dim);
    }
}
