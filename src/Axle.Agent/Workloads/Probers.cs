using Axle.Agent.Runs;

namespace Axle.Agent.Workloads;

/// <summary>One <see cref="Prober"/> for each instance that is to be well, for as long as it is.</summary>
internal sealed class Probers(WorkloadLedger ledger, Runner runner, TimeProvider clock, Action wake) : IDisposable
{
    private readonly Dictionary<string, Prober> _all = new(StringComparer.Ordinal);

    public Prober? Find(string instance) => _all.GetValueOrDefault(instance);

    /// <summary>That of the instance, begun when it is new; null for one that nobody needs to ask any more.</summary>
    public Prober? Of(Instance instance)
    {
        if (instance.IsLeaving || instance.State == InstanceState.Crashed || ledger.Record.SpecOf(instance.Revision) is not { } spec)
        {
            Drop(instance.Id);
            return null;
        }

        if (!_all.TryGetValue(instance.Id, out var prober))
        {
            var group = spec.Groups.First(group => group.Name == instance.Group);
            _all[instance.Id] = prober = new Prober(
                instance, group, container => RunOf(instance.Id, container), instance.State == InstanceState.Ready, runner.Scripts, () => ledger.Hidden, clock, wake);
        }

        return prober;
    }

    public void Drop(string instance)
    {
        if (_all.Remove(instance, out var prober))
        {
            prober.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var prober in _all.Values)
        {
            prober.Dispose();
        }

        _all.Clear();
    }

    // Asked each time: a restart gives the same instance another run.
    private Run? RunOf(string instance, string container) =>
        ledger.Record.Instances.FirstOrDefault(other => other.Id == instance)?.Containers.FirstOrDefault(other => other.Name == container)?.Run is { } run ? runner.Find(run) : null;
}
