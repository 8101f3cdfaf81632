using Axle.Contracts;

namespace Axle.Cli.Api;

/// <summary>The platform's addresses, with every part escaped.</summary>
internal static class Paths
{
    public static string Entity(EntityRef which) => $"api/entities/{Escape(which.Kind)}/{Escape(which.Namespace)}/{Escape(which.Name)}";

    public static string Component(string name, string? space, string? verb = null) =>
        $"api/components/{Escape(name)}{(verb is null ? "" : "/" + verb)}{Query(("namespace", space))}";

    public static string Resource(string name, string? verb = null) => $"api/resources/{Escape(name)}{(verb is null ? "" : "/" + verb)}";

    /// <summary>A query string of the values that are there.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string? Value)> values)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (name, value) in values)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Escape(value));
            }
        }

        return text.ToString();
    }

    private static string Escape(string part) => Uri.EscapeDataString(part);
}
