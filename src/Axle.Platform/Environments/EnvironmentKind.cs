using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Environments;

/// <summary>The kind <c>Environment</c>: where releases run.</summary>
public static class EnvironmentKind
{
    /// <summary>The place of the last environment a company can sensibly have; keeps orders readable.</summary>
    private const int OrderMax = 1000;

    private static readonly string[] s_engines = ["process", "kubernetes"];

    public static readonly EntityKind<EnvironmentSpec, EnvironmentStatus> Instance = new(Contracts.Kinds.AxleApi, Contracts.Kinds.Environment) { Rules = Rules };

    private static IEnumerable<Problem> Rules(EnvironmentSpec spec)
    {
        if (!s_engines.Contains(spec.Engine))
        {
            yield return new Problem($"'{spec.Engine}' is no engine; use one of {string.Join(", ", s_engines)}", Path: "spec.engine");
        }

        if (spec.Order is < 1 or > OrderMax)
        {
            yield return new Problem($"must be between 1 and {OrderMax}", Path: "spec.order");
        }
    }
}

/// <summary>Nothing is observed of an environment yet; its deployments have their own status.</summary>
public sealed record EnvironmentStatus;
