using System.Globalization;
using System.Net;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform;
using Axle.Platform.Secrets;

namespace Axle.Server.Hosting;

/// <summary>
/// How the server was started. The command line wins over <c>AXLE_*</c> variables, those over <c>axle.json</c> in the data
/// folder, that over the defaults.
/// </summary>
internal sealed record ServerOptions
{
    public const int DefaultPort = 7400;
    public const int DefaultIngressPort = 7480;

    /// <summary>Everything Axle keeps; absolute.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Port of API and portal; 0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    public int IngressPort { get; init; } = DefaultIngressPort;

    /// <summary>Address to listen on; null is this machine only (127.0.0.1 and ::1).</summary>
    public IPAddress? Listen { get; init; }

    /// <summary>Base URL as people reach it, when that is not the port itself (a proxy with TLS in front).</summary>
    public string? PublicUrl { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Only makes a new administrator's token and ends.</summary>
    public bool ResetAdminToken { get; init; }

    public bool Help { get; init; }

    /// <summary>The master key of secrets, from <c>AXLE_MASTER_KEY</c>; null reads it from the data folder.</summary>
    public SecretValue? MasterKey { get; init; }

    public const string Usage = """
        axle-server: the control plane of Axle (API, portal, git).

          --data DIR            everything Axle keeps           AXLE_DATA            (default: ~/.local/share/axle)
          --port N              port of API and portal          AXLE_PORT            (default: 7400; 0: a free one)
          --ingress-port N      port where services answer      AXLE_INGRESS_PORT    (default: 7480)
          --listen ADDRESS      address to listen on            AXLE_LISTEN          (default: this machine only)
          --public-url URL      how people reach the portal     AXLE_PUBLIC_URL      (default: http://localhost:PORT)
          --log-level LEVEL     debug, information, warning     AXLE_LOG_LEVEL       (default: information)
          --reset-admin-token   write a new DIR/admin.token, end the old one, and stop; works while a server runs

        DIR/axle.json may set the same: {"port": 7400, "ingressPort": 7480, "listen": "0.0.0.0", "publicUrl": "https://…",
        "logLevel": "warning"}; objects in it are the settings of capabilities.
        """;

    public PlatformOptions ToPlatform() => new()
    {
        DataFolder = DataFolder,
        PublicUrl = PublicUrl ?? $"http://localhost:{Port}",
        IngressPort = IngressPort,
        MasterKey = MasterKey,
    };

    /// <summary>Puts the options together; every mistake is a sentence that names where it stands.</summary>
    public static Result<ServerOptions> Read(IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment)
    {
        // 1. What was typed.
        var typed = new Dictionary<string, (string Value, string Where)>();
        var flags = new HashSet<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var before, var after] ? (before, after) : (args[i], null);
            if (name is "--help" or "-h" or "--reset-admin-token")
            {
                flags.Add(name);
                continue;
            }

            if (Settings.FirstOrDefault(setting => setting.Argument == name) is not { } setting)
            {
                return Wrong($"'{name}' is no option of axle-server.");
            }

            value ??= i + 1 < args.Count ? args[++i] : null;
            if (string.IsNullOrEmpty(value))
            {
                return Wrong($"{name} needs a value.");
            }

            typed[setting.Name] = (value, name);
        }

        // 2. The environment, where nothing was typed.
        foreach (var setting in Settings)
        {
            if (environment.TryGetValue(setting.Variable, out var value) && value.Length > 0)
            {
                typed.TryAdd(setting.Name, (value, setting.Variable));
            }
        }

        // 3. The file in the data folder, which by now is known.
        var folder = Path.GetFullPath(typed.TryGetValue("data", out var data) ? data.Value : DefaultFolder(environment));
        if (ReadFile(Path.Combine(folder, "axle.json"), typed) is { } error)
        {
            return error;
        }

        var options = new ServerOptions
        {
            DataFolder = folder,
            Help = flags.Contains("--help") || flags.Contains("-h"),
            ResetAdminToken = flags.Contains("--reset-admin-token"),
            MasterKey = environment.TryGetValue(Axle.Engines.Sealing.MasterKey.Variable, out var key) && key.Length > 0 ? new SecretValue(key) : null,
        };
        foreach (var setting in Settings.Where(setting => typed.ContainsKey(setting.Name)))
        {
            var (value, where) = typed[setting.Name];
            if (setting.Set(options, value) is not { } changed)
            {
                return Wrong($"{where} is '{value}', but must be {setting.Must}.");
            }

            options = changed;
        }

        return options.Port != 0 && options.Port == options.IngressPort
            ? Wrong($"The port and the ingress port are both {options.Port}; they must differ.")
            : options;
    }

    private static Error? ReadFile(string file, Dictionary<string, (string Value, string Where)> typed)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Wrong($"{file} must hold a JSON object.");
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                // Objects are sections of capabilities, which check them themselves.
                if (property.Value.ValueKind == JsonValueKind.Object)
                {
                    continue;
                }

                if (Settings.FirstOrDefault(setting => setting.Name == property.Name && setting.Name != "data") is null)
                {
                    return Wrong($"{file} sets '{property.Name}', which is no setting; there are {string.Join(", ", Settings.Skip(1).Select(setting => setting.Name))}.");
                }

                typed.TryAdd(property.Name, (property.Value.ToString(), $"{property.Name} in {file}"));
            }

            return null;
        }
        catch (JsonException e)
        {
            return Wrong($"{file} is no JSON: line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Wrong($"{file} cannot be read: {e.Message}");
        }
    }

    private static string DefaultFolder(IReadOnlyDictionary<string, string> environment)
    {
        var home = environment.TryGetValue("XDG_DATA_HOME", out var data) && Path.IsPathFullyQualified(data)
            ? data
            : Path.Combine(environment.GetValueOrDefault("HOME", "."), ".local", "share");
        return Path.Combine(home, "axle");
    }

    private static Error Wrong(string message) => new("server.options", message, "axle-server --help", 400);

    /// <summary>One setting: its names in the three places, what it must be, and how it is taken over (null when it is not that).</summary>
    private sealed record Setting(string Name, string Argument, string Variable, string Must, Func<ServerOptions, string, ServerOptions?> Set);

    private static IReadOnlyList<Setting> Settings { get; } =
    [
        new("data", "--data", "AXLE_DATA", "a folder", (options, _) => options),
        new("port", "--port", "AXLE_PORT", "a port from 0 to 65535", (options, value) => Number(value, 0) is { } port ? options with { Port = port } : null),
        new("ingressPort", "--ingress-port", "AXLE_INGRESS_PORT", "a port from 1 to 65535", (options, value) => Number(value, 1) is { } port ? options with { IngressPort = port } : null),
        new("listen", "--listen", "AXLE_LISTEN", "an IP address, as in 0.0.0.0", (options, value) => IPAddress.TryParse(value, out var address) ? options with { Listen = address } : null),
        new("publicUrl", "--public-url", "AXLE_PUBLIC_URL", "an http or https URL without a path", (options, value) => Origin(value) is { } url ? options with { PublicUrl = url } : null),
        new("logLevel", "--log-level", "AXLE_LOG_LEVEL", "debug, information, warning or error", (options, value) =>
            !int.TryParse(value, out _) && Enum.TryParse<LogLevel>(value, ignoreCase: true, out var level) ? options with { LogLevel = level } : null),
    ];

    private static int? Number(string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= 65535 ? number : null;

    private static string? Origin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") && url.PathAndQuery == "/" && url.UserInfo.Length == 0
            ? url.GetLeftPart(UriPartial.Authority)
            : null;
}
