using System.Text.RegularExpressions;
using Axle.Platform.Processes;

namespace Axle.Platform.Builds;

/// <summary>
/// Looks at this machine once: which tools builds find, and which package registries and certificates its administrator
/// set up. Credentials are never taken over: they would be within the reach of every build.
/// </summary>
internal sealed partial class MachineProbe(ProgramRunner programs, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(30);

    // Where certificates are; their values are paths. Set for a machine whose network needs its own authority.
    private static readonly string[] s_certificates =
        ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "NIX_SSL_CERT_FILE", "NUGET_CERT_REVOCATION_MODE"];

    private static readonly string[] s_proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

    private readonly SemaphoreSlim _one = new(1);
    private volatile Known? _known;

    private sealed record Known(Machine Machine, BuildSettings Settings, DateTimeOffset At);

    /// <summary>Where builds look for programs. The system's own folders come first: others may be closed to a build's user.</summary>
    public static string Path { get; } = string.Join(':', new[] { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin" }.Concat(ExtraFolders()));

    public async Task<Machine> MachineAsync(CancellationToken stop) => (await LookAsync(stop)).Machine;

    public async Task<BuildSettings> SettingsAsync(CancellationToken stop) => (await LookAsync(stop)).Settings;

    public void Dispose() => _one.Dispose();

    /// <summary>A URL without user name and password; null when it is none.</summary>
    internal static string? WithoutCredentials(string? url) =>
        Uri.TryCreate(url?.Trim(), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new UriBuilder(uri) { UserName = "", Password = "" }.Uri.ToString()
            : null;

    private async Task<Known> LookAsync(CancellationToken stop)
    {
        if (_known is not { } known)
        {
            return await LookAgainAsync(stop);
        }

        if (Stale(known) && _one.CurrentCount > 0)
        {
            // Looked at again now and then, because somebody may have followed the advice and installed what was missing;
            // nobody waits for that.
            _ = Task.Run(() => LookAgainAsync(CancellationToken.None), CancellationToken.None);
        }

        return known;
    }

    private bool Stale(Known known) => clock.GetUtcNow() - known.At > s_fresh;

    private async Task<Known> LookAgainAsync(CancellationToken stop)
    {
        await _one.WaitAsync(stop);
        try
        {
            if (_known is not { } known || Stale(known))
            {
                var tools = ToolsAsync(stop);
                var settings = ReadSettingsAsync(stop);
                _known = known = new Known(await tools, await settings, clock.GetUtcNow());
            }

            return known;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<Machine> ToolsAsync(CancellationToken stop)
    {
        (string Tool, string[] Call)[] calls =
        [
            ("node", ["node", "--version"]),
            ("npm", ["npm", "--version"]),
            ("corepack", ["corepack", "--version"]),
            ("bun", ["bun", "--version"]),
            ("dotnet", ["dotnet", "--version"]),
            ("python3", ["python3", "--version"]),
            ("python", ["python", "--version"]),
            ("pip", ["python3", "-m", "pip", "--version"]),
            ("bash", ["bash", "--version"]),
        ];
        var versions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var answers = await Task.WhenAll(calls.Select(async c => (c.Tool, Answer: await AskAsync(c.Call, stop))));
        foreach (var (tool, answer) in answers)
        {
            if (answer is not null && Version().Match(answer) is { Success: true } match)
            {
                versions[tool] = match.Value;
            }
        }

        return new Machine(versions);
    }

    private async Task<BuildSettings> ReadSettingsAsync(CancellationToken stop)
    {
        var registry = AskAsync(["npm", "config", "get", "registry"], stop);
        var cafile = AskAsync(["npm", "config", "get", "cafile"], stop);
        var index = AskAsync(["python3", "-m", "pip", "config", "get", "global.index-url"], stop);
        var sources = HasNuGetSettings() ? AskAsync(["dotnet", "nuget", "list", "source", "--format", "Short"], stop) : Task.FromResult<string?>(null);
        var node = AskAsync(["node", "--version"], stop);
        await Task.WhenAll(registry, cafile, index, sources, node);

        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (WithoutCredentials(await registry) is { } npm)
        {
            variables["NPM_CONFIG_REGISTRY"] = npm;
            variables["COREPACK_NPM_REGISTRY"] = npm.TrimEnd('/');
        }

        if ((await cafile)?.Trim() is { } file && file.StartsWith('/') && File.Exists(file))
        {
            variables["NPM_CONFIG_CAFILE"] = file;
        }

        if (NodeHeaders(Find("node", Path), await node) is { } headers)
        {
            // In lower case, or node-gyp does not see it.
            variables["npm_config_nodedir"] = headers;
        }

        if (WithoutCredentials(await index ?? Environment.GetEnvironmentVariable("PIP_INDEX_URL")) is { } pip)
        {
            variables["PIP_INDEX_URL"] = pip;
        }

        foreach (var name in s_certificates)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }

        foreach (var name in s_proxies)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && !value.Contains('@', StringComparison.Ordinal))
            {
                variables[name] = value;
            }
        }

        var feeds = (await sources ?? "").Split('\n')
            .Where(l => l.StartsWith('E'))
            .Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim())
            .Select(l => WithoutCredentials(l) ?? (l.StartsWith('/') ? l : null))
            .OfType<string>()
            .Distinct()
            .ToList();
        return new BuildSettings(variables, feeds);
    }

    /// <summary>The program as builds and applications would find it: not by the platform's own PATH, which may lead into a home folder that is closed to them.</summary>
    internal static string? Find(string program, string path) =>
        path.Split(':').Select(folder => $"{folder}/{program}").FirstOrDefault(file => File.Exists(file) && (File.GetUnixFileMode(file) & UnixFileMode.OtherExecute) != 0);

    /// <summary>
    /// Where Node's headers lie beside the program, as a distribution's package or Node's own archive puts them; null when they do
    /// not, or are another version's. Told to builds, so that native modules compile against them instead of fetching some.
    /// </summary>
    internal static string? NodeHeaders(string? node, string? version)
    {
        if (node is null || version is null)
        {
            return null;
        }

        var program = new FileInfo(node).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? node;
        var prefix = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(program));
        var header = $"{prefix}/include/node/node_version.h";
        return File.Exists(header) && HeaderVersion().Match(File.ReadAllText(header)) is { Success: true } found && version.StartsWith($"v{found.Groups[1].Value}.", StringComparison.Ordinal)
            ? prefix
            : null;
    }

    /// <summary>Asking dotnet for its sources makes settings and caches in a home folder that has none, only to name the usual one.</summary>
    private static bool HasNuGetSettings()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return File.Exists($"{home}/.nuget/NuGet/NuGet.Config") || File.Exists($"{home}/.config/NuGet/NuGet.Config") || Directory.Exists("/etc/opt/NuGet/Config");
    }

    private async Task<string?> AskAsync(string[] call, CancellationToken stop)
    {
        if (Find(call[0], Path) is not { } program)
        {
            return null;
        }

        try
        {
            var end = await programs.RunAsync(
                new ProgramCall(program, [.. call.Skip(1)])
                {
                    Variables = new Dictionary<string, string>
                    {
                        ["PATH"] = Path,
                        ["HOME"] = Environment.GetEnvironmentVariable("HOME") ?? "/",
                        ["LC_ALL"] = "C.UTF-8",
                        ["DOTNET_NOLOGO"] = "1",
                        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                        ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false",
                        ["NPM_CONFIG_LOGS_MAX"] = "0",
                        ["COREPACK_ENABLE_NETWORK"] = "0",
                    },
                    TimeMax = s_timeMax,
                },
                stop);
            return end.Ok ? end.Output : null;
        }
        catch (Exception e) when (e is ProgramMissingException or TimeoutException)
        {
            return null;
        }
    }

    private static IEnumerable<string> ExtraFolders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Where(f => f.StartsWith('/') && (File.Exists($"{f}/dotnet") || File.Exists($"{f}/node")) && f is not ("/usr/bin" or "/bin" or "/usr/local/bin"))
            .Distinct();

    [GeneratedRegex(@"^#define NODE_MAJOR_VERSION ([0-9]+)\r?$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex HeaderVersion();

    [GeneratedRegex(@"[0-9]+(?:\.[0-9A-Za-z-]+)+", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}

/// <summary>What builds are told of the machine's network.</summary>
/// <param name="Variables">Registries, certificates, proxies; no credentials.</param>
/// <param name="Feeds">NuGet sources.</param>
internal sealed record BuildSettings(IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string> Feeds);
