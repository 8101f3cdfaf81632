using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Axle.Cli.Api;
using Axle.Cli.Configuration;
using Axle.Cli.Output;

namespace Axle.Cli;

/// <summary>One run of a verb: its terminal, the wanted format, and the platform it talks to (connected when first used).</summary>
internal sealed class Session(CliHost host, OutputFormat format) : IDisposable
{
    private ApiClient? _client;

    public CliHost Host { get; } = host;

    public OutputFormat Format { get; } = format;

    public Terminal Terminal { get; } = new(host);

    public ConfigFile Config { get; } = new(host);

    public DateTimeOffset Now => Host.Clock.GetUtcNow();

    /// <summary>The platform that the environment or the configuration names.</summary>
    public ApiClient Client => _client ??= ApiClient.Of(Config.Connection(), Host);

    /// <summary>Prints a value in the wanted format.</summary>
    /// <param name="people">How it looks as a table.</param>
    public int Show<T>(T value, JsonTypeInfo<T> type, Action<Terminal> people)
    {
        switch (Format)
        {
            case OutputFormat.Json:
                Host.Out.WriteLine(Pretty(JsonSerializer.SerializeToElement(value, type)));
                break;
            case OutputFormat.Yaml:
                Host.Out.Write(Yaml.Of(JsonSerializer.SerializeToElement(value, type)));
                break;
            default:
                people(Terminal);
                break;
        }

        return ExitCodes.Ok;
    }

    /// <summary>Connects to a platform other than the configured one.</summary>
    public void Connect(Connection connection)
    {
        _client?.Dispose();
        _client = ApiClient.Of(connection, Host);
    }

    public void Dispose() => _client?.Dispose();

    private static string Pretty(JsonElement element)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            element.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
