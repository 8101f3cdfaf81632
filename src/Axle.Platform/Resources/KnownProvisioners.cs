using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources;

/// <summary>Every provisioner there is: those built in, and those that somebody registered and whose contract test passed.</summary>
internal sealed class KnownProvisioners(IEntityStore entities, IEnumerable<IResourceDriver> drivers)
{
    private const string Scheme = "axle://";

    private readonly IReadOnlyList<IResourceDriver> _drivers = [.. drivers.OrderByDescending(driver => driver.Uri.Length)];

    /// <summary>The built-in ones, by name: <c>builtin-postgres</c>.</summary>
    public IEnumerable<Matching.Candidate> BuiltIn() => _drivers
        .Where(driver => driver.Uri.StartsWith(Scheme, StringComparison.Ordinal))
        .Select(driver => driver.Uri[Scheme.Length..])
        .Select(type => new Matching.Candidate($"builtin-{type}", new ProvisionerSpec { Uri = Scheme + type, Type = type }));

    public IReadOnlyList<string> Types => [.. All().Select(one => one.Spec.Type).Distinct().Order(StringComparer.Ordinal)];

    public IEnumerable<Matching.Candidate> All() => entities.All(ResourceKinds.Provisioner)
        .Where(one => one.Status.Phase == ProvisionerPhases.Passed)
        .Select(one => new Matching.Candidate(one.Metadata.Name, one.Spec))
        .Concat(BuiltIn());

    public Result<Matching.Candidate> Choose(string type, string @class, string? id, string environment) => Matching.Choose(All(), type, @class, id, environment);

    /// <summary>By name, also when it is not chosen for anything new any more: what it made is still its own.</summary>
    public ProvisionerSpec? Find(string name) =>
        BuiltIn().FirstOrDefault(one => one.Name == name)?.Spec
        ?? entities.Find(ResourceKinds.Provisioner, ResourceKinds.Provisioner.Ref(name))?.Spec;

    public IResourceDriver? DriverOf(string? name) => name is not null && Find(name) is { } spec ? DriverOf(spec) : null;

    public IResourceDriver? DriverOf(ProvisionerSpec spec) =>
        _drivers.FirstOrDefault(driver => driver.Uri == spec.Uri || (driver.Uri.EndsWith("://", StringComparison.Ordinal) && spec.Uri.StartsWith(driver.Uri, StringComparison.Ordinal)));

    /// <summary>The id by which workloads share a resource; null for one that is a workload's own.</summary>
    public static string? SharedId(ResourceNeed need) => SharedId(need.Uid, $"{need.Workload}.{need.Name}");

    public static string? SharedId(string uid, string own) => uid[(uid.IndexOf('#', StringComparison.Ordinal) + 1)..] is var id && id == own ? null : id;
}

/// <summary>The phases of a provisioner.</summary>
public static class ProvisionerPhases
{
    public const string BuiltIn = "BuiltIn";
    public const string Untested = "Untested";
    public const string Testing = "Testing";
    public const string Passed = "Passed";
    public const string Failed = "Failed";
}
