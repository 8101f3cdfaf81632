using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Templates.Tasks;

/// <summary>At start: takes away what a killed platform left half made.</summary>
internal sealed class TaskSweep(TaskFolders folders, TaskSecrets secrets, RunningTasks running) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        folders.SweepDryRuns();
        using var turn = await running.TurnAsync(stoppingToken);
        await secrets.SweepAsync(stoppingToken);
    }
}
