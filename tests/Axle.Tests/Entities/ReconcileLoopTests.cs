using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Entities;
using Axle.Entities.Reconcile;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Entities;

/// <summary>The loop on a real store, with a clock that the test turns.</summary>
public sealed class ReconcileLoopTests : IAsyncDisposable
{
    private const string Ann = "user:default/ann";

    private readonly string _folder = Directory.CreateTempSubdirectory("axle-loop-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Probe _probe = new();
    private IHost? _host;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IEntityStore Store => _host!.Services.GetRequiredService<IEntityStore>();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            _probe.Open();
            await _host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)_host).DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_exists_at_the_start_and_what_changes_later_is_looked_at()
    {
        await StartAsync();
        await PutAsync("a");
        await UntilAsync(() => _probe.Looks("a") == 1);
        await RestartAsync();
        await UntilAsync(() => _probe.Looks("a") == 2);
        await PutAsync("a", size: 1);
        await UntilAsync(() => _probe.Looks("a") == 3);
    }

    [Fact]
    public async Task Looks_at_one_key_are_serial_and_many_wakes_meanwhile_are_one_look()
    {
        await StartAsync();
        _probe.Close();
        await PutAsync("a");
        await UntilAsync(() => _probe.Looks("a") == 1);
        for (var i = 1; i <= 20; i++)
        {
            await PutAsync("a", size: i);
        }

        await PutAsync("b");
        await UntilAsync(() => _probe.Looks("b") == 1);
        _probe.Open();
        await UntilAsync(() => _probe.Looks("a") == 2);
        await SettledAsync();
        Assert.Equal((2, 1), (_probe.Looks("a"), _probe.AtOnceMax("a")));
    }

    [Fact]
    public async Task No_more_keys_run_side_by_side_than_the_bound()
    {
        await StartAsync();
        _probe.Close();
        for (var i = 0; i < ReconcileLoop.ParallelMax + 5; i++)
        {
            await PutAsync($"n{i}");
        }

        await UntilAsync(() => _probe.Running == ReconcileLoop.ParallelMax);
        await SettledAsync();
        Assert.Equal(ReconcileLoop.ParallelMax, _probe.Running);
        _probe.Open();
        await UntilAsync(() => _probe.Total == ReconcileLoop.ParallelMax + 5);
    }

    [Fact]
    public async Task A_failure_is_tried_again_after_a_pause_that_a_foreign_change_cuts_short()
    {
        await StartAsync();
        _probe.Answer = _ => throw new InvalidOperationException("not today");
        await PutAsync("a");
        await UntilAsync(() => _probe.Looks("a") == 1);
        await SettledAsync();
        Assert.Equal(1, _probe.Looks("a"));
        _clock.Advance(TimeSpan.FromSeconds(0.3));
        await UntilAsync(() => _probe.Looks("a") == 2);
        await SettledAsync();
        await PutAsync("a", size: 1);
        await UntilAsync(() => _probe.Looks("a") == 3);
    }

    [Fact]
    public async Task A_reconciler_that_writes_its_status_and_then_fails_does_not_spin()
    {
        await StartAsync();
        var looks = 0;
        _probe.Work = async which =>
        {
            await Store.PutStatusAsync(which, new ThingStatus { Seen = Interlocked.Increment(ref looks) }, "system:probe", null, Stop);
            throw new InvalidOperationException("after the write");
        };
        await PutAsync("a");
        await UntilAsync(() => _probe.Looks("a") == 1);
        await SettledAsync();
        Assert.Equal(1, _probe.Looks("a"));
    }

    [Fact]
    public async Task It_comes_back_when_asked_to_and_at_the_resync()
    {
        await StartAsync();
        _probe.Answer = _ => _probe.Looks("a") == 1 ? Again.In(TimeSpan.FromSeconds(10)) : Again.Never;
        await PutAsync("a");
        await UntilAsync(() => _probe.Looks("a") == 1);
        await SettledAsync();
        _clock.Advance(TimeSpan.FromSeconds(9));
        await SettledAsync();
        Assert.Equal(1, _probe.Looks("a"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => _probe.Looks("a") == 2);
        await SettledAsync();
        _clock.Advance(TimeSpan.FromMinutes(5));
        await UntilAsync(() => _probe.Looks("a") == 3);
    }

    [Fact]
    public async Task A_deleted_key_is_looked_at_once_more_and_then_forgotten()
    {
        await StartAsync();
        await PutAsync("a");
        await UntilAsync(() => _probe.Looks("a") == 1);
        await Store.DeleteAsync(TestKinds.Thing.Ref("a"), Ann, stop: Stop);
        await UntilAsync(() => _probe.Looks("a") == 2);
        await SettledAsync();
        _clock.Advance(TimeSpan.FromMinutes(30));
        await SettledAsync();
        Assert.Equal(2, _probe.Looks("a"));
    }

    [Fact]
    public async Task The_queue_wakes_and_a_reconciler_may_map_changes_to_other_keys()
    {
        _probe.Keys = change => change.Ref.Kind == "team" ? [TestKinds.Thing.Ref("mapped")] : [change.Ref];
        await StartAsync();
        _host!.Services.GetRequiredService<IReconcileQueue>().Wake(TestKinds.Thing.Ref("woken"));
        await UntilAsync(() => _probe.Looks("woken") == 1);
        await Store.PutAsync(TestKinds.Team.Make(TestKinds.Team.Ref("t"), new ThingSpec()), Ann, stop: Stop);
        await UntilAsync(() => _probe.Looks("mapped") == 1);
        Assert.Equal(0, _probe.Looks("t"));
    }

    [Fact]
    public async Task A_stop_cancels_what_runs_and_waits_for_it()
    {
        await StartAsync();
        _probe.Close();
        await PutAsync("a");
        await UntilAsync(() => _probe.Running == 1);
        await _host!.StopAsync(Stop).WaitAsync(TimeSpan.FromSeconds(5), Stop);
        Assert.Equal(0, _probe.Running);
    }

    [Theory]
    [InlineData(1, 0, 0.0, 125)]
    [InlineData(1, 0, 1.0, 250)]
    [InlineData(4, 10, 1.0, 2_000)]
    [InlineData(60, 299, 1.0, 30_000)]
    [InlineData(60, 300, 1.0, 120_000)]
    [InlineData(int.MaxValue, 9999, 0.0, 60_000)]
    public void The_pause_doubles_up_to_a_bound_that_is_low_at_first(int failures, int failingSeconds, double random, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Backoff.After(failures, TimeSpan.FromSeconds(failingSeconds), random));

    private async Task StartAsync()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(_clock).AddSingleton(_probe).AddEntities(Path.Combine(_folder, "axle.db"));
        builder.Services.AddEntityKind(TestKinds.Thing).AddEntityKind(TestKinds.Team).AddReconciler<Probe>();
        _host = builder.Build();
        await _host.StartAsync(Stop);
    }

    private async Task RestartAsync()
    {
        await _host!.StopAsync(Stop);
        await ((IAsyncDisposable)_host).DisposeAsync();
        await StartAsync();
    }

    private async Task PutAsync(string name, int size = 0) =>
        Assert.True((await Store.PutAsync(TestKinds.Make(name, new ThingSpec { Size = size }), Ann, stop: Stop)).Ok);

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 1000, "The condition did not come true in 5 s.");
            await Task.Delay(5, Stop);
        }
    }

    /// <summary>Lets everything that was caused so far happen: a marker goes the whole way from the queue to a finished look.</summary>
    private async Task SettledAsync()
    {
        var queue = _host!.Services.GetRequiredService<IReconcileQueue>();
        for (var i = 0; i < 3; i++)
        {
            await Store.PutAsync(TestKinds.Team.Make(TestKinds.Team.Ref("settle"), new ThingSpec { Note = Guid.NewGuid().ToString() }), Ann, stop: Stop);
            queue.Wake(TestKinds.Team.Ref("settle"));
            await Task.Delay(10, Stop);
        }
    }

    /// <summary>A reconciler that counts, waits at a gate, and answers what the test says.</summary>
    internal sealed class Probe : IReconciler
    {
        private readonly ConcurrentDictionary<EntityRef, (int Looks, int Now, int Max)> _seen = new();
        private volatile TaskCompletionSource _gate = Opened();

        public string Name => "probe";

        public IReadOnlyList<string> Kinds => ["Thing", "Team"];

        public Func<Change, IEnumerable<EntityRef>> Keys { get; set; } = change => change.Ref.Kind == "thing" ? [change.Ref] : [];

        public Func<EntityRef, Again> Answer { get; set; } = _ => Again.Never;

        public Func<EntityRef, Task> Work { get; set; } = _ => Task.CompletedTask;

        public int Running => _seen.Values.Sum(seen => seen.Now);

        public int Total => _seen.Where(seen => seen.Key.Kind == "thing").Sum(seen => seen.Value.Looks);

        public int Looks(string name) => _seen.GetValueOrDefault(TestKinds.Thing.Ref(name)).Looks;

        public int AtOnceMax(string name) => _seen.GetValueOrDefault(TestKinds.Thing.Ref(name)).Max;

        public void Close() => _gate = new TaskCompletionSource();

        public void Open() => _gate.TrySetResult();

        public IEnumerable<EntityRef> KeysFor(Change change) => Keys(change);

        public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
        {
            if (which.Kind == "team")
            {
                return Again.Never;
            }

            _seen.AddOrUpdate(which, (1, 1, 1), (_, seen) => (seen.Looks + 1, seen.Now + 1, Math.Max(seen.Max, seen.Now + 1)));
            try
            {
                // Only the first key waits in the test of dedupe; all wait while the gate is closed otherwise.
                await (which.Name == "b" ? Task.CompletedTask : _gate.Task.WaitAsync(stop));
                await Work(which);
                return Answer(which);
            }
            finally
            {
                _seen.AddOrUpdate(which, default((int, int, int)), (_, seen) => (seen.Looks, seen.Now - 1, seen.Max));
            }
        }

        private static TaskCompletionSource Opened()
        {
            var gate = new TaskCompletionSource();
            gate.SetResult();
            return gate;
        }
    }
}
