using Axle.Platform.Catalog;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Platform.Source;

/// <summary>Table of contents: repositories, git over HTTP, import, webhooks.</summary>
public static class SourceCapability
{
    public static IServiceCollection AddSource(this IServiceCollection services)
    {
        services.AddOptions<SourceOptions>().BindConfiguration("Source").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProgramRunner>();
        return services
            .AddSingleton<Git>()
            .AddSingleton<PushBell>()
            .AddSingleton<Repositories>()
            .AddSingleton<IRepositories>(s => s.GetRequiredService<Repositories>())
            .AddSingleton<ISourceFolders, SourceFolders>()
            .AddSingleton<HostedFiles>()
            .AddSingleton<IHostedFiles>(s => s.GetRequiredService<HostedFiles>())
            .AddSingleton<IRemoteRepositories, RemoteRepositories>()
            .AddSingleton<ITemplateHistory, TemplateHistory>()
            .AddSingleton<SourceComponents>()
            .AddSingleton<DescriptorFiles>()
            .AddSingleton<RepositoryDescriptors>()
            .AddSingleton<IRepositoryDescriptors>(s => s.GetRequiredService<RepositoryDescriptors>())
            .AddSingleton<IPushListener, DescriptorPushes>()
            .AddSingleton<PushNotes>()
            .AddSingleton<PushGuard>()
            .AddSingleton<SourceServing>()
            .AddSingleton<SmartHttp>()
            .AddSingleton<PushTeller>()
            .AddSingleton<Upstreams>()
            .AddSingleton<Import>()
            .AddSingleton<MirrorFetcher>()
            .AddSingleton<Hooks>()
            .AddHostedService<RepositoryUpkeep>()
            .AddHostedService(s => s.GetRequiredService<PushTeller>())
            .AddHostedService(s => s.GetRequiredService<MirrorFetcher>());
    }

    public static void MapSource(this IEndpointRouteBuilder routes)
    {
        var git = routes.MapGroup("/git/{name}.git").WithTags("Source").ExcludeFromDescription();
        git.MapGet("/info/refs", SmartHttp.RefsEndpoint).Requires(Verb.Read);
        git.MapPost("/git-upload-pack", SmartHttp.FetchEndpoint).Requires(Verb.Read);
        git.MapPost("/git-receive-pack", SmartHttp.PushEndpoint).Requires(Verb.Push);

        var api = routes.MapGroup("/api").WithTags("Source");
        api.MapPost("/import", Import.Endpoint).Requires(Verb.Create);
        api.MapPost("/hooks/{repository}", Hooks.Endpoint).Requires(Verb.Anonymous);
        api.MapGet("/repositories/{name}/hook", Hooks.ShowEndpoint).Requires(Verb.Push);
        api.MapPost("/repositories/{name}/hook", Hooks.RotateEndpoint).Requires(Verb.Push);
    }
}
