namespace Axle.Platform.Builds;

/// <summary>Which tools builds find on this machine: what detection may count on, and part of what decides whether an artifact can be used again.</summary>
/// <param name="Versions">Version by tool: <c>node</c>, <c>npm</c>, <c>corepack</c>, <c>dotnet</c>, <c>python3</c>, <c>python</c>, <c>pip</c>, <c>bash</c>. A tool that is missing is not in it.</param>
internal sealed record Machine(IReadOnlyDictionary<string, string> Versions)
{
    public bool Has(string tool) => Versions.ContainsKey(tool);

    /// <summary>The first number of a tool's version, or null.</summary>
    public int? Major(string tool) =>
        Versions.TryGetValue(tool, out var version) && int.TryParse(version.TrimStart('v').Split('.')[0], System.Globalization.CultureInfo.InvariantCulture, out var major) ? major : null;
}
