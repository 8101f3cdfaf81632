extern alias cli;
using System.Collections.Concurrent;
using System.Text;
using cli::Axle.Cli;

namespace Axle.Tests.Cli;

/// <summary>Runs the CLI in this process, with streams and variables of the test's own.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly MemoryStream _bytes = new();

    public CliRun()
    {
        Folder = Directory.CreateTempSubdirectory("axle-cli-").FullName;
        Variables["HOME"] = Folder;
        Variables["PATH"] = Environment.GetEnvironmentVariable("PATH")!;
    }

    public string Folder { get; }

    public ConcurrentDictionary<string, string> Variables { get; } = [];

    public string Input { get; set; } = "";

    public bool Terminal { get; set; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public byte[] Bytes => _bytes.ToArray();

    public string Program { get; set; } = "/opt/axle/axle";

    public static CliRun Against(FakePlatform platform)
    {
        var run = new CliRun();
        run.Variables["AXLE_URL"] = platform.Url;
        run.Variables["AXLE_TOKEN"] = FakePlatform.Token;
        return run;
    }

    public Task<int> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public Task<int> RunAsync(CancellationToken stop, params string[] arguments) => new AxleCli(Host()).RunAsync(arguments, stop);

    public CliHost Host() => new()
    {
        Out = TextWriter.Synchronized(_out),
        Error = TextWriter.Synchronized(_error),
        In = new StringReader(Input),
        InBytes = () => new MemoryStream(Encoding.UTF8.GetBytes(Input)),
        OutBytes = () => new Unclosed(_bytes),
        Variable = name => Variables.GetValueOrDefault(name),
        OutIsTerminal = Terminal,
        ErrorIsTerminal = Terminal,
        InIsTerminal = Terminal,
        Program = Program,
    };

    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>The verb disposes what it writes to; the test reads it afterwards.</summary>
    private sealed class Unclosed(MemoryStream inner) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);
    }
}
