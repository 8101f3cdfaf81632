using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>What changes what runs: deploy, promote, rollback, scale, restart, stop, start, cancel, build.</summary>
internal static class DeliveryVerbs
{
    public static IEnumerable<Command> All(AxleCli cli) =>
    [
        Deploy(cli), Promote(cli), Rollback(cli), Scale(cli),
        Operate(cli, "restart", "Replace all instances, one after the other", "axle restart orders -e staging"),
        Operate(cli, "stop", "Stop a component in an environment; its URL answers 503", "axle stop orders -e staging"),
        Operate(cli, "start", "Start a component that was stopped", "axle start orders -e staging"),
        Cancel(cli), Build(cli),
    ];

    private static Verb Deploy(AxleCli cli)
    {
        var environment = Arguments.Environment();
        var release = new Option<string?>("--release", "-r") { Description = "v7, 7, or a commit; without it the newest", HelpName = "release" };
        return Asking(
            cli,
            new Verb("deploy", "Deploy a release, and wait until it serves", "axle deploy orders", "axle deploy orders -e staging --release v7") { environment, release, WatchIsUsual() },
            parsed => new DeployRequest(parsed.GetValue(environment), parsed.GetValue(release)),
            AxleJson.Default.DeployRequest);
    }

    private static Verb Promote(AxleCli cli)
    {
        var to = Arguments.EnvironmentNamed("--to", "Where to; without it the next environment");
        var from = Arguments.EnvironmentNamed("--from", "What serves here is promoted; without it the environment before");
        return Asking(
            cli,
            new Verb("promote", "Take what serves in one environment to the next", "axle promote orders --to production", "axle promote orders --from staging --to production --no-wait") { to, from, WatchIsUsual() },
            parsed => new PromoteRequest(parsed.GetValue(to), parsed.GetValue(from)),
            AxleJson.Default.PromoteRequest);
    }

    private static Verb Rollback(AxleCli cli)
    {
        var environment = Arguments.EnvironmentNamed("--in", "The environment");
        environment.Aliases.Add("--env");
        environment.Aliases.Add("-e");
        var to = new Option<string?>("--to") { Description = "The release to go back to; without it what served before", HelpName = "release" };
        return Asking(
            cli,
            new Verb("rollback", "Go back to what served before; newer releases are held until one is deployed by hand", "axle rollback orders --in production", "axle rollback orders --in production --to v5") { environment, to, WatchIsUsual() },
            parsed => new RollbackRequest(parsed.GetValue(environment), parsed.GetValue(to)),
            AxleJson.Default.RollbackRequest);
    }

    private static Verb Scale(AxleCli cli)
    {
        var counts = new Argument<string[]>("process=count") { Description = "Wanted instances, for instance web=3", Arity = ArgumentArity.OneOrMore };
        var environment = Arguments.Environment();
        return Asking(
            cli,
            new Verb("scale", "Say how many instances of each process shall run", "axle scale orders web=3 -e staging", "axle scale orders web=2 worker=4 -e production") { counts, environment },
            parsed => new ScaleRequest(parsed.GetValue(environment), Arguments.Counts(parsed.GetRequiredValue(counts))),
            AxleJson.Default.ScaleRequest);
    }

    private static Verb Operate(AxleCli cli, string verb, string description, string example)
    {
        var environment = Arguments.Environment();
        return Asking(cli, new Verb(verb, description, example) { environment }, parsed => new EnvironmentRequest(parsed.GetValue(environment)), AxleJson.Default.EnvironmentRequest);
    }

