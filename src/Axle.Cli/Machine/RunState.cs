using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Axle.Cli.Machine;

/// <summary>What a process of the platform says of itself in <c>run/&lt;name&gt;.json</c> when it is ready.</summary>
internal sealed record RunState(int Pid, int? Port, DateTimeOffset StartedAt, string? Version)
{
    /// <summary>The program that is expected under the pid: pids are used again by the kernel.</summary>
    [JsonIgnore]
    public string Program { get; init; } = "axle";

    /// <summary>And the data folder that it works for, where its command line has to name it.</summary>
    [JsonIgnore]
    public string? Folder { get; init; }

    [JsonIgnore]
    public bool IsAlive
    {
        get
        {
            try
            {
                // A zombie has no command line, and is as good as gone.
                var line = Pid > 1 ? Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{Pid}/cmdline")) : "";
                return line.Contains(Program, StringComparison.Ordinal) && (Folder is null || line.Split('\0').Contains(Folder));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <summary>Null when the file is not there or not (yet) readable.</summary>
    public static RunState? Read(DataFolder data, string name)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(data.Run(name + ".json")), CliJson.Default.RunState) is { } state
                ? name == "supervisor" ? state : state with { Program = "axle-" + name, Folder = data.Path }
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The process if it lives and is the one that wrote the file.</summary>
    public static RunState? Alive(DataFolder data, string name) => Read(data, name) is { IsAlive: true } state ? state : null;
}

/// <summary>The ports that a data folder's platform was started with last; the next start takes them again.</summary>
internal sealed record Ports(int Port, int IngressPort)
{
    public static Ports Default { get; } = new(7400, 7480);
}
