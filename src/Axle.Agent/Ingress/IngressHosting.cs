using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Agent.Ingress;

/// <summary>Puts the ingress into the agent's process.</summary>
public static class IngressHosting
{
    /// <summary>
    /// Adds <see cref="IIngress"/>. It listens when the host starts, in the order of registration: add it after the service that brings
    /// back the routes of adopted workloads, so that no request comes before its route.
    /// </summary>
    /// <param name="builder">The agent's builder; its own server is not touched.</param>
    /// <param name="port">The TCP port; 0 for a free one.</param>
    public static WebApplicationBuilder AddIngress(this WebApplicationBuilder builder, int port)
    {
        builder.Services.AddOptions<IngressOptions>().BindConfiguration("Ingress").Configure(options => options.Port = port);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IngressServer>();
        builder.Services.AddSingleton<IIngress>(services => services.GetRequiredService<IngressServer>());
        builder.Services.AddHostedService(services => services.GetRequiredService<IngressServer>());
        return builder;
    }
}
