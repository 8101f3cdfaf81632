using System.Text.Json;
using Axle.Agent.Api;
using Axle.Agent.Ingress;
using Axle.Agent.Isolation;
using Axle.Agent.Jobs;
using Axle.Agent.Runs;
using Axle.Agent.State;
using Axle.Agent.Volumes;
using Axle.Agent.Workloads;

namespace Axle.Agent;

/// <summary>
/// The order of a start: read what is wanted, adopt what runs, restore the routes, kill what belongs to nobody, say that we are ready. At the end nothing is
/// stopped: the applications outlive the agent.
/// </summary>
internal sealed class AgentLife(AgentFolders folders, RunMemory memory, LastingVolumes volumes, Runner runner, WorkloadSet workloads, JobSet jobs, IIngress ingress, TimeProvider clock, IHostApplicationLifetime life) : IHostedLifecycleService
{
    private Task _sweeping = Task.CompletedTask;

    private string StartedFile => Path.Combine(folders.Run, "agent.json");

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Records first: they say what the lines of adopted runs must not show.
        workloads.Load();
        jobs.Load();
        await runner.OpenAsync(cancellationToken);

        // Orphans are named before anything new may start, and waited for after the routes are back.
        var orphans = runner.KillOrphansAsync(workloads.ClaimedRuns().Concat(jobs.ClaimedRuns()).ToHashSet(StringComparer.Ordinal));
        _sweeping = volumes.SweepAsync();
        workloads.Open();
        jobs.Open();
        await orphans;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        life.ApplicationStarted.Register(() =>
        {
            File.SetUnixFileMode(folders.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var started = new AgentStarted(Environment.ProcessId, ingress.Port, clock.GetUtcNow(), AgentApi.Version);
            AtomicFile.Write(StartedFile, JsonSerializer.SerializeToUtf8Bytes(started, StateJson.Options));
        });
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _sweeping;
        await workloads.DisposeAsync();
        await jobs.DisposeAsync();
        await runner.DisposeAsync();

        // Refused by the kernel while an application is in one of them, which is what is wanted.
        runner.Isolation.Cgroups?.RemoveShared();
        memory.RemoveEmpty();
        File.Delete(StartedFile);
    }
}
