using Axle.Agent.Isolation;
using Axle.Agent.Logs;
using Axle.Agent.Machine;
using Axle.Agent.Runs;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>Asks one instance whether it is well, until it is disposed. Decides nothing: it holds the last answers.</summary>
internal sealed class Prober : IDisposable
{
    private static readonly TimeSpan s_workerStays = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_eager = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_eagerTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_ports = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Asked> _asked = [];
    private readonly TimeProvider _clock;
    private readonly Action _changed;
    private volatile string? _dead;
    private long _elsewhereSince;

    /// <param name="runs">By container; null while it has not started.</param>
    /// <param name="hidden">What no answer may show.</param>
    /// <param name="ready">An adopted instance that was ready stays so until a check says otherwise.</param>
    public Prober(Instance instance, GroupSpec group, Func<string, Run?> runs, bool ready, LaunchScripts scripts, Func<Redaction> hidden, TimeProvider clock, Action changed)
    {
        _clock = clock;
        _changed = changed;
        var lasting = group.Containers.Where(container => !Decision.IsToComplete(container)).ToList();
        var mainPort = ContainerRuns.PortsOf(group) is [var first, ..] && instance.Ports.TryGetValue(first.Name, out var number) ? number : (int?)null;
        foreach (var container in lasting)
        {
            if (container.Readiness is { } readiness)
            {
                _asked.Add(new Asked(container.Name, run => Of(readiness, run!), readiness, Again: true));
            }
            else if (group.Kind != GroupKind.Web || lasting.Count > 1)
            {
                _asked.Add(new Asked(container.Name, _ => new Check.Stays(s_workerStays, clock), new ProbeSpec(), Again: false));
            }
        }

        // Users are sent to the first port, so it must accept, whatever else is checked. Which of several containers opens it is not
        // known, so it says nothing about the health of one: those that come before the one that listens would wait for themselves.
        if (group.Kind == GroupKind.Web && mainPort is { } port && !lasting.Any(container => container.Readiness?.Http is not null))
        {
            _asked.Add(new Asked(lasting is [var only] ? only.Name : null, _ => new Check.Tcp(port), new ProbeSpec(), Again: false));
        }

        foreach (var asked in _asked)
        {
            asked.Ok = ready;
            _ = AskAsync(asked);
        }

        foreach (var container in lasting.Where(container => container.Liveness is not null))
        {
            _ = WatchLifeAsync(container);
        }

        // Beside others, a listener elsewhere proves nothing: it may be theirs.
        if (!ready && group.Kind == GroupKind.Web && mainPort is { } wanted && lasting is [var alone])
        {
            _ = WatchPortsAsync(alone.Name, wanted);
        }

        Check Of(ProbeSpec probe, Run run)
        {
            var timeout = TimeSpan.FromSeconds(Math.Max(0.1, probe.TimeoutSeconds));
            return probe.Http is { } http ? new Check.Http(http, Translate(http.Port), timeout, hidden()) : new Check.Exec(run, probe.Exec ?? ["false"], timeout, scripts, hidden());
        }

        int Translate(int declared) =>
            ContainerRuns.PortsOf(group).FirstOrDefault(port => port.Port == declared) is { } known && instance.Ports.TryGetValue(known.Name, out var assigned) ? assigned : mainPort ?? declared;

        async Task WatchLifeAsync(ContainerSpec container)
        {
            var probe = container.Liveness!;
            var failures = 0;
            try
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromSeconds(Math.Max(0.05, probe.PeriodSeconds)), clock, _stop.Token);
                    if (!Ready || runs(container.Name) is not { } run)
                    {
                        continue;
                    }

                    var answer = await Of(probe, run).AskAsync(_stop.Token);
                    failures = answer.Ok ? 0 : failures + 1;
                    if (failures >= Math.Max(1, probe.Failures))
                    {
                        _dead = $"liveness check failed {failures} times in a row: {answer.Answer}";
                        changed();
                        return;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Not needed any more.
            }
        }

