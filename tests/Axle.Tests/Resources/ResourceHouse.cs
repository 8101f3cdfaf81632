using System.Diagnostics;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Engines.Process;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Catalog;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;
using Axle.Platform.Secrets;
using Axle.Tests.Agent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Resources;

/// <summary>The part of a platform that makes resources, with the real agent and real servers.</summary>
public sealed class ResourceHouse : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private readonly RealAgent _agent = new();
    private readonly Lines _log = new();
    private IHost? _host;

    public static EntityRef Staging { get; } = EntityRef.Of(Kinds.Environment, "staging");

    public IEngine Engine => _agent.Engine;

    public IEntityStore Entities => Get<IEntityStore>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => _host!.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        await _agent.InitializeAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Microsoft.Extensions.Hosting.Environments.Production });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(_log));
        builder.Services.AddSingleton(new PlatformOptions { DataFolder = _agent.Data, PublicUrl = "http://localhost", IngressPort = 1 });
        builder.Services.AddEntities(Path.Combine(_agent.Data, "axle.db"));
        builder.Services.AddOwnership();
        builder.Services.AddCatalog();
        builder.Services.AddSecrets();
        builder.Services.AddEnvironments();
        builder.Services.AddProcessEngine(_agent.Data);
        builder.Services.AddResources();
        _host = builder.Build();
        await _host.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
        }

        await _agent.DisposeAsync();
    }

    /// <summary>Asks for a resource, and waits until it is ready.</summary>
    internal async Task<Entity<ResourceClaimSpec, ResourceClaimStatus>> ClaimAsync(string type, string name, object? parameters = null)
    {
        var which = ResourceKinds.Claim.Ref($"{name}.staging");
        await ChangeAsync(which, now => (now ?? new ResourceClaimSpec { Uid = $"{type}.default#{name}", Type = type, Environment = Staging, RotateEveryDays = 0 }) with
        {
            Removal = null,
            Params = parameters is null ? default : JsonSerializer.SerializeToElement(parameters),
        });
        return await UntilAsync(which, claim => claim.Status.Phase == ResourcePhases.Ready && claim.Status.ObservedGeneration == claim.Metadata.Generation, "ready");
    }

    internal async Task ChangeAsync(EntityRef which, Func<ResourceClaimSpec?, ResourceClaimSpec> change)
    {
        var written = await Get<ClaimWriter>().ChangeAsync(which, now => change(now), "a test", "user:test", Stop);
        Assert.True(written.Ok, written.Error?.Message);
    }

    internal Entity<ResourceClaimSpec, ResourceClaimStatus>? Find(EntityRef which) => Entities.Find(ResourceKinds.Claim, which);

    internal async Task<Entity<ResourceClaimSpec, ResourceClaimStatus>> UntilAsync(EntityRef which, Func<Entity<ResourceClaimSpec, ResourceClaimStatus>, bool> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var claim = Find(which);
            if (claim is not null && condition(claim))
            {
                return claim;
            }

            Assert.True(claim is null || claim.Status.Conditions.All(said => said.Type != "UpToDate"), $"{which.Name} is refused: {JsonSerializer.Serialize(claim?.Status.Conditions)}");
            Assert.True(Stopwatch.GetElapsedTime(began) < s_patience, $"{which.Name} is not {what}: {JsonSerializer.Serialize(claim?.Status)}\n{_log}");
            await Task.Delay(25, Stop);
        }
    }

    internal async Task UntilGoneAsync(EntityRef which)
    {
        var began = Stopwatch.GetTimestamp();
        while (Entities.Find(which) is not null)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_patience, $"{which.Name} does not go.");
            await Task.Delay(25, Stop);
        }
    }

    /// <summary>What consumers are given now.</summary>
    internal Given Outputs(EntityRef which)
    {
        var found = Get<ClaimOutputs>().Of(Find(which)!);
        Assert.True(found.Ok, found.Error?.Message);
        return new Given(found.Value.Values);
    }

    /// <summary>The platform's own log, for whoever has to find out why a test failed.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        private const int LinesMax = 20;
        private readonly Queue<string> _lines = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Enqueue($"{formatter(state, exception)} {exception}");
                if (_lines.Count > LinesMax)
                {
                    _lines.Dequeue();
                }
            }
        }

        public override string ToString()
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>The outputs of a claim, as a workload would read them.</summary>
public sealed record Given(JsonElement Values)
{
    /// <summary>The types of object stores have other names for both.</summary>
    public string Username => this[Values.TryGetProperty("username", out _) ? "username" : "access_key_id"];

    public string PasswordName => Values.TryGetProperty("password", out _) ? "password" : "secret_key";

    public string Password => this[PasswordName];

    public int Port => int.Parse(this["port"], System.Globalization.CultureInfo.InvariantCulture);

    public string this[string name] => Values.GetProperty(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : Values.GetProperty(name).GetRawText();
}
