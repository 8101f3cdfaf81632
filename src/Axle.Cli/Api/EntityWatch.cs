using System.Text.Json;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Api;

/// <summary>Follows one entity until it is as wanted, across restarts of the control plane.</summary>
internal sealed class EntityWatch(ApiClient client, CliHost host)
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_silenceMax = TimeSpan.FromSeconds(60);

    /// <summary>Shows each state, beginning with the present one, until <paramref name="done"/> says so.</summary>
    /// <param name="done">Gets null while there is no such entity.</param>
    /// <param name="silent">Told once when the platform stops answering, and once when it is back.</param>
    public async Task UntilAsync(EntityRef which, Func<Entity?, bool> done, Action<bool>? silent, CancellationToken stop)
    {
        var seen = -1L;
        string? last = null;
        long? silentSince = null;
        while (true)
        {
            try
            {
                // Events first, then the present state: nothing that happens in between is missed.
                using var round = CancellationTokenSource.CreateLinkedTokenSource(stop);
                var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var events = client.EventsAsync(HttpMethod.Get, "api/watch" + Paths.Query(("ref", which.ToString())), null, last, () => opened.TrySetResult(), round.Token).GetAsyncEnumerator(round.Token);
                var next = events.MoveNextAsync().AsTask();
                try
                {
                    await Task.WhenAny(opened.Task, next);
                    if (next.IsFaulted)
                    {
                        await next;
                    }

                    var present = await client.FindAsync(Paths.Entity(which), AxleJson.Default.Entity, stop);
                    if (silentSince is not null)
                    {
                        silent?.Invoke(false);
                        silentSince = null;
                    }

                    if (present is null ? seen < 0 : present.Metadata.Revision > seen)
                    {
                        seen = present?.Metadata.Revision ?? -1;
                        if (done(present))
                        {
                            return;
                        }
                    }

                    while (await next)
                    {
                        var item = events.Current;
                        last = item.EventId ?? last;
                        if (item.EventType == "change" && JsonSerializer.Deserialize(item.Data, AxleJson.Default.Change) is { } change && change.Ref == which && change.Revision > seen)
                        {
                            seen = change.Revision;
                            if (done(change.Verb == "delete" ? null : change.Entity))
                            {
                                return;
                            }
                        }

                        next = events.MoveNextAsync().AsTask();
                    }
                }
                finally
                {
                    // An iterator may be disposed only when it is not under way.
                    await round.CancelAsync();
                    await IgnoreAsync(next);
                    await events.DisposeAsync();
                }
            }
            catch (RefusedException e) when (e.ExitCode == ExitCodes.Unreachable)
            {
                if (silentSince is null)
                {
                    silent?.Invoke(true);
                    silentSince = host.Clock.GetTimestamp();
                }
                else if (host.Clock.GetElapsedTime(silentSince.Value) > s_silenceMax)
                {
                    throw;
                }
            }

            await Task.Delay(s_again, host.Clock, stop);
        }
    }

    private static async Task IgnoreAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is OperationCanceledException or RefusedException or IOException)
        {
            // We ended it ourselves.
        }
    }

    /// <summary>The usual remark for <c>silent</c>.</summary>
    public static Action<bool> Remark(Progress progress) => gone =>
        progress.Say(gone ? "the control plane does not answer; what runs goes on, and so do we when it is back" : "the control plane is back", Tone.Dim);
}
