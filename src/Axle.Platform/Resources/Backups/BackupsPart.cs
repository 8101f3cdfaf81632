using Axle.Entities;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Backups.MariaDb;
using Axle.Platform.Resources.Backups.Postgres;
using Axle.Platform.Resources.Backups.Redis;
using Axle.Platform.Resources.Backups.Volumes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Platform.Resources.Backups;

/// <summary>Table of contents: copies of what resources hold, the proof that they can be restored, and the way back.</summary>
internal static class BackupsPart
{
    public static IServiceCollection AddBackups(this IServiceCollection services)
    {
        services.AddEntityKind(BackupKinds.Backup).AddEntityKind(BackupKinds.BaseBackup).AddEntityKind(BackupKinds.Restore);
        services.TryAddSingleton<ProgramRunner>();
        services.AddSingleton<BackupFiles>().AddSingleton<BackupSlots>().AddSingleton<BackupLedger>();
        services.AddSingleton<BackupViews>().AddSingleton<BackupVerbs>().AddSingleton<BackupStreams>();
        services.AddReconciler<BackupScheduler>().AddReconciler<BackupReconciler>().AddReconciler<RestoreReconciler>();

        // PostgreSQL: by database, and by server for moments in time.
        services.AddSingleton<PgPrograms>().AddSingleton<PgScratch>().AddSingleton<PgImport>().AddSingleton<PgWindow>().AddSingleton<PgRecovery>();
        services.AddSingleton<PostgresBackups>().AddSingleton<IBackups>(all => all.GetRequiredService<PostgresBackups>());
        services.AddReconciler<BaseBackupScheduler>().AddReconciler<BaseBackupReconciler>();

        // MariaDB, under both of its names; a Redis that lasts; files.
        services.AddSingleton<MariaPrograms>();
        services.AddSingleton<IBackups>(all => ActivatorUtilities.CreateInstance<MariaBackups>(all, "mariadb"));
        services.AddSingleton<IBackups>(all => ActivatorUtilities.CreateInstance<MariaBackups>(all, "mysql"));
        services.AddSingleton<RedisScratch>().AddSingleton<IBackups, RedisBackups>();
        services.AddSingleton<IBackups, VolumeBackups>();
        return services;
    }
}
