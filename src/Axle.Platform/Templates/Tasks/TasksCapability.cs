using Axle.Entities;
using Axle.Platform.Templates.Actions;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Table of contents: what runs templates.</summary>
internal static class TasksCapability
{
    public static IServiceCollection AddTasks(this IServiceCollection services) =>
        services
            .AddEntityKind(TaskKinds.Task)
            .AddReconciler<TaskReconciler>()
            .AddHostedService<TaskSweep>()
            .AddSingleton<ITemplateAction, ApproveAction>()
            .AddSingleton<ActionTable>()
            .AddSingleton<TaskEngine>()
            .AddSingleton<Foresight>()
            .AddSingleton<TaskFolders>()
            .AddSingleton<TaskLogs>()
            .AddSingleton<TaskSecrets>()
            .AddSingleton<RunningTasks>()
            .AddSingleton<TaskLeftovers>()
            .AddSingleton<TaskParts>()
            .AddSingleton<TaskVerbs>()
            .AddSingleton<TaskViews>()
            .AddSingleton<CreateTask>()
            .AddSingleton<DryRun>();
}
