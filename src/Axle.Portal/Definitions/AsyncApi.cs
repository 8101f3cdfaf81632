using System.Text.Json;

namespace Axle.Portal.Definitions;

/// <summary>Reads AsyncAPI 1.2 to 3: channels, and the messages that go through them.</summary>
internal static class AsyncApi
{
    private const int ChannelsMax = 200;
    private const int MessagesMax = 40;
    private const int SchemasMax = 300;
    private const int ServersMax = 10;

    public static bool Is(JsonElement document) => document.TextAt("asyncapi") is not null;

    public static ApiDocument Read(JsonElement document)
    {
        var schemas = new SchemaReader(document);
        var info = document.At("info") ?? default;
        var channels = document.MapAt("channels").Concat(document.MapAt("topics")).ToList();
        var groups = channels.Take(ChannelsMax).Select(channel => Channel(channel, document, schemas)).ToList();
        return new ApiDocument(
            $"AsyncAPI {document.TextAt("asyncapi")}",
            info.TextAt("title"),
            info.TextAt("version"),
            SchemaReader.About(info),
            [.. document.MapAt("servers").Take(ServersMax).Select(server => Server(schemas.Follow(server.Value))).OfType<string>()],
            groups,
            [.. (document.At("components") ?? default).MapAt("schemas").Take(SchemasMax).Select(one => (one.Name, schemas.Read(one.Value)))],
            Math.Max(0, channels.Count - ChannelsMax))
        {
            Unresolved = schemas.Unresolved,
        };
    }

    private static ApiGroup Channel(JsonProperty channel, JsonElement document, SchemaReader schemas)
    {
        var value = schemas.Follow(channel.Value);
        var name = value.TextAt("address") is { Length: > 0 } address ? address : channel.Name;
        var operations = new List<ApiOperation>();

        // Before 3 the operations are in the channel, named from the other side: who subscribes receives.
        foreach (var (word, verb) in (ReadOnlySpan<(string, string)>)[("publish", "publish"), ("subscribe", "subscribe")])
        {
            if (value.At(word) is { ValueKind: JsonValueKind.Object } operation)
            {
                operations.Add(Operation(verb, name, operation, operation.At("message") is { } message ? Messages(message, schemas) : [], schemas));
            }
        }

        // From 3 on they stand beside the channels and refer to them.
        foreach (var operation in document.MapAt("operations"))
        {
            if (operation.Value.At("channel") is { } at && at.TextAt("$ref") == $"#/channels/{channel.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}")
            {
                var messages = operation.Value.ListAt("messages").Take(MessagesMax).Select(schemas.Follow).ToList();
                operations.Add(Operation(
                    operation.Value.TextAt("action") ?? "send",
                    operation.Name,
                    operation.Value,
                    messages.Count > 0 ? messages.Select((message, at) => (Name(message, $"message {at + 1}"), message)) : InChannel(value, schemas),
                    schemas));
            }
        }

        if (operations.Count == 0 && value.At("messages") is not null)
        {
            operations.Add(Operation("messages", name, default, InChannel(value, schemas), schemas));
        }

        return new ApiGroup(name, SchemaReader.About(value), operations);
    }

    private static IEnumerable<(string Name, JsonElement Message)> InChannel(JsonElement channel, SchemaReader schemas) =>
        channel.MapAt("messages").Take(MessagesMax).Select(one => (one.Name, schemas.Follow(one.Value)));

    private static ApiOperation Operation(string verb, string path, JsonElement operation, IEnumerable<(string Name, JsonElement Message)> messages, SchemaReader schemas) => new(
        verb,
        path,
        operation.TextAt("summary"),
        SchemaReader.About(operation),
        operation.IsTrueAt("deprecated"),
        [],
        [.. messages.Select(one => new ApiBody(
            one.Message.TextAt("contentType") is { } type ? $"{one.Name} · {type}" : one.Name,
            one.Message.TextAt("summary") ?? SchemaReader.About(one.Message),
            schemas.Read(Payload(one.Message))))],
        []);

    private static IEnumerable<(string Name, JsonElement Message)> Messages(JsonElement message, SchemaReader schemas)
    {
        var value = schemas.Follow(message);
        var several = value.ListAt("oneOf").Take(MessagesMax).ToList();
        return several.Count > 0
            ? several.Select((one, at) => (Name(schemas.Follow(one), Last(one) ?? $"message {at + 1}"), schemas.Follow(one)))
            : [(Name(value, Last(message) ?? "message"), value)];
    }

    /// <summary>With a schema in another language than JSON Schema the payload is one level deeper.</summary>
    private static JsonElement? Payload(JsonElement message) =>
        message.At("payload") is { } payload ? payload.At("schemaFormat") is not null && payload.At("schema") is { } schema ? schema : payload : null;

    private static string Name(JsonElement message, string otherwise) => message.TextAt("title") ?? message.TextAt("name") ?? otherwise;

    private static string? Last(JsonElement reference) => reference.TextAt("$ref")?.Split('/')[^1];

    private static string? Server(JsonElement server) =>
        (server.TextAt("url") ?? (server.TextAt("host") is { } host ? host + server.TextAt("pathname") : null)) is { } address
            ? server.TextAt("protocol") is { } protocol ? $"{address} ({protocol})" : address
            : null;
}
