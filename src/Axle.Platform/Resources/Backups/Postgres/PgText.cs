namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>Names and texts as PostgreSQL takes them, whatever is in them. Pure.</summary>
internal static class PgText
{
    /// <summary>A name of the catalogue, quoted.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text, quoted so that no setting of the server changes its meaning.</summary>
    public static string Text(string text) => text.Contains('\\', StringComparison.Ordinal)
        ? $"E'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'"
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
