using System.CommandLine;
using System.Runtime.InteropServices;
using Axle.Cli.Configuration;
using Axle.Cli.Machine;
using Axle.Cli.Output;

namespace Axle.Cli.Verbs;

/// <summary>What <c>axle up</c> tells programs.</summary>
internal sealed record UpResult(string Portal, string Ingress, string Data, double Seconds, bool Detached);

/// <summary>The platform of this machine: up, down, and the supervisor in the background.</summary>
internal static class MachineVerbs
{
    public static IEnumerable<Command> All(AxleCli cli) => [Up(cli), Down(cli), Supervise(cli)];

    private static Verb Up(AxleCli cli)
    {
        var detach = new Option<bool>("--detach", "-d") { Description = "Give the terminal back when the platform is ready" };
        var (data, port, ingressPort) = (Arguments.Data(), Arguments.Number("--port", "Portal, API and git (7400, or as last time)"), Arguments.Number("--ingress-port", "Where services answer (7480, or as last time)"));
        return new Verb("up", "Start Axle on this machine, and keep it running until Ctrl-C", "axle up", "axle up --detach", "axle up --data /srv/axle --port 8400 --ingress-port 8480")
        {
            detach, data, port, ingressPort,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var began = session.Host.Clock.GetTimestamp();
            var platform = LocalPlatform.Of(session, parsed.GetValue(data), parsed.GetValue(port), parsed.GetValue(ingressPort));
            Supervisor? supervisor;
            var background = parsed.GetValue(detach);
            await using (var progress = new Progress(session.Terminal))
            {
                supervisor = await platform.StartAsync(background, progress, stop);
            }

            var view = await session.Client.GetAsync("api/platform", Contracts.AxleJson.Default.PlatformView, stop);
            var result = new UpResult(view.Portal, view.Ingress, platform.Data.Path, Math.Round(session.Host.Clock.GetElapsedTime(began).TotalSeconds, 2), supervisor is null);
            session.Show(result, CliJson.Default.UpResult, terminal =>
            {
                terminal.Line(new Cell($"Axle {view.Version} is up", Tone.Good), new Cell($"  {Progress.Seconds(result.Seconds)}", Tone.Dim));
                terminal.Line($"portal     {view.Portal}   ({session.Host.CommandName} open signs you in)");
                terminal.Line($"services   {view.Ingress}");
                terminal.Line($"isolation  {view.Isolation}{(view.IsolationMissing.Count == 0 ? "" : $" (missing: {string.Join(", ", view.IsolationMissing)})")}");
                terminal.Line($"data       {platform.Data.Path}");
                if (supervisor is not null)
                {
                    terminal.Line("Ctrl-C stops everything.", Tone.Dim);
                }
                else
                {
                    terminal.Line($"It runs in the background; {session.Host.CommandName} down stops it.", Tone.Dim);
                }
            });
            if (supervisor is not null)
            {
                await platform.KeepAsync(supervisor, stop);
            }

            return ExitCodes.Ok;
        });
    }

    private static Verb Down(AxleCli cli)
    {
        var purge = new Option<bool>("--purge") { Description = "Also remove the data folder, and what axle wrote into your settings: every trace" };
        var keepApps = new Option<bool>("--keep-apps") { Description = "Stop the control plane only; apps go on serving" };
        var (data, yes) = (Arguments.Data(), Arguments.Yes());
        return new Verb("down", "Stop Axle on this machine, with all apps", "axle down", "axle down --keep-apps", "axle down --purge --yes") { purge, keepApps, data, yes }.Runs(cli, async (session, parsed, stop) =>
        {
            if (parsed.GetValue(purge) && parsed.GetValue(keepApps))
            {
                throw RefusedException.Usage("--purge and --keep-apps contradict each other", "axle down --help");
            }

            var config = session.Config.Read();
            var local = config.Platforms.GetValueOrDefault(ConfigFile.Local);
            var platform = LocalPlatform.Of(session, parsed.GetValue(data) ?? (session.Host.Variable("AXLE_DATA") is { Length: > 0 } ? null : local?.Data), null, null);
            if (parsed.GetValue(purge))
            {
                await AgreeAsync(session, platform, parsed.GetValue(yes), stop);
            }

            bool ran;
            await using (var progress = new Progress(session.Terminal))
            {
                ran = platform.Data.Exists && await platform.StopAsync(parsed.GetValue(keepApps), progress, stop);
            }

            if (!parsed.GetValue(purge))
            {
                session.Terminal.Note(!ran ? $"Nothing was running in {platform.Data.Path}." : parsed.GetValue(keepApps) ? "The control plane is down; apps go on. axle up brings it back." : "Axle is down. Everything is kept; axle up brings it back.");
                return ExitCodes.Ok;
            }

            if (platform.Data.Exists)
            {
                platform.Data.Purge();
            }

            if (local?.Data == platform.Data.Path || local is not null && local.Data is null)
            {
                await GitHelper.RemoveAsync(new Uri(local.Url), session.Host, stop);
                session.Config.Forget(ConfigFile.Local);
            }

            session.Terminal.Note($"Axle is down, and {platform.Data.Path} is removed, with git's helper and the entry in {session.Config.File}.");
            return ExitCodes.Ok;
        });
    }

    private static async Task AgreeAsync(Session session, LocalPlatform platform, bool yes, CancellationToken stop)
    {
        if (yes || !platform.Data.Exists)
        {
            return;
        }

        if (!session.Terminal.CanAsk)
        {
            throw RefusedException.Usage($"removing {platform.Data.Path} needs a yes", "axle down --purge --yes");
        }

        if (!await session.Terminal.AskAsync($"Remove {platform.Data.Path} with all repositories, releases and data? This cannot be undone.", stop))
        {
            throw RefusedException.Because("not_agreed", "nothing was stopped or removed");
        }
    }

    /// <summary>
    /// What <c>up --detach</c> leaves behind. A terminating signal stops everything; USR1 ends only the supervisor,
    /// for <c>axle down</c>, which stops the rest itself and shows it.
    /// </summary>
    private static Verb Supervise(AxleCli cli)
    {
        var (data, port, ingressPort) = (Arguments.Data(), Arguments.Number("--port", "Port of the control plane"), Arguments.Number("--ingress-port", "Port of the ingress"));
        return new Verb("supervise", "Keep server and agent running") { Hidden = true, Options = { data, port, ingressPort } }.Runs(cli, async (session, parsed, stop) =>
        {
            var folder = new DataFolder(parsed.GetValue(data) ?? DataFolder.Default(session.Host));
            var ports = folder.ReadPorts();
            ports = new Ports(parsed.GetValue(port) ?? ports.Port, parsed.GetValue(ingressPort) ?? ports.IngressPort);
            void Say(string text) => session.Host.Out.WriteLine($"{session.Now:yyyy-MM-ddTHH:mm:ssZ} {text}");
            if (Supervisor.TryBegin(folder, ports, session.Host, Say) is not { } supervisor)
            {
                throw RefusedException.Because("supervised", $"another supervisor keeps {folder.Path}", $"axle status, or axle down --data {folder.Path}");
            }

            using var left = new CancellationTokenSource();
            using var onUser = PosixSignalRegistration.Create((PosixSignal)Native.User1, context =>
            {
                context.Cancel = true;
                left.Cancel();
            });
            supervisor.Start();
            await SuperviseAsync(supervisor, folder, session, left.Token, stop);
            return ExitCodes.Ok;
        });
    }

    private static async Task SuperviseAsync(Supervisor supervisor, DataFolder folder, Session session, CancellationToken left, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(left, stop);
        var failed = supervisor.FailedAsync();
        await Task.WhenAny(failed, Task.Delay(Timeout.InfiniteTimeSpan, session.Host.Clock, either.Token));
        await supervisor.DisposeAsync();
        if (!left.IsCancellationRequested)
        {
            await using var progress = new Progress(session.Terminal);
            await new Shutdown(folder, session.Host).RunAsync(keepApps: false, progress, CancellationToken.None);
        }

        if (failed.IsFaulted)
        {
            await failed;
        }
    }
}
