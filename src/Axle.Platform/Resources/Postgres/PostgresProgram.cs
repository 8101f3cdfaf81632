using System.Globalization;

namespace Axle.Platform.Resources.Postgres;

/// <summary>PostgreSQL as Debian installs it: every major version in a folder of its own.</summary>
/// <param name="Version">The major version.</param>
/// <param name="Bin">The folder of its programs.</param>
internal sealed record PostgresProgram(string Version, string Bin)
{
    private const string Root = "/usr/lib/postgresql";

    /// <summary>The newest on this machine, or the one of this version; null when there is none.</summary>
    public static PostgresProgram? Find(string? version = null)
    {
        if (!Directory.Exists(Root))
        {
            return null;
        }

        return Directory.EnumerateDirectories(Root)
            .Select(folder => new PostgresProgram(Path.GetFileName(folder), Path.Combine(folder, "bin")))
            .Where(program => (version is null || program.Version == version) && File.Exists(Path.Combine(program.Bin, "postgres")))
            .MaxBy(program => double.TryParse(program.Version, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    public string Program(string name) => Path.Combine(Bin, name);
}
