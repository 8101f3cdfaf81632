// What the scripts in bench/ measure and nothing else: axle-bench ingress PORT INSTANCE_PORT.
using System.Globalization;
using Axle.Agent.Ingress;

if (args is not ["ingress", var port, var instancePort])
{
    Console.Error.WriteLine("usage: axle-bench ingress PORT INSTANCE_PORT");
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Configuration.AddEnvironmentVariables("AXLE_");
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.AddIngress(int.Parse(port, CultureInfo.InvariantCulture));
var app = builder.Build();
app.Services.GetRequiredService<IIngress>()
    .Switch("bench", new(["127.0.0.1"], [new("only", int.Parse(instancePort, CultureInfo.InvariantCulture))], null, null));
await app.RunAsync();
return 0;
