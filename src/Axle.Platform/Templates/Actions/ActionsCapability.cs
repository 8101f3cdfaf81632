using Axle.Platform.Templates.Nunjucks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Platform.Templates.Actions;

/// <summary>Table of contents: every action that a step of a template can name.</summary>
internal static class ActionsCapability
{
    public static IServiceCollection AddTemplateActions(this IServiceCollection services)
    {
        services.AddOptions<IntegrationsOptions>().BindConfiguration("Integrations");
        services.TryAddSingleton(provider => new TemplateLanguage(new Capabilities(BackstageFilters.All(provider.GetRequiredService<GitHosts>().KindOf), [])));
        return services
            .AddSingleton<GitHosts>()
            .AddSingleton<OutboundHttp>()
            .AddSingleton<TemplateSources>()
            .AddSingleton<TreeRendering>()
            .AddSingleton<OwnDescriptors>()
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
            .AddAction<CatalogRegister>();
    }

    private static IServiceCollection AddAction<T>(this IServiceCollection services)
        where T : class, ITemplateAction => services.AddSingleton<ITemplateAction, T>();
}
