using System.Net;
using Axle.Agent.Machine;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>Says why a rollout failed, so that nobody has to look elsewhere: the check, its last answer, the end, the last lines.</summary>
internal static class Failures
{
    private const int TailMax = 50;
    private static readonly TimeSpan s_tailAge = TimeSpan.FromMinutes(30);

    public static RolloutFailure Of(Step.Fail fail, WorkloadRecord record, ContainerExit? releaseExit, Prober? prober, WorkloadParts parts, DateTimeOffset now)
    {
        if (fail.Cause == FailureCause.ReleaseCommand)
        {
            var group = record.Wanted.Groups.First(group => group.Kind == GroupKind.Release);
            var source = record.Rollout.ReleaseRun![(record.Wanted.Id.Length + 1)..];
            return new RolloutFailure(
                "ReleaseCommandFailed",
                $"The release command {releaseExit!.Words}; nothing was changed.",
                string.Join(' ', group.Containers[0].Command),
                releaseExit.Words,
                releaseExit.Code,
                Tail(record, source, parts, now));
        }

        var instance = record.Instances.First(instance => instance.Id == fail.Instance);
        var tail = Tail(record, instance.Id, parts, now);
        if (fail.Cause == FailureCause.Exited)
        {
            var exit = instance.Containers.Select(container => container.Exit).FirstOrDefault(exit => exit is { Code: not 0 }) ?? instance.Containers.Select(container => container.Exit).FirstOrDefault(exit => exit is not null);
            var reason = exit switch
            {
                { OutOfMemory: true } => "OutOfMemory",
                { Code: 126 or 127 } => "CannotStart",
                null => "Unhealthy",
                _ => "Exited",
            };
            return new RolloutFailure(reason, $"{instance.Id} {instance.Message ?? exit?.Words}{Advice(exit, tail)}", null, null, exit?.Code, tail);
        }

        var failing = prober?.Failing ?? new FailingCheck(null, null, null);
        if (ListensElsewhere(record, instance, parts) is { } words)
        {
            return new RolloutFailure("NotListening", $"{instance.Id} {words}", failing.Check, failing.Answer, null, tail);
        }

        var spec = record.SpecOf(instance.Revision) ?? record.Wanted;
        var (late, sentence) = Late(instance, spec.Groups.First(group => group.Name == instance.Group), failing, spec.StartTimeoutSeconds);
        return new RolloutFailure(late, sentence, failing.Check, failing.Answer, null, tail);
    }

    /// <summary>Why it was not ready in time: what it waits for, the port it does not open, or what its check says.</summary>
    internal static (string Reason, string Message) Late(Instance instance, GroupSpec group, FailingCheck failing, double timeoutSeconds)
    {
        var seconds = $"{timeoutSeconds:0.#} s";
        var answer = failing.Answer is null ? "" : $": {failing.Answer}";
        if (Waits(group, instance.Containers) is { } waits)
        {
            return ("Unhealthy", $"{instance.Id} was not ready within {seconds}, for {waits}{answer}");
        }

        if (failing.ClosedPort is not { } port)
        {
            return ("Unhealthy", $"{instance.Id} was not ready within {seconds}{answer}");
        }

        return ContainerRuns.PortVariable(group, instance.Ports, port) is { } variable
            ? ("NotListening", $"{instance.Id} did not listen on {variable} within {seconds}: listen on the port in the environment variable {variable}")
            : ("Unhealthy", $"{instance.Id} was not ready within {seconds}{answer}; no port is assigned to {group.Name}, so check it by a command, or declare the port in the service's ports");
    }

    /// <summary>The container that was never started, and the one that it comes after; null when all were started.</summary>
    private static string? Waits(GroupSpec group, IReadOnlyList<ContainerState> states)
    {
        foreach (var waiting in states.Where(state => state.Run is null))
        {
            foreach (var other in group.Containers)
            {
                if (other.Before.TryGetValue(waiting.Name, out var until) && !Decision.Reached(states.First(state => state.Name == other.Name), until))
                {
                    return $"{waiting.Name} waits for {other.Name} to be {until}";
                }
            }
        }

        return null;
    }

    /// <summary>What an exit code alone does not say.</summary>
    internal static string Advice(ContainerExit? exit, IReadOnlyList<string> tail) => exit?.Code switch
    {
        0 => ": it has done its work, but this process is to stay up; run what ends by itself with 'axle run', or as a release or cron line of the Procfile",
        126 or 127 when tail.LastOrDefault(line => line.Length > 0) is { } last => $": {last}",
        _ => "",
    };

    /// <summary>Null when it listens where it should, or nowhere.</summary>
    public static string? ListensElsewhere(WorkloadRecord record, Instance instance, WorkloadParts parts)
    {
        if (instance.Kind != GroupKind.Web || record.SpecOf(instance.Revision) is not { } spec)
        {
            return null;
        }

        var port = Routes.PortOf(spec, instance);
        var processes = instance.Containers.Select(container => container.Run is { } id ? parts.Runner.Find(id) : null).OfType<Runs.Run>().SelectMany(run => run.Processes());
        return Words(Listeners.Of(processes), port);
    }

    /// <summary>It listens, but at none of the ports it was given, or where nobody is sent to: it will not come to the right one by itself.</summary>
    /// <param name="given">All ports of the instance; who listens on one of them reads its environment.</param>
    public static bool IsElsewhere(IReadOnlyList<IPEndPoint> listeners, int port, IEnumerable<int> given) =>
        Words(listeners, port) is not null && !given.Any(other => other != port && listeners.Any(listener => listener.Port == other));

    internal static string? Words(IReadOnlyList<IPEndPoint> listeners, int port)
    {
        if (listeners.Count == 0 || listeners.Any(Reaches))
        {
            return null;
        }

        var onPort = listeners.Where(listener => listener.Port == port).ToList();
        return onPort.Count > 0
            ? $"listens on PORT ({port}), but only at {string.Join(", ", onPort.Select(listener => listener.Address))}: listen at 127.0.0.1 or 0.0.0.0"
            : $"listens on {string.Join(", ", listeners.Select(listener => listener.Port).Distinct().Order())}, but not on PORT ({port}): read the port from the environment variable PORT";

        bool Reaches(IPEndPoint listener) => listener.Port == port
            && (listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any)
                || IPAddress.IsLoopback(listener.Address) && listener.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
                || listener.Address.IsIPv4MappedToIPv6);
    }

    private static IReadOnlyList<string> Tail(WorkloadRecord record, string source, WorkloadParts parts, DateTimeOffset now) =>
        [.. parts.Logs.Of(record.Wanted.Id).Last(line => line.Source == source && now - line.At < s_tailAge, TailMax).Select(line => line.Text)];
}
