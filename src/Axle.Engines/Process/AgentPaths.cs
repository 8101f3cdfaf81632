namespace Axle.Engines.Process;

/// <summary>Where the agent and the control plane meet in the data folder.</summary>
public static class AgentPaths
{
    /// <summary>The unix socket that the agent's API listens on (mode 0600).</summary>
    public static string Socket(string dataFolder) => Path.Combine(dataFolder, "run", "agent.sock");
}
