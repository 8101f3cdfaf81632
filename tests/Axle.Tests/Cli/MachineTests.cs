extern alias cli;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using cli::Axle.Cli;
using cli::Axle.Cli.Machine;

namespace Axle.Tests.Cli;

/// <summary>up, down and the supervisor, with small programs in the place of server and agent.</summary>
[SupportedOSPlatform("linux")]
public sealed class MachineTests
{
    [Fact]
    public void A_folder_that_is_not_ours_is_never_used_or_removed()
    {
        using var run = new CliRun();
        File.WriteAllText(Path.Combine(run.Folder, "thesis.txt"), "years of work");
        var data = new DataFolder(run.Folder);

        Assert.Contains("not Axle's", Assert.Throws<RefusedException>(data.Prepare).Message, StringComparison.Ordinal);
        Assert.Contains("nothing was removed", Assert.Throws<RefusedException>(data.Purge).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run.Folder, "thesis.txt")));
    }

    [Fact]
    public void Settings_may_be_there_before_the_first_start()
    {
        using var run = new CliRun();
        File.WriteAllText(Path.Combine(run.Folder, "axle.json"), "{}");
        new DataFolder(run.Folder).Prepare();
        Assert.True(File.Exists(Path.Combine(run.Folder, "version")));
    }

    [Theory]
    [InlineData("2", "newer Axle")]
    [InlineData("0", "layout 0")]
    [InlineData("one", "no version")]
    public void A_layout_that_we_do_not_know_is_refused_with_words(string version, string expected)
    {
        using var run = new CliRun();
        File.WriteAllText(Path.Combine(run.Folder, "version"), version);

        Assert.Contains(expected, Assert.Throws<RefusedException>(new DataFolder(run.Folder).Prepare).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Purge_removes_links_and_not_what_they_point_to()
    {
        using var run = new CliRun();
        var outside = Directory.CreateDirectory(Path.Combine(run.Folder, "outside"));
        File.WriteAllText(Path.Combine(outside.FullName, "kept"), "");
        var data = new DataFolder(Path.Combine(run.Folder, "data"));
        data.Prepare();
        Directory.CreateSymbolicLink(Path.Combine(data.Path, "link"), outside.FullName);
        Directory.CreateDirectory(Path.Combine(data.Path, "deep", "deeper"));
        Directory.CreateSymbolicLink(Path.Combine(data.Path, "deep", "link"), outside.FullName);

        data.Purge();

        Assert.False(Directory.Exists(data.Path));
        Assert.True(File.Exists(Path.Combine(outside.FullName, "kept")));
    }

    [Fact]
    public void A_log_is_cut_under_its_writer_and_loses_nothing_that_is_kept()
    {
        using var run = new CliRun();
        var file = Path.Combine(run.Folder, "server.log");
        using var writer = new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        writer.WriteLine("first");
        RotatedLog.Rotate(file, bytesMax: 3);
        using (var again = new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)))
        {
            again.WriteLine("second");
        }

        Assert.Equal("first\n", File.ReadAllText(file + ".1"));
        Assert.Equal(["second"], RotatedLog.Tail(file, 5));
        RotatedLog.Rotate(file, bytesMax: 1000);
        Assert.Equal(["second"], RotatedLog.Tail(file, 5));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_its_holder()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var run = new CliRun();

        Assert.Equal(1, await run.RunAsync("up", "--data", Path.Combine(run.Folder, "data"), "--port", $"{port}"));
        Assert.Contains($"port {port} (portal and API) is taken by ", run.Error, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId})", run.Error, StringComparison.Ordinal);
        Assert.Contains($"Next: axle up --port {port + 1}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_keeps_both_running_hands_the_ingress_on_and_Ctrl_C_stops_everything()
    {
        using var machine = new FakeMachine();
        using var ctrlC = new CancellationTokenSource();

        // 1. Up: ready, signed in.
        var up = machine.Run.RunAsync(ctrlC.Token, "up", "--data", machine.Data.Path, "--port", $"{machine.Port}", "--ingress-port", $"{machine.IngressPort}");
        await machine.UntilAsync(() => machine.Run.Out.Contains("Ctrl-C stops everything", StringComparison.Ordinal), up);
        Assert.Contains("axl_admin", File.ReadAllText(Path.Combine(machine.Run.Folder, ".config", "axle", "config.json")), StringComparison.Ordinal);
        var (agent, server) = (RunState.Alive(machine.Data, "agent")!, RunState.Alive(machine.Data, "server")!);

        // 2. The agent is killed: a connection made meanwhile waits, and is answered by the successor.
        Process.GetProcessById(agent.Pid).Kill();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var answer = await http.GetStringAsync($"http://127.0.0.1:{machine.IngressPort}/", TestContext.Current.CancellationToken);
        Assert.NotEqual(agent.Pid, int.Parse(answer, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(server.Pid, RunState.Alive(machine.Data, "server")!.Pid);
        Assert.Contains("agent was killed; starting it again in 0.25 s", machine.Run.Error, StringComparison.Ordinal);

        // 3. Ctrl-C: both end, the apps were asked to.
        await ctrlC.CancelAsync();
        Assert.Equal(0, await up);
        Assert.Null(RunState.Alive(machine.Data, "agent"));
        Assert.Null(RunState.Alive(machine.Data, "server"));
        Assert.Equal("POST /shutdown?stopApps=true HTTP/1.1", File.ReadAllText(Path.Combine(machine.Data.Path, "shutdown")).Trim());
    }

    [Fact]
    public async Task Detached_it_survives_its_supervisor_and_down_purge_removes_every_trace()
    {
        using var machine = new FakeMachine();
        machine.Run.Program = Path.Combine(AppContext.BaseDirectory, "axle");
        Assert.SkipUnless(File.Exists(machine.Run.Program), "the CLI's program is not beside the tests");

        // 1. Up, detached.
        Assert.Equal(0, await machine.Run.RunAsync("up", "--detach", "--data", machine.Data.Path, "--port", $"{machine.Port}", "--ingress-port", $"{machine.IngressPort}"));
        var (agent, server) = (RunState.Alive(machine.Data, "agent")!, RunState.Alive(machine.Data, "server")!);
        var supervisor = RunState.Alive(machine.Data, "supervisor")!;

        // 2. The supervisor is killed; the next up adopts what runs.
        Process.GetProcessById(supervisor.Pid).Kill();
        await machine.UntilAsync(() => !supervisor.IsAlive, null);
        Assert.Equal(0, await machine.Run.RunAsync("up", "--detach", "--data", machine.Data.Path));
        Assert.Equal(agent.Pid, RunState.Alive(machine.Data, "agent")!.Pid);
        Assert.Equal(server.Pid, RunState.Alive(machine.Data, "server")!.Pid);
        Assert.NotEqual(supervisor.Pid, RunState.Alive(machine.Data, "supervisor")!.Pid);

        // 3. Down and away.
        Assert.Equal(2, await machine.Run.RunAsync("down", "--purge"));
        Assert.Equal(0, await machine.Run.RunAsync("down", "--purge", "--yes"));
        Assert.False(Directory.Exists(machine.Data.Path));
        Assert.False(Directory.Exists(Path.Combine(machine.Run.Folder, ".config", "axle")));
        Assert.DoesNotContain("git-credential", File.ReadAllText(Path.Combine(machine.Run.Folder, ".gitconfig")), StringComparison.Ordinal);
        Assert.False(agent.IsAlive || server.IsAlive);
    }

    /// <summary>An installation whose server and agent are a few lines of Python, and a data folder for it.</summary>
    private sealed class FakeMachine : IDisposable
    {
        private const string Common = """
            #!/usr/bin/env python3
            import http.server, json, os, socket, socketserver, sys, threading
            args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
            data, name = args["--data"], os.path.basename(sys.argv[0])[5:]
            def ready(port):
                text = json.dumps({"pid": os.getpid(), "port": port, "startedAt": "2026-01-01T00:00:00Z", "version": "0.1.0"})
                file = f"{data}/run/{name}.json"
                open(file + ".new", "w").write(text)
                os.rename(file + ".new", file)

            """;

        private const string Server = Common + """
            open(f"{data}/admin.token", "w").write("axl_admin")
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    port = args["--port"]
                    body = b"ready" if self.path == "/readyz" else json.dumps({"version": "0.1.0", "portal": f"http://localhost:{port}", "ingress": "http://*.localhost", "isolation": "none",
                        "isolationMissing": [], "agentConnected": True, "startedAt": "2026-01-01T00:00:00Z", "dataFolder": data}).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", int(args["--port"])), Handler)
            ready(int(args["--port"]))
            server.serve_forever()
            """;

        private const string Agent = Common + """
            control = f"{data}/run/agent.sock"
            if os.path.exists(control): os.remove(control)
            class Control(socketserver.StreamRequestHandler):
                def handle(self):
                    open(f"{data}/shutdown", "w").write(self.rfile.readline().decode())
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    self.wfile.flush()
                    threading.Timer(0.05, lambda: os._exit(0)).start()
            threading.Thread(target=socketserver.ThreadingUnixStreamServer(control, Control).serve_forever, daemon=True).start()
            class Ingress(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    body = str(os.getpid()).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
            server = http.server.HTTPServer(("127.0.0.1", 0), Ingress, bind_and_activate=False)
            server.socket = socket.socket(fileno=int(os.environ["AXLE_INGRESS_FD"]))
            ready(int(args["--ingress-port"]))
            server.serve_forever()
            """;

        public FakeMachine()
        {
            Assert.SkipUnless(Programs.Find("python3", Environment.GetEnvironmentVariable("PATH")) is not null, "needs python3");
            foreach (var (name, text) in new[] { ("server", Server), ("agent", Agent) })
            {
                var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Run.Folder, "home", name)).FullName, "axle-" + name);
                File.WriteAllText(file, text);
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            Run.Variables["AXLE_HOME"] = Path.Combine(Run.Folder, "home");
            Data = new DataFolder(Path.Combine(Run.Folder, "data"));
            (Port, IngressPort) = (FreePort(), FreePort());
        }

        public CliRun Run { get; } = new();

        public DataFolder Data { get; }

        public int Port { get; }

        public int IngressPort { get; }

        public async Task UntilAsync(Func<bool> condition, Task<int>? ended)
        {
            for (var i = 0; i < 1000 && !condition(); i++)
            {
                Assert.False(ended?.IsCompleted == true, $"ended early:\n{Run.Out}\n{Run.Error}");
                await Task.Delay(10);
            }

            Assert.True(condition(), $"not within 10 s:\n{Run.Out}\n{Run.Error}");
        }

        public void Dispose()
        {
            foreach (var name in new[] { "supervisor", "server", "agent" })
            {
                if (RunState.Alive(Data, name) is { } left && left.Pid != Environment.ProcessId)
                {
                    Process.GetProcessById(left.Pid).Kill();
                }
            }

            Run.Dispose();
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
