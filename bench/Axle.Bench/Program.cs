// What the scripts in bench/ measure or measure with, and nothing else. Each verb says in its class what it does.
using System.Globalization;
using Axle.Agent.Ingress;
using Axle.Bench;

switch (args)
{
    case ["load", var loadPort, var host, var fast, var slow, var sockets]:
        return await Load.RunAsync(Number(loadPort), host, Number(fast), Number(slow), Number(sockets));

    case ["await", var awaitPort, var host, var path, var text]:
        return await Await.RunAsync(Number(awaitPort), host, path, text);

    case ["ingress", var port, var instancePort]:
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddEnvironmentVariables("AXLE_");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddIngress(Number(port));
        var app = builder.Build();
        app.Services.GetRequiredService<IIngress>()
            .Switch("bench", new(["127.0.0.1"], [new("only", Number(instancePort))], null, null));
        await app.RunAsync();
        return 0;

    default:
        Console.Error.WriteLine("usage: axle-bench ingress PORT INSTANCE_PORT | load INGRESS_PORT HOST FAST SLOW WEBSOCKETS | await INGRESS_PORT HOST PATH TEXT");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
