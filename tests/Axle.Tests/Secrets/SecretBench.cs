using Axle.Contracts;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Catalog;
using Axle.Platform.Secrets;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Secrets;

/// <summary>The capability on real files, without a web server; <see cref="RestartAsync"/> is what follows a kill.</summary>
internal sealed class SecretBench : IAsyncDisposable
{
    private ServiceProvider _services;

    public SecretBench(SecretValue? masterKey = null)
    {
        Folder = Directory.CreateTempSubdirectory("axle-secrets-").FullName;
        _services = Make(masterKey);
    }

    public string Folder { get; }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ISecrets Secrets => _services.GetRequiredService<ISecrets>();

    public SecretStore Store => _services.GetRequiredService<SecretStore>();

    public SecretDatabase Database => _services.GetRequiredService<SecretDatabase>();

    public SecretEntities Projection => _services.GetRequiredService<SecretEntities>();

    public IEntityStore Entities => _services.GetRequiredService<IEntityStore>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task RestartAsync(SecretValue? masterKey = null, Action? between = null)
    {
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        between?.Invoke();
        _services = Make(masterKey);
    }

    /// <summary>A team with a component.</summary>
    public async Task<EntityRef> ComponentAsync(string name = "orders", string team = "shop")
    {
        var put = await Entities.PutAllAsync([TestServer.Json("Group", team, """{"type":"team","children":[]}"""), TestServer.Component(name, team)], "system:test", stop: Stop);
        Assert.True(put.Ok, put.ToString());
        return EntityRef.Of("Component", name);
    }

    public string? Value(EntityRef component, string environment, string name) => Secrets.For(component, environment).Value.GetValueOrDefault(name)?.Reveal();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    private ServiceProvider Make(SecretValue? masterKey)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(new PlatformOptions { DataFolder = Folder, PublicUrl = "http://localhost:7400", IngressPort = 7480, MasterKey = masterKey });
        services.AddLogging(log => log.SetMinimumLevel(LogLevel.Critical));
        services.AddEntities(Path.Combine(Folder, "axle.db"));
        services.AddCatalog();
        services.AddSecrets();
        return services.BuildServiceProvider();
    }
}
