using System.Text.Json;
using Axle.Cli.Machine;

namespace Axle.Cli.Configuration;

/// <summary>
/// <c>$XDG_CONFIG_HOME/axle/config.json</c>, readable by its owner only. <c>AXLE_URL</c> and <c>AXLE_TOKEN</c> win over it.
/// </summary>
internal sealed class ConfigFile(CliHost host)
{
    public const string DefaultUrl = "http://localhost:7400";

    /// <summary>The name under which <c>axle up</c> writes the platform of this machine.</summary>
    public const string Local = "local";

    public string File => Path.Combine(
        host.Variable("XDG_CONFIG_HOME") is { Length: > 0 } folder ? folder : Path.Combine(host.Variable("HOME") ?? "/", ".config"), "axle", "config.json");

    public CliConfig Read()
    {
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File), CliJson.Default.CliConfig) ?? new CliConfig();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new CliConfig();
        }
        catch (JsonException e)
        {
            throw RefusedException.Because("config", $"{File} is not valid: {e.Message}", "correct or remove it, then axle login --url URL --token-stdin");
        }
    }

    /// <summary>Replaces the file at once, so that no reader meets half of it.</summary>
    public void Write(CliConfig config)
    {
        if (config.Platforms.Count == 0)
        {
            // Nothing to remember: no trace either.
            var folder = new DirectoryInfo(Path.GetDirectoryName(File)!);
            System.IO.File.Delete(File);
            if (folder.Exists && !folder.EnumerateFileSystemInfos().Any())
            {
                folder.Delete();
            }

            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(File)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        SafeFile.Write(File, JsonSerializer.SerializeToUtf8Bytes(config, CliJson.Default.CliConfig), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Adds or replaces a platform and makes it the current one.</summary>
    public void Use(string name, KnownPlatform platform)
    {
        var config = Read();
        Write(config with { Current = name, Platforms = new(config.Platforms) { [name] = platform } });
    }

    public void Forget(string name)
    {
        var config = Read();
        var rest = new Dictionary<string, KnownPlatform>(config.Platforms);
        if (rest.Remove(name))
        {
            Write(config with { Current = config.Current == name ? rest.Keys.FirstOrDefault() : config.Current, Platforms = rest });
        }
    }

    /// <summary>The platform to talk to: the environment's, else the configured one, else the usual local one.</summary>
    public Connection Connection()
    {
        var config = Read();
        var known = config.Current is { } current ? config.Platforms.GetValueOrDefault(current) : null;
        var url = host.Variable("AXLE_URL") is { Length: > 0 } given ? given : known?.Url ?? DefaultUrl;
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw RefusedException.Usage($"'{url}' is not the URL of a platform", "set AXLE_URL to something like http://localhost:7400");
        }

        // A token goes only to the platform that it was made for.
        var platform = config.Platforms.Values.FirstOrDefault(p => SameHost(p.Url, uri));
        var token = host.Variable("AXLE_TOKEN") is { Length: > 0 } secret ? secret : platform?.Token;
        var data = uri.IsLoopback ? platform?.Data ?? UsualDataFolder(uri) : null;
        return new Connection(uri, token ?? AdminToken(data), data);
    }

    /// <summary>The token that the server made at its first start, if we may read it.</summary>
    public static string? AdminToken(string? dataFolder)
    {
        try
        {
            return dataFolder is null ? null : System.IO.File.ReadAllText(Path.Combine(dataFolder, "admin.token")).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The usual data folder, if its platform is the one at this URL: another program's port is not to see our token.</summary>
    private string? UsualDataFolder(Uri url) => new DataFolder(DataFolder.Default(host)) is var usual && usual.ReadPorts().Port == url.Port ? usual.Path : null;

    public static bool SameHost(string url, Uri other) =>
        Uri.TryCreate(url, UriKind.Absolute, out var mine) && Uri.Compare(mine, other, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
