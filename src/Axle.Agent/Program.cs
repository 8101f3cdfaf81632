using Axle.Agent;
using Axle.Agent.Api;
using Axle.Agent.Ingress;
using Axle.Agent.Isolation;
using Axle.Agent.Jobs;
using Axle.Agent.Logs;
using Axle.Agent.Machine;
using Axle.Agent.Runs;
using Axle.Agent.State;
using Axle.Agent.Volumes;
using Axle.Agent.Workloads;
using Axle.Engines.Sealing;

// axle-agent --data DIR --ingress-port N
Native.KeepHandlesFromChildren();
var builder = WebApplication.CreateSlimBuilder(args);
if (builder.Configuration["data"] is not { Length: > 0 } data)
{
    Console.Error.WriteLine("axle-agent: the data folder is missing. Next: axle-agent --data DIR --ingress-port 7480");
    return 2;
}

var ingressPort = builder.Configuration.GetValue("ingress-port", 7480);
var folders = new AgentFolders(data);
FileStream only;
try
{
    only = new FileStream(Path.Combine(folders.Run, "agent.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
catch (IOException)
{
    Console.Error.WriteLine($"axle-agent: another agent keeps {folders.Data}. Next: end it, or choose another data folder");
    return 3;
}

await using var held = only;

// Before anything is touched: without the key nothing could be told from an orphan.
if (!MasterKey.Open(folders.Data, Environment.GetEnvironmentVariable(MasterKey.Variable)).TryGet(out var key, out var sealedBy))
{
    Console.Error.WriteLine($"axle-agent: {sealedBy.Message} Next: {sealedBy.Next}");
    return 4;
}

if ((RecordFolder<WorkloadRecord>.Locked(folders.Workloads, key) ?? RecordFolder<JobRecord>.Locked(folders.Jobs, key)) is { } locked)
{
    Console.Error.WriteLine($"axle-agent: {locked} was closed by a master key that is not there any more. Next: put the retired key back below the one in use, then start again");
    return 4;
}

var memory = RunMemory.Open(folders, Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"));
var scripts = LaunchScripts.PlaceIn(folders.Scripts);
var isolation = await IsolationProbe.FindAsync(folders, memory, scripts, CancellationToken.None);

// The socket of an agent that was killed is still there; the lock says that nobody listens on it.
File.Delete(folders.Socket);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.ListenUnixSocket(folders.Socket);
});
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
builder.Services
    .AddSingleton(folders)
    .AddSingleton(key)
    .AddSingleton(memory)
    .AddSingleton(scripts)
    .AddSingleton(isolation)
    .AddSingleton(TimeProvider.System)
    .AddSingleton<Users>()
    .AddSingleton<Ports>()
    .AddSingleton<LogBook>()
    .AddSingleton<ChangeHub>()
    .AddSingleton<Runner>()
    .AddSingleton<LastingVolumes>()
    .AddSingleton<ContainerRuns>()
    .AddSingleton<WorkloadParts>()
    .AddSingleton<WorkloadSet>()
    .AddSingleton<JobSet>()
    .AddHostedService<AgentLife>();
builder.AddIngress(ingressPort);

var app = builder.Build();
app.MapAgent();
await app.RunAsync();
return 0;