        async Task WatchPortsAsync(string container, int port)
        {
            try
            {
                while (!Ready)
                {
                    await Task.Delay(s_ports, clock, _stop.Token);
                    var elsewhere = runs(container) is { } run && Failures.IsElsewhere(Listeners.Of(run.Processes()), port, instance.Ports.Values);
                    if (elsewhere != (ElsewhereSince is not null))
                    {
                        Interlocked.Exchange(ref _elsewhereSince, elsewhere ? clock.GetUtcNow().UtcTicks : 0);
                        changed();
                    }
                }

                Interlocked.Exchange(ref _elsewhereSince, 0);
            }
            catch (OperationCanceledException)
            {
                // Not needed any more.
            }
        }

        async Task AskAsync(Asked asked)
        {
            var began = clock.GetTimestamp();
            var failures = 0;
            var wasOk = asked.Ok;
            try
            {
                while (true)
                {
                    var run = asked.Container is null ? null : runs(asked.Container);
                    if (run is null && asked.Container is not null)
                    {
                        await Task.Delay(s_eager, clock, _stop.Token);
                        continue;
                    }

                    var check = asked.Make(run);
                    asked.Begin(check);
                    var answer = await check.AskAsync(_stop.Token);
                    failures = answer.Ok ? 0 : failures + 1;
                    var ok = answer.Ok || (wasOk && failures < Math.Max(1, asked.Probe.Failures));
                    wasOk |= answer.Ok;
                    asked.Set(ok, answer);
                    if (ok != asked.Told)
                    {
                        asked.Told = ok;
                        _changed();
                    }

                    if (answer.Ok && !asked.Again)
                    {
                        return;
                    }

                    // Fast at first, so that a fast application goes live fast.
                    var eager = !wasOk && _clock.GetElapsedTime(began) < s_eagerTime;
                    var period = Math.Max(0.05, wasOk ? asked.Probe.PeriodSeconds : Math.Min(1, asked.Probe.PeriodSeconds));
                    await Task.Delay(eager ? s_eager : TimeSpan.FromSeconds(period), clock, _stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // Not needed any more.
            }
        }
    }

    public bool Ready => _asked.TrueForAll(asked => asked.Ok);

    public string? Dead => _dead;

    /// <summary>Since when it listens on other ports only; null when it does not, or has not begun to listen.</summary>
    public DateTimeOffset? ElsewhereSince => Interlocked.Read(ref _elsewhereSince) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>The first check that does not pass.</summary>
    public FailingCheck Failing => _asked.Find(asked => !asked.Ok) is { } asked ? new FailingCheck(asked.Name, asked.Answer, asked.ClosedPort) : new FailingCheck(null, null, null);

    public bool IsHealthy(string container) => _asked.TrueForAll(asked => asked.Container != container || asked.Ok);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <param name="Container">Whose health it is; null for that of the whole instance.</param>
    /// <param name="Make">The container's run in, if there is a container.</param>
    private sealed record Asked(string? Container, Func<Run?, Check> Make, ProbeSpec Probe, bool Again)
    {
        private volatile bool _ok;
        private volatile CheckAnswer? _failed;
        private volatile Check? _check;

        public bool Ok
        {
            get => _ok;
            set => _ok = Told = value;
        }

        public bool Told { get; set; }

        public string? Name => _check?.Name;

        public string? Answer => _failed?.Answer ?? _check?.Pending;

        public int? ClosedPort => _failed?.ClosedPort;

        public void Begin(Check check) => _check = check;

        public void Set(bool ok, CheckAnswer answer)
        {
            _ok = ok;
            if (!answer.Ok)
            {
                _failed = answer;
            }
        }
    }
}

/// <summary>The first check that does not pass: what it asks, what came back last, and the port if nothing listens there.</summary>
internal sealed record FailingCheck(string? Check, string? Answer, int? ClosedPort);