    private static Verb Cancel(AxleCli cli)
    {
        var component = Arguments.Component();
        var environment = Arguments.Environment("Only the rollout here; without it every running build and rollout of the component");
        var space = Arguments.Namespace();
        return new Verb("cancel", "Stop running builds and rollouts; what served before goes on", "axle cancel orders", "axle cancel orders -e staging")
        {
            component, environment, space,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(component);
            var answer = await session.Client.SendAsync(
                HttpMethod.Post,
                Paths.Component(name, parsed.GetValue(space), "cancel"),
                new EnvironmentRequest(parsed.GetValue(environment)),
                AxleJson.Default.EnvironmentRequest,
                AxleJson.Default.CancelAccepted,
                stop);
            return session.Show(answer, AxleJson.Default.CancelAccepted, terminal => terminal.Line(answer.Cancelled.Count == 0 ? $"Nothing of {name} was under way." : $"Cancelled: {string.Join(", ", answer.Cancelled.Select(which => which.Short))}."));
        });
    }

    private static Verb Build(AxleCli cli)
    {
        var component = Arguments.Component();
        var commit = new Option<string?>("--commit") { Description = "The commit; without it the newest of the main branch", HelpName = "id" };
        var noRetry = new Option<bool>("--no-retry") { Description = "Leave a build of this commit that failed as it is" };
        var (space, noWait) = (Arguments.Namespace(), new Option<bool>("--no-wait") { Description = "Do not follow the build" });
        return new Verb("build", "Build a commit (again), and follow its log", "axle build orders", "axle build orders --commit 3f2a91c")
        {
            component, commit, noRetry, space, noWait,
        }.Runs(cli, async (session, parsed, stop) =>
        {
            var build = await session.Client.SendAsync(
                HttpMethod.Post,
                Paths.Component(parsed.GetRequiredValue(component), parsed.GetValue(space), "build"),
                new BuildRequest(parsed.GetValue(commit), !parsed.GetValue(noRetry)),
                CliJson.Default.BuildRequest,
                AxleJson.Default.Entity,
                stop);
            if (!parsed.GetValue(noWait))
            {
                build = await new BuildWait(session).UntilBuiltAsync(build.Ref, parsed.GetRequiredValue(component), showLog: session.Format == OutputFormat.Table, stop);
            }

            return session.Show(build, AxleJson.Default.Entity, terminal => terminal.Line($"{build.Ref.Short}  {BuildWait.Status(build).Phase}"));
        });
    }

    /// <summary>A verb that sends a wish about a component and, unless told otherwise, waits for what becomes of it.</summary>
    private static Verb Asking<T>(AxleCli cli, Verb verb, Func<ParseResult, T> request, JsonTypeInfo<T> type)
    {
        var component = Arguments.Component();
        var (space, noWait) = (Arguments.Namespace(), Arguments.NoWait());
        verb.Arguments.Insert(0, component);
        verb.Add(space);
        verb.Add(noWait);
        return verb.Runs(cli, async (session, parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(component);
            var accepted = await session.Client.SendAsync(HttpMethod.Post, Paths.Component(name, parsed.GetValue(space), verb.Name), request(parsed), type, AxleJson.Default.DeploymentAccepted, stop);
            if (parsed.GetValue(noWait))
            {
                return session.Show(accepted, AxleJson.Default.DeploymentAccepted, terminal => terminal.Line(accepted.Message));
            }

            var status = await new Rollout(session).WaitAsync(accepted, name, stop);
            return session.Show(status, AxleJson.Default.DeploymentStatus, terminal =>
            {
                terminal.Line(
                    new Cell(status.Phase, Words.State(status.Phase).Tone),
                    $"  {name} {(status.Serving is { } serving ? Rollout.ReleaseName(serving) : "")} in {accepted.Environment}",
                    new Cell(status.Url is null || status.Phase == DeploymentPhases.Stopped ? "" : $"  {status.Url}", Tone.Strong));
                if (status.Phase != DeploymentPhases.Stopped)
                {
                    StatusVerbs.Waiting(terminal, name, accepted.Environment, accepted.Processes);
                }
            });
        });
    }

    /// <summary>Waiting is the default; the option is accepted so that nobody has to remember which verbs need it.</summary>
    private static Option<bool> WatchIsUsual() => new("--watch", "-w") { Description = "Wait and show the steps (the default)", Hidden = true };
}

/// <summary>Asks for a build.</summary>
internal sealed record BuildRequest(string? Commit, bool Retry);
