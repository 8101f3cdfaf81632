using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Environments;

/// <summary>Environments: the kind, the order, and the two that a new platform starts with.</summary>
public static class EnvironmentsCapability
{
    public static IServiceCollection AddEnvironments(this IServiceCollection services) =>
        services.AddEntityKind(EnvironmentKind.Instance).AddSingleton<IEnvironments, EnvironmentOrder>().AddHostedService<FirstEnvironments>();
}

internal sealed class EnvironmentOrder(IEntityStore entities) : IEnvironments
{
    public IReadOnlyList<Entity<EnvironmentSpec, EnvironmentStatus>> InOrder() =>
        [.. entities.All(EnvironmentKind.Instance).OrderBy(e => e.Spec.Order).ThenBy(e => e.Metadata.Name, StringComparer.Ordinal)];

    public Result<Entity<EnvironmentSpec, EnvironmentStatus>> Find(string? name)
    {
        var all = InOrder();
        if (string.IsNullOrEmpty(name))
        {
            return all.Count > 0 ? all[0] : new NoEnvironments();
        }

        return all.FirstOrDefault(e => e.Metadata.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
            ? found
            : new EnvironmentUnknown(name, [.. all.Select(e => e.Metadata.Name)]);
    }

    public IReadOnlyList<Entity<EnvironmentSpec, EnvironmentStatus>> Before(Entity<EnvironmentSpec, EnvironmentStatus> environment)
    {
        var earlier = InOrder().Where(e => e.Spec.Order < environment.Spec.Order).ToList();
        return [.. earlier.Where(e => e.Spec.Order == earlier[^1].Spec.Order)];
    }
}

/// <summary>A platform without any environment gets staging and production, so that the first push has somewhere to go.</summary>
internal sealed class FirstEnvironments(IEntityStore entities, IEnvironments environments) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (environments.InOrder().Count > 0)
        {
            return;
        }

        Entity[] first =
        [
            EnvironmentKind.Instance.Make(EnvironmentKind.Instance.Ref("staging"), new EnvironmentSpec { Order = 1, AutoDeploy = true },
                m => m with { Title = "Staging", Description = "Every push to the default branch arrives here by itself." }),
            EnvironmentKind.Instance.Make(EnvironmentKind.Instance.Ref("production"), new EnvironmentSpec { Order = 2, Production = true },
                m => m with { Title = "Production", Description = "Releases that ran in staging are promoted to here." }),
        ];
        var made = await entities.PutAllAsync(first, "system:environments", "first start", cancellationToken);
        if (!made.TryGet(out _, out var error))
        {
            throw new InvalidOperationException($"The first environments cannot be made: {error.Message}");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
