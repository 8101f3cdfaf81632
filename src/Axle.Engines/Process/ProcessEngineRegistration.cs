using Microsoft.Extensions.DependencyInjection;

namespace Axle.Engines.Process;

/// <summary>Registers the engine of one machine.</summary>
public static class ProcessEngineRegistration
{
    /// <summary>Adds the client of the agent that keeps the same data folder.</summary>
    public static IServiceCollection AddProcessEngine(this IServiceCollection services, string dataFolder) =>
        services.AddSingleton<IEngine>(_ => new ProcessEngine(dataFolder));
}
