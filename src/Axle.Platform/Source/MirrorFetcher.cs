using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Source;

/// <summary>
/// Fetches mirrored repositories when a webhook, or the clock, says so. However many say so, one fetch runs and at most
/// one waits for each repository. The wish is written down before the webhook is answered, and forgotten when fetched.
/// </summary>
internal sealed class MirrorFetcher(
    Repositories repositories,
    Upstreams upstreams,
    PushBell bell,
    IOptions<SourceOptions> options,
    TimeProvider clock,
    ILogger<MirrorFetcher> log) : BackgroundService
{
    private const int FetchesMax = 4;
    private static readonly TimeSpan s_retryMin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retryMax = TimeSpan.FromMinutes(30);

    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, byte> _queued = new();
    private readonly ConcurrentDictionary<string, int> _failures = new();

    /// <summary>Wants a fetch; when this returns, it is not forgotten any more.</summary>
    public void Want(RepositoryFolder folder)
    {
        if (_queued.TryAdd(folder.Name, 0))
        {
            folder.Write(Remembered.FetchWanted, clock.GetUtcNow().ToString("O"));
            _queue.Writer.TryWrite(folder.Name);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var folder in Mirrors().Where(folder => folder.Read(Remembered.FetchWanted) is not null))
        {
            Want(folder);
        }

        try
        {
            await Task.WhenAll(
                Parallel.ForEachAsync(_queue.Reader.ReadAllAsync(stoppingToken), new ParallelOptions { MaxDegreeOfParallelism = FetchesMax, CancellationToken = stoppingToken }, FetchAsync),
                PollAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The wishes are on disk.
        }
    }

    private async ValueTask FetchAsync(string name, CancellationToken stop)
    {
        // From here on a new wish is a new fetch: what this one sees may be older.
        _queued.TryRemove(name, out _);
        if (repositories.Folder(name) is not { Upstream: { } upstream } folder || !RemoteAddress.Parse(upstream).TryGet(out var from, out _))
        {
            return;
        }

        try
        {
            if (await upstreams.FetchAsync(folder, from, stop) is { } refused)
            {
                log.LogWarning("{Repository} could not be fetched: {Reason}", name, refused.Message);
                Again(folder, stop);
                return;
            }

            _failures.TryRemove(name, out _);
            if (!_queued.ContainsKey(name))
            {
                folder.Forget(Remembered.FetchWanted);
            }

            bell.Ring(name, upstream);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "{Repository} could not be fetched", name);
            Again(folder, stop);
        }
    }

    private void Again(RepositoryFolder folder, CancellationToken stop)
    {
        var times = _failures.AddOrUpdate(folder.Name, 1, (_, n) => n + 1);
        var wait = TimeSpan.FromTicks(Math.Min(s_retryMax.Ticks, s_retryMin.Ticks << Math.Min(times, 10)));
        _ = Task.Run(
            async () =>
            {
                await Task.Delay(wait, clock, stop);
                Want(folder);
            },
            stop);
    }

    private async Task PollAsync(CancellationToken stop)
    {
        if (options.Value.PollEvery <= TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.PollEvery, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            foreach (var folder in Mirrors())
            {
                Want(folder);
            }
        }
    }

    private IEnumerable<RepositoryFolder> Mirrors() => repositories.Names.ToList().Select(repositories.Folder).OfType<RepositoryFolder>().Where(folder => folder.Upstream is not null);
}
