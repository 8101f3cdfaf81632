using System.Security.Cryptography;
using System.Text;
using Axle.Engines.Process;

namespace Axle.Agent;

/// <summary>Where the agent keeps what, below the data folder. Closed to everybody else.</summary>
internal sealed class AgentFolders
{
    public AgentFolders(string data)
    {
        Data = Path.GetFullPath(data);
        Directory.CreateDirectory(Data);
        foreach (var folder in (ReadOnlySpan<string>)[Agent, Runs, Workloads, Jobs, Logs, Volumes, Lasting, Run])
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public string Data { get; }

    /// <summary>Short, and of this data folder only: what is kept outside of it bears this name.</summary>
    public string Mark => $"axle-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Data)))[..10]}";

    public string Agent => Path.Combine(Data, "agent");

    public string Runs => Path.Combine(Agent, "runs");

    public string Workloads => Path.Combine(Agent, "workloads");

    public string Jobs => Path.Combine(Agent, "jobs");

    public string Logs => Path.Combine(Agent, "logs");

    /// <summary>Of workloads, by workload and name; they go with it.</summary>
    public string Volumes => Path.Combine(Agent, "volumes");

    /// <summary>Volumes that stay when their workload goes, by name.</summary>
    public string Lasting => Path.Combine(Agent, "lasting");

    public string Scripts => Path.Combine(Agent, "scripts");

    public string Events => Path.Combine(Agent, "events");

    /// <summary>A file: where agents made control groups.</summary>
    public string Cgroups => Path.Combine(Agent, "cgroups");

    /// <summary>A file: where runs keep what must not lie on a disk. <c>axle down --purge</c> reads it.</summary>
    public string Memory => Path.Combine(Agent, "memory");

    public string Run => Path.Combine(Data, "run");

    public string Socket => AgentPaths.Socket(Data);
}
