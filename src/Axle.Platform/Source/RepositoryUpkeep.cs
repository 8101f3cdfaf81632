using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Source;

/// <summary>
/// Sweeps what a crash left, and packs repositories now and then. git's own automatic upkeep is off, so that it never
/// runs in the middle of somebody's push.
/// </summary>
internal sealed class RepositoryUpkeep(Git git, Repositories repositories, TimeProvider clock, ILogger<RepositoryUpkeep> log) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromHours(1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        repositories.Sweep();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var name in repositories.Names.ToList())
                {
                    await PackAsync(name, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The platform stops.
        }
    }

    private async Task PackAsync(string name, CancellationToken stop)
    {
        try
        {
            // Does nothing below git's own thresholds; objects stay two weeks after the last ref to them.
            if (repositories.Folder(name) is { } folder)
            {
                await git.MustAsync(new GitCall(folder.Path, "gc", "--auto", "--quiet") { Settings = ["gc.auto=2000", "gc.autoDetach=false"] }, stop);
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            log.LogWarning(e, "Packing the repository {Repository} failed; it stays as it is", name);
        }
    }
}
