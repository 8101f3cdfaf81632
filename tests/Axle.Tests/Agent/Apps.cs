using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>Small applications and their specs.</summary>
internal static class Apps
{
    /// <summary>Answers with TEXT on PORT; <c>/healthz</c> with STATUS.</summary>
    public const string Web = """
        import os, signal, sys
        from http.server import *
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status = int(os.environ.get("STATUS", "200")) if self.path == "/healthz" else 200
                self.send_response(status)
                self.end_headers()
                self.wfile.write((os.environ.get("TEXT", "hello") + " " + str(os.getpid())).encode())
            def log_message(self, *arguments):
                pass
        def end(*arguments):
            print("ending", flush=True)
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        print("starting", flush=True)
        HTTPServer((os.environ.get("ADDRESS", "127.0.0.1"), int(os.environ.get("OTHER_PORT") or os.environ["PORT"])), Handler).serve_forever()
        """;

    public static GroupSpec Group(string name, GroupKind kind, params string[] command) => new()
    {
        Name = name,
        Kind = kind,
        Ports = kind == GroupKind.Web ? [new PortSpec("http", 8080)] : [],
        Containers = [new ContainerSpec { Name = "main", Command = command, Limits = new LimitSpec(MemoryBytes: 128 << 20) }],
    };

    public static WorkloadSpec Workload(string id, string revision, string folder, params GroupSpec[] groups) => new()
    {
        Id = id,
        Revision = revision,
        Release = revision,
        ArtifactFolder = folder,
        Hosts = [$"{id}.localhost"],
        Groups = groups,
        StartTimeoutSeconds = 30,
        DrainTimeoutSeconds = 2,
        StopTimeoutSeconds = 2,
    };

    public static GroupSpec With(this GroupSpec group, params (string Name, string Value)[] variables) => group.Change(container => container with
    {
        Variables = variables.ToDictionary(pair => pair.Name, pair => pair.Value),
    });

    public static GroupSpec Change(this GroupSpec group, Func<ContainerSpec, ContainerSpec> change) => group with { Containers = [.. group.Containers.Select(change)] };
}
