using System.Net;
using Axle.Agent.Workloads;
using Axle.Engines;

namespace Axle.Tests.Agent;

public sealed class DecisionTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly WorkloadSpec s_old = Apps.Workload("shop.staging", "old", "/", Apps.Group("web", GroupKind.Web, "run"));
    private static readonly WorkloadSpec s_new = s_old with { Revision = "new", Release = "new" };

    [Fact]
    public void Without_a_release_command_instances_start_at_once() =>
        Assert.IsType<Step.BeginStart>(Next(Record(Stage.Release)));

    [Fact]
    public void A_missing_instance_is_added_and_its_container_started()
    {
        Assert.Equal(new Step.AddInstance("new", "web", 0), Next(Record(Stage.Start, One("old", InstanceState.Ready))));
        Assert.Equal(new Step.StartContainer("new-0", "main"), Next(Record(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting, run: null))));
    }

    [Fact]
    public void Users_are_switched_only_when_all_new_instances_are_ready()
    {
        Assert.IsType<Step.Wait>(Next(Record(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting)), seconds: 29));
        Assert.Equal(new Step.MarkReady("new-0"), Next(Record(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting)), sight: new Sight(Ready: true)));
        Assert.IsType<Step.Promote>(Next(Record(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Ready)), sight: new Sight(Ready: true)));
    }

    [Fact]
    public void A_new_instance_that_exits_or_is_late_fails_the_rollout()
    {
        var exited = One("new", InstanceState.Starting) with { Containers = [new ContainerState("main", "run", false, new ContainerExit(1, false, "exited with code 1"))] };
        Assert.Equal(new Step.MarkCrashed("new-0", "exited with code 1"), Next(Record(Stage.Start, One("old", InstanceState.Ready), exited)));
        Assert.Equal(new Step.Fail(FailureCause.Exited, "new-0"), Next(Record(Stage.Start, One("old", InstanceState.Ready), exited with { State = InstanceState.Crashed })));
        Assert.Equal(new Step.Fail(FailureCause.NotReady, "new-0"), Next(Record(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting)), seconds: 30));
    }

    [Fact]
    public void A_new_instance_that_listens_elsewhere_fails_the_rollout_long_before_the_start_timeout()
    {
        var record = Record(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting));
        var elsewhere = new Sight(ElsewhereSince: s_start + TimeSpan.FromSeconds(2));
        Assert.Equal(new Step.Wait(s_start + TimeSpan.FromSeconds(7)), Next(record, seconds: 6, sight: elsewhere));
        Assert.Equal(new Step.Fail(FailureCause.NotReady, "new-0"), Next(record, seconds: 7, sight: elsewhere));
        Assert.Equal(new Step.MarkReady("new-0"), Next(record, seconds: 7, sight: elsewhere with { Ready = true }));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("127.0.0.1:3000", true)]
    [InlineData("127.0.0.1:3000 0.0.0.0:41000", false)]
    [InlineData("0.0.0.0:3000 0.0.0.0:41001", false)]
    [InlineData("[::1]:41000", true)]
    public void Listening_elsewhere_means_on_none_of_the_ports_it_was_given(string listeners, bool elsewhere) =>
        Assert.Equal(elsewhere, Failures.IsElsewhere([.. listeners.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPEndPoint.Parse)], 41000, [41000, 41001]));

    [Fact]
    public void After_a_failure_the_new_ones_end_and_the_old_ones_stay()
    {
        var record = Record(Stage.Failed, One("old", InstanceState.Ready), One("new", InstanceState.Starting));
        Assert.Equal(new Step.Stop("new-0"), Next(record));
        Assert.IsType<Step.Wait>(Next(record with { Instances = [One("old", InstanceState.Ready)] }));
        Assert.Equal("Failed", Decision.Phase(record));
    }

    [Fact]
    public void Two_revisions_of_a_worker_with_a_volume_never_run_beside_each_other()
    {
        var group = Apps.Group("db", GroupKind.Worker, "run").Change(container => container with { Volumes = [new VolumeSpec("/data", "data")] });
        var (old, @new) = (s_old with { Groups = [group] }, s_new with { Groups = [group] });
        Instance Of(Instance instance) => instance with { Group = "db", Kind = GroupKind.Worker };
        WorkloadRecord With(Stage stage, params Instance[] instances) => Record(stage, [.. instances.Select(Of)]) with { Wanted = @new, Serving = old };
        var ended = new ContainerState("main", "run", false, new ContainerExit(0, false, "ended"));

        // The old one is asked to end first; the new one waits for that, however long it takes.
        Assert.Equal(new Step.Stop("old-0"), Next(With(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting, run: null))));
        var leaving = With(Stage.Start, One("old", InstanceState.Stopping) with { KillAt = s_start + TimeSpan.FromHours(1) }, One("new", InstanceState.Starting, run: null));
        Assert.Equal(new Step.Wait(s_start + TimeSpan.FromHours(1)), Next(leaving, seconds: 300));
        Assert.Equal(new Step.Forget("old-0"), Next(With(Stage.Start, One("old", InstanceState.Stopping) with { Containers = [ended] }, One("new", InstanceState.Starting, run: null)), seconds: 300));
        Assert.Equal(new Step.StartContainer("new-0", "main"), Next(With(Stage.Start, One("new", InstanceState.Starting, run: null)), seconds: 29));

        // After a failure it comes back when the new one has ended, and not before.
        Assert.Equal(new Step.AddInstance("old", "db", 0), Next(With(Stage.Failed, One("new", InstanceState.Stopping))));
        Assert.IsType<Step.Wait>(Next(With(Stage.Failed, One("new", InstanceState.Stopping), One("old", InstanceState.Starting, run: null))));

        // Stopped and started again at once.
        var again = With(Stage.Done, One("new", InstanceState.Stopping), One("new", InstanceState.Starting, run: null) with { Id = "new-1" }) with { Serving = @new };
        Assert.IsType<Step.Wait>(Next(again));

        // Without a volume, or one that is only read, the new one begins beside the old one.
        var reading = group.Change(container => container with { Volumes = [new VolumeSpec("/data", "data", ReadOnly: true)] });
        var beside = With(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting, run: null)) with { Serving = old with { Groups = [reading] }, Wanted = @new with { Groups = [reading] } };
        Assert.Equal(new Step.StartContainer("new-0", "main"), Next(beside));
    }

    [Fact]
    public void After_the_switch_old_instances_are_drained_then_stopped_then_killed_then_forgotten()
    {
        var record = Record(Stage.Done, One("new", InstanceState.Ready)) with { Serving = s_new };
        WorkloadRecord With(Instance old) => record with { Instances = [.. record.Instances, old] };

        Assert.Equal(new Step.Drain("old-0"), Next(With(One("old", InstanceState.Ready))));
        Assert.IsType<Step.Wait>(Next(With(One("old", InstanceState.Draining))));
        Assert.Equal(new Step.Stop("old-0"), Next(With(One("old", InstanceState.Draining)), sight: new Sight(Drained: true), of: "old-0"));
        var stopping = One("old", InstanceState.Stopping) with { KillAt = s_start + TimeSpan.FromSeconds(5) };
        Assert.Equal(new Step.Wait(stopping.KillAt), Next(With(stopping), seconds: 4));
        Assert.Equal(new Step.Kill("old-0"), Next(With(stopping), seconds: 5));
        Assert.Equal(new Step.Forget("old-0"), Next(With(stopping with { Containers = [new ContainerState("main", "run", false, new ContainerExit(0, false, ""))] })));
        Assert.Equal("Healthy", Decision.Phase(record));
    }

    [Fact]
    public void A_serving_instance_that_crashed_is_started_again_after_its_pause()
    {
        var crashed = One("old", InstanceState.Crashed) with
        {
            RestartAt = s_start + TimeSpan.FromSeconds(2),
            Containers = [new ContainerState("main", "run", false, new ContainerExit(1, false, "exited with code 1"))],
        };
        var record = Record(Stage.Done, crashed) with { Wanted = s_old };
        Assert.Equal(new Step.Wait(crashed.RestartAt), Next(record, seconds: 1));
        Assert.Equal(new Step.Restart("old-0"), Next(record, seconds: 2));
        Assert.Equal("Degraded", Decision.Phase(record));
    }

    [Fact]
    public void A_stopped_workload_is_drained_whatever_it_was_doing()
    {
        var record = Record(Stage.Done, One("old", InstanceState.Ready)) with { Wanted = s_old with { Stopped = true } };
        Assert.Equal(new Step.Drain("old-0"), Next(record));
        Assert.Equal("Stopped", Decision.Phase(record with { Instances = [] }));
        Assert.IsType<Step.Wait>(Next(record with { Instances = [] }));
    }

    [Fact]
    public void A_newer_wish_supersedes_a_rollout_and_going_back_replaces_nothing()
    {
        var rolling = Record(Stage.Start, One("old", InstanceState.Ready), One("new", InstanceState.Starting));
        var newer = Wishes.Apply(rolling, s_new with { Revision = "newer" }, s_start);
        Assert.Equal(new Step.Stop("new-0"), Next(newer));
        var back = Wishes.Apply(rolling, s_old, s_start);
        Assert.Equal(new Step.Stop("new-0"), Next(back));
        Assert.Equal("Healthy", Decision.Phase(back));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(7, 60)]
    [InlineData(50, 60)]
    public void The_pause_after_a_crash_doubles_to_a_minute(int crashes, double seconds) =>
        Assert.Equal(seconds, Decision.Backoff(crashes, 0.5).TotalSeconds, 3);

    [Fact]
    public void Containers_start_in_the_order_that_they_ask_for()
    {
        var group = new GroupSpec
        {
            Name = "web",
            Kind = GroupKind.Web,
            Containers =
            [
                new ContainerSpec { Name = "main", Command = ["run"] },
                new ContainerSpec { Name = "init", Command = ["run"], Before = new Dictionary<string, string> { ["main"] = "complete" } },
                new ContainerSpec { Name = "proxy", Command = ["run"], Before = new Dictionary<string, string> { ["main"] = "healthy" } },
            ],
        };
        IEnumerable<string> Startable(ContainerExit? init, bool proxy) => Decision.Startable(
            group, [new ContainerState("main", null, false, null), new ContainerState("init", "i", false, init), new ContainerState("proxy", "p", proxy, null)]);

        Assert.Empty(Startable(null, true));
        Assert.Empty(Startable(new ContainerExit(0, false, ""), false));
        Assert.Empty(Startable(new ContainerExit(1, false, ""), true));
        Assert.Equal(["main"], Startable(new ContainerExit(0, false, ""), true));
    }

    [Theory]
    [InlineData("0.0.0.0:3000", "listens on 3000, but not on PORT (20017): read the port from the environment variable PORT")]
    [InlineData("[::1]:20017", "listens on PORT (20017), but only at ::1: listen at 127.0.0.1 or 0.0.0.0")]
    [InlineData("[::]:20017", null)]
    [InlineData("127.0.0.1:20017", null)]
    public void Somebody_who_listens_elsewhere_is_told_where(string listener, string? words) =>
        Assert.Equal(words, Failures.Words([IPEndPoint.Parse(listener)], 20017));

    [Theory]
    [InlineData(GroupKind.Web, 41000, "NotListening", "x did not listen on PORT within 9 s: listen on the port in the environment variable PORT")]
    [InlineData(GroupKind.Web, 41001, "NotListening", "x did not listen on PORT_METRICS within 9 s: listen on the port in the environment variable PORT_METRICS")]
    [InlineData(GroupKind.Web, null, "Unhealthy", "x was not ready within 9 s: said")]
    [InlineData(GroupKind.Worker, 8080, "Unhealthy", "x was not ready within 9 s: said; no port is assigned to main, so check it by a command, or declare the port in the service's ports")]
    [InlineData(GroupKind.Worker, null, "Unhealthy", "x was not ready within 9 s: said")]
    public void What_is_late_is_told_what_it_can_do_about_it(GroupKind kind, int? closed, string reason, string message)
    {
        var group = Apps.Group("main", kind, "run");
        group = kind == GroupKind.Web ? group with { Ports = [.. group.Ports, new PortSpec("metrics", 9090)] } : group;
        var instance = One("new", InstanceState.Starting) with { Id = "x", Ports = group.Ports.Select((port, index) => (port.Name, index)).ToDictionary(pair => pair.Name, pair => 41000 + pair.index) };
        Assert.Equal((reason, message), Failures.Late(instance, group, new FailingCheck("check", "said", closed), 9));
    }

    private static Step Next(WorkloadRecord record, int seconds = 0, Sight? sight = null, string of = "new-0") => Decision.Next(
        record,
        record.Instances.ToDictionary(instance => instance.Id, instance => instance.Id == of && sight is not null ? sight : new Sight(Ready: instance.State == InstanceState.Ready)),
        null,
        s_start + TimeSpan.FromSeconds(seconds));

    private static WorkloadRecord Record(Stage stage, params Instance[] instances) => new()
    {
        Wanted = s_new,
        Serving = s_old,
        Rollout = new Rollout { Revision = "new", Stage = stage, StartedAt = s_start, InstancesFrom = stage == Stage.Start ? s_start : null },
        Instances = instances,
    };

    private static Instance One(string revision, InstanceState state, string? run = "run") => new()
    {
        Id = $"{revision}-0",
        Group = "web",
        Kind = GroupKind.Web,
        Index = 0,
        Revision = revision,
        State = state,
        StartedAt = s_start,
        Containers = [new ContainerState("main", run, false, null)],
    };
}
