using System.Collections.Concurrent;
using Axle.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Source;

/// <summary>
/// Tells every <see cref="IPushListener"/> about new heads of default branches, and never forgets one: a head counts as
/// told when all listeners have finished with it, which is written into the repository. Whatever moved the branch (a
/// push, a commit of the platform, a fetch) and whatever died in between, comparing the two finds what is left to do.
/// A repository that no component is built from waits until there is one.
/// </summary>
internal sealed class PushTeller(
    Repositories repositories,
    SourceComponents components,
    PushBell bell,
    IServiceProvider services,
    ILogger<PushTeller> log) : BackgroundService
{
    private static readonly TimeSpan s_retryMin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_retryMax = TimeSpan.FromMinutes(30);

    private readonly TimeProvider _clock = services.GetRequiredService<TimeProvider>();
    private readonly SourceOptions _options = services.GetRequiredService<IOptions<SourceOptions>>().Value;
    private readonly ConcurrentDictionary<(string Repository, string Commit), Telling> _running = new();
    private readonly ConcurrentDictionary<string, (int Times, DateTimeOffset NotBefore)> _failed = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Some branch has moved, whichever; the catalogue may describe what is on it.</summary>
    public void Moved(string repository) => bell.TellListeners(repository);

    /// <summary>
    /// Tells about the present head if it is new, or joins who does so already. The work goes on when the caller stops
    /// waiting; ends when the listeners have.
    /// </summary>
    public async Task TellAsync(string repository, Action<string>? progress, CancellationToken stop)
    {
        if (repositories.Folder(repository) is not { } folder
            || await repositories.HeadAsync(folder, stop) is not { } head
            || folder.Read(Remembered.Told) == head)
        {
            return;
        }

        if (components.OwnerOf(repository) is null)
        {
            if (progress is not null)
            {
                progress($"No component is built from {repository} yet. Next: add the annotation {Annotations.Repository}: {repository} to one (axle apply catalog-info.yaml)");
            }

            return;
        }

        var by = await repositories.LastActorAsync(folder, stop);
        var telling = _running.GetOrAdd((repository, head), _ => new Telling());
        using var joined = telling.Join(progress);
        await telling.RunOnceAsync(() => RunAsync(folder, new Pushed(repository, folder.DefaultBranch, head, by), telling)).WaitAsync(stop);
    }

    /// <summary>Waits for what is being told, so that nothing is written after the platform says that it has stopped.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values.Select(telling => telling.Ended)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = stoppingToken.Register(_stopping.Cancel);
        await Task.WhenAll(SweepAsync(stoppingToken), HearAsync(bell.RingsAsync(stoppingToken), stoppingToken), HearComponentsAsync(stoppingToken));
    }

    private async Task RunAsync(RepositoryFolder folder, Pushed push, Telling telling)
    {
        try
        {
            // Who asked may have looked just before the run that was first to finish wrote it down.
            if (folder.Read(Remembered.Told) == push.Commit)
            {
                return;
            }

            var complete = true;
            foreach (var listener in services.GetServices<IPushListener>())
            {
                complete &= await TellOneAsync(listener, push, telling);
            }

            // Only the present head may be marked: while this ran, a newer one may have come, and been told.
            if (complete && await repositories.HeadAsync(folder, _stopping.Token) == push.Commit)
            {
                folder.Write(Remembered.Told, push.Commit);
                _failed.TryRemove(push.Repository, out _);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Not told to the end, so the next start tells again.
        }
        catch (DirectoryNotFoundException) when (!repositories.Exists(push.Repository))
        {
            // Deleted while it was told.
        }
        catch (Exception e)
        {
            log.LogError(e, "A push to {Repository} could not be recorded as finished; it is looked at again", push.Repository);
        }
        finally
        {
            _running.TryRemove((push.Repository, push.Commit), out _);
        }
    }

    private async Task<bool> TellOneAsync(IPushListener listener, Pushed push, Telling telling)
    {
        try
        {
            await listener.PushedAsync(push, telling.SayAsync, _stopping.Token);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stopping.IsCancellationRequested)
        {
            var (times, _) = _failed.GetValueOrDefault(push.Repository);
            var wait = TimeSpan.FromTicks(Math.Min(s_retryMax.Ticks, s_retryMin.Ticks << Math.Min(times, 12)));
            _failed[push.Repository] = (times + 1, _clock.GetUtcNow() + wait);
            log.LogError(e, "{Listener} failed on commit {Commit} of {Repository}; tried again in {Wait}", listener.GetType().Name, push.Commit, push.Repository, wait);
            await telling.SayAsync($"Your commit {push.Commit[..12]} is kept, but what follows it could not be started (an error of the platform); it is tried again by itself. Next: axle status");
            return false;
        }
    }

    private async Task SweepAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_options.SweepEvery, _clock);
        do
        {
            foreach (var name in repositories.Names.ToList())
            {
                if (!_failed.TryGetValue(name, out var failed) || failed.NotBefore <= _clock.GetUtcNow())
                {
                    TellInBackground(name);
                }
            }
        }
        while (await WaitAsync(timer, stop));
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task HearComponentsAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await HearAsync(components.ChangesAsync(stop), stop);
            await Task.Delay(s_retryMin, _clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HearAsync(IAsyncEnumerable<string> names, CancellationToken stop)
    {
        try
        {
            await foreach (var name in names.WithCancellation(stop))
            {
                TellInBackground(name);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The platform stops.
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            log.LogWarning(e, "Watching for pushes was interrupted; the regular comparison goes on");
        }
    }

    private void TellInBackground(string repository) => _ = Task.Run(async () =>
    {
        try
        {
            await TellAsync(repository, null, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The platform stops.
        }
        catch (Exception e)
        {
            log.LogError(e, "The head of {Repository} could not be compared with what was built; it is tried again", repository);
        }
    });

    /// <summary>One head being told, and everybody who listens to the progress; who joins later hears what was said before.</summary>
    private sealed class Telling
    {
        private const int LinesMax = 500;

        private readonly Lock _lock = new();
        private readonly List<string> _said = [];
        private readonly List<Action<string>> _hearers = [];
        private Task? _run;

        /// <summary>The run, if it has begun.</summary>
        public Task Ended
        {
            get
            {
                lock (_lock)
                {
                    return _run ?? Task.CompletedTask;
                }
            }
        }

        public Task RunOnceAsync(Func<Task> run)
        {
            lock (_lock)
            {
                return _run ??= Task.Run(run);
            }
        }

        public Left Join(Action<string>? hearer)
        {
            lock (_lock)
            {
                if (hearer is not null)
                {
                    _hearers.Add(hearer);
                    foreach (var line in _said)
                    {
                        hearer(line);
                    }
                }
            }

            return new Left(this, hearer);
        }

        /// <summary>Hearers only queue lines, so none of them can hold up the work.</summary>
        public ValueTask SayAsync(string line)
        {
            Action<string>[] hearers;
            lock (_lock)
            {
                if (_said.Count < LinesMax)
                {
                    _said.Add(line);
                }

                hearers = [.. _hearers];
            }

            foreach (var hearer in hearers)
            {
                hearer(line);
            }

            return ValueTask.CompletedTask;
        }

        public readonly struct Left(Telling telling, Action<string>? hearer) : IDisposable
        {
            public void Dispose()
            {
                if (hearer is not null)
                {
                    lock (telling._lock)
                    {
                        telling._hearers.Remove(hearer);
                    }
                }
            }
        }
    }
}
