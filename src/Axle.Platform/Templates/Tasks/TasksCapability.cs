using Axle.Entities;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Nunjucks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Table of contents: what runs templates.</summary>
internal static class TasksCapability
{
    public static IServiceCollection AddTasks(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new Capabilities(BackstageFilters.All(provider.GetRequiredService<GitHosts>().KindOf), []));
        return services
            .AddEntityKind(TaskKinds.Task)
            .AddReconciler<TaskReconciler>()
            .AddHostedService<TaskSweep>()
            .AddSingleton<ITemplateAction, ApproveAction>()
            .AddSingleton<ActionTable>()
            .AddSingleton<TaskEngine>()
            .AddSingleton<TaskFolders>()
            .AddSingleton<TaskLogs>()
            .AddSingleton<TaskSecrets>()
            .AddSingleton<RunningTasks>()
            .AddSingleton<TaskParts>()
            .AddSingleton<TaskVerbs>()
            .AddSingleton<TaskViews>()
            .AddSingleton<CreateTask>()
            .AddSingleton<DryRun>();
    }
}
