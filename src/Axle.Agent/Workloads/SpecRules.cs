using Axle.Agent.Isolation;
using Axle.Agent.Runs;
using Axle.Agent.State;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>What a spec must keep to, so that the rest of the agent need not ask.</summary>
internal static class SpecRules
{
    private const int InstancesMax = 100;

    /// <summary>A sentence, or null when all is well.</summary>
    public static string? Broken(WorkloadSpec spec)
    {
        if (!Names.AreValid(spec.Id))
        {
            return $"'{spec.Id}' cannot be a workload's id: use letters, digits, - _ and ., beginning with a letter or digit.";
        }

        if (!Path.IsPathFullyQualified(spec.ArtifactFolder) || !Directory.Exists(spec.ArtifactFolder))
        {
            return $"The artifact's folder {spec.ArtifactFolder} is not there.";
        }

        if (StopSignals.NumberOf(spec.StopSignal) is null)
        {
            return $"'{spec.StopSignal}' cannot be a stop signal: use one of {string.Join(", ", StopSignals.Names)}.";
        }

        foreach (var group in spec.Groups)
        {
            if (Broken(spec, group) is { } why)
            {
                return $"Group {group.Name}: {why}";
            }
        }

        return spec.Groups.GroupBy(group => group.Name, StringComparer.Ordinal).Any(same => same.Count() > 1) ? "Two groups have the same name." : null;
    }

    private static string? Broken(WorkloadSpec spec, GroupSpec group)
    {
        if (!Names.AreValid(group.Name))
        {
            return "its name may have letters, digits, - _ and . only.";
        }

        if (group.Instances is < 0 or > InstancesMax)
        {
            return $"{group.Instances} instances cannot be run; at most {InstancesMax}.";
        }

        if (group.Kind == GroupKind.Static)
        {
            var root = Path.GetFullPath(Path.Combine(spec.ArtifactFolder, group.StaticRoot ?? ""));
            var inside = root.TrimEnd('/') == spec.ArtifactFolder.TrimEnd('/') || root.StartsWith(spec.ArtifactFolder.TrimEnd('/') + "/", StringComparison.Ordinal);
            if (!inside)
            {
                return $"the folder {group.StaticRoot} leads out of the artifact.";
            }

            // No process could fail for it, so the rollout would pass and every address would be missing.
            return Directory.Exists(root) ? null : $"the folder {group.StaticRoot}, which the site is served from, is not in the artifact.";
        }

        if (group.Containers.Count == 0 || group.Containers.Any(container => container.Command.Count == 0))
        {
            return "it has no command to run.";
        }

        if (group.Kind is GroupKind.Cron or GroupKind.Release && group.Containers.Count > 1)
        {
            return "a release command or cron job has exactly one container.";
        }

        if (group.Kind == GroupKind.Cron && Cron.Parse(group.Schedule) is null)
        {
            return $"'{group.Schedule}' is no schedule: five fields, as in '*/5 * * * *'.";
        }

        foreach (var container in group.Containers)
        {
            foreach (var name in container.Variables.Keys)
            {
                if (!LaunchPlan.IsVariableName(name))
                {
                    return $"'{name}' cannot be the name of a variable.";
                }
            }

            if (container.Before.Keys.FirstOrDefault(other => group.Containers.All(known => known.Name != other)) is { } unknown)
            {
                return $"the container {container.Name} comes before {unknown}, which is not there.";
            }
        }

        return null;
    }
}
