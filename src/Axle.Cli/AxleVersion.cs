namespace Axle.Cli;

/// <summary>The version of this program.</summary>
internal static class AxleVersion
{
    public static string Text { get; } = typeof(AxleVersion).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";
}
