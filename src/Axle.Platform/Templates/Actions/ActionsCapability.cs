using Axle.Platform.Catalog;
using Axle.Platform.Delivery;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;
using Axle.Platform.Secrets;
using Axle.Platform.Templates.Nunjucks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Actions;

/// <summary>Table of contents: every action that a step of a template can name.</summary>
internal static class ActionsCapability
{
    public static IServiceCollection AddTemplateActions(this IServiceCollection services)
    {
        // The names of actions have a colon in them, which to settings is a level of its own.
        services.AddOptions<PublishOptions>().Configure<IConfiguration>((options, settings) => options.Publish = settings.GetSection("Templates:Publish").AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Value is not null)
            .ToDictionary(setting => setting.Key, setting => setting.Value!, StringComparer.Ordinal));
        services.AddOptions<RequestOptions>().BindConfiguration("Templates");
        services.AddSingleton(provider => new TemplateLanguage(new Capabilities(BackstageFilters.All(provider.GetRequiredService<GitHosts>().KindOf), [])));
        return services
            .AddSingleton<GitHosts>()
            .AddSingleton<OutboundHttp>()
            .AddSingleton<HostApi>()
            .AddSingleton<HostLists>()
            .AddSingleton<IRepositoryHosts, RepositoryHosts>()
            .AddSingleton<Publishing>()
            .AddSingleton<TemplateSources>()
            .AddSingleton<TreeRendering>()
            .AddSingleton<TemplateMemory>()
            .AddSingleton<JsonFormat>()
            .AddSingleton<Jsonata>()
            .AddAction<FetchPlain>()
            .AddAction<FetchPlainFile>()
            .AddAction<FetchTemplate>()
            .AddAction<FetchTemplateFile>()
            .AddAction<WorkspaceTemplate>()
            .AddAction<WorkspaceTemplateFile>()
            .AddAction<FsDelete>()
            .AddAction<FsRename>()
            .AddAction<FsReadDir>()
            .AddAction<DebugLog>()
            .AddAction<DebugWait>()
            .AddAction<PublishAxle>()
            .AddPublishing("github", "gitlab", "gitea", "bitbucketCloud", "bitbucketServer")
            .AddProposing("github", "publish:github:pull-request")
            .AddProposing("gitlab", "publish:gitlab:merge-request")
            .AddAction<CatalogRegister>()
            .AddAction<CatalogFetch>()
            .AddAction<CatalogWrite>()
            .AddAction<RoadieWrite>()
            .AddAction<RoadieAppend>()
            .AddAction<RoadieParse>()
            .AddAction<RoadieReplace>()
            .AddAction<RoadieZip>()
            .AddAction<RoadieSerializeJson>()
            .AddAction<RoadieSerializeYaml>()
            .AddAction<RoadieSleep>()
            .AddAction<RoadieJsonata>()
            .AddAction<RoadieJsonataJson>()
            .AddAction<RoadieJsonataYaml>()
            .AddSingleton<ITemplateAction>(provider => new BackstageRequest(provider.GetRequiredService<OutboundHttp>(), provider.GetRequiredService<ILentTokens>, provider.GetRequiredService<PlatformOptions>(), provider.GetRequiredService<IOptions<RequestOptions>>()))
            .AddPlatformVerbs()
            .AddMerging("roadiehq:utils:merge", "roadiehq:utils:json:merge");
    }

    private static IServiceCollection AddAction<T>(this IServiceCollection services)
        where T : class, ITemplateAction => services.AddSingleton<ITemplateAction, T>();

    /// <summary>Asked for when they are needed: the list of actions is there without the capabilities that these are verbs of.</summary>
    private static IServiceCollection AddPlatformVerbs(this IServiceCollection services) => services
        .AddSingleton<ITemplateAction>(provider => new EnvironmentCreate(provider.GetRequiredService<ICatalog>(), provider.GetRequiredService<IEnvironments>))
        .AddSingleton<ITemplateAction>(provider => new SecretSet(provider.GetRequiredService<ISecretDesk>))
        .AddSingleton<ITemplateAction>(provider => new ResourceCreate(provider.GetRequiredService<IResourceDesk>))
        .AddSingleton<ITemplateAction>(provider => new DeployRelease(provider.GetRequiredService<IDelivery>, provider.GetRequiredService<TimeProvider>()));

    private static IServiceCollection AddPublishing(this IServiceCollection services, params string[] kinds)
    {
        foreach (var kind in kinds)
        {
            services.AddSingleton<ITemplateAction>(provider => new PublishElsewhere(kind, provider.GetRequiredService<Publishing>()));
        }

        return services;
    }

    private static IServiceCollection AddProposing(this IServiceCollection services, string kind, string id) =>
        services.AddSingleton<ITemplateAction>(provider => new ProposeElsewhere(kind, id, provider.GetRequiredService<Publishing>()));

    private static IServiceCollection AddMerging(this IServiceCollection services, params string[] ids)
    {
        foreach (var id in ids)
        {
            services.AddSingleton<ITemplateAction>(provider => new RoadieMerge(id, provider.GetRequiredService<JsonFormat>()));
        }

        return services;
    }
}
