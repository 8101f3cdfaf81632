using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources;

/// <summary>
/// Reads what a claim asks for by its params, one by one, and remembers everything that is wrong with them. What nobody read is no
/// param of the type.
/// </summary>
/// <param name="claim">Whose.</param>
/// <param name="type">What people call the type.</param>
internal sealed class ParamReader(ResourceClaimSpec claim, string type)
{
    private readonly List<string> _names = [];
    private readonly List<Problem> _problems = [];

    public int Number(string name, int otherwise, int least, int most) =>
        Take(name, otherwise, value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? (true, number) : default, $"must be a number from {least} to {most}");

    /// <summary>An amount as in <c>64Mi</c>, or of bytes.</summary>
    public long Bytes(string name, long otherwise, long least, long most, string expected) =>
        Take(name, otherwise, value => (Text(value) is "0" ? 0 : Quantity.Bytes(Text(value))) is { } bytes && bytes >= least && bytes <= most ? (true, bytes) : default, expected);

    public bool Flag(string name, bool otherwise) =>
        Take(name, otherwise, value => (value.ValueKind is JsonValueKind.True or JsonValueKind.False, value.ValueKind == JsonValueKind.True), "must be true or false");

    public string? Text(string name, string? otherwise, Predicate<string> isRight, string expected) =>
        Take(name, otherwise, value => value.ValueKind == JsonValueKind.String && value.GetString()! is var text && isRight(text) ? (true, text) : default, expected);

    /// <summary>A list of texts, each of which is right; without order and without repetition.</summary>
    public IReadOnlyList<string> Set(string name, Predicate<string> isRight, string wrong, string expected)
    {
        var right = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var one in Take<IReadOnlyList<JsonElement>>(name, [], value => value.ValueKind == JsonValueKind.Array ? (true, [.. value.EnumerateArray()]) : default, expected))
        {
            if (one.ValueKind == JsonValueKind.String && isRight(one.GetString()!))
            {
                right.Add(one.GetString()!);
            }
            else
            {
                Refuse(name, $"{Field.Shorten(one.GetRawText())} {wrong}");
            }
        }

        return [.. right];
    }

    /// <summary>For what can be said of several params together only.</summary>
    public void Refuse(string name, string why) => _problems.Add(new Problem(why, Path: $"params.{name}"));

    /// <summary>What was read, when nothing is wrong. Comes last.</summary>
    public Result<T> Done<T>(T read)
    {
        foreach (var unknown in claim.Params.ValueKind == JsonValueKind.Object ? claim.Params.EnumerateObject().Select(given => given.Name).Except(_names) : [])
        {
            Refuse(unknown, $"is no param of {type}; there are {string.Join(", ", _names)}");
        }

        return _problems.Count > 0 ? new ParamsInvalid(claim.Uid, _problems) : read;
    }

    private T Take<T>(string name, T otherwise, Func<JsonElement, (bool Right, T Value)> read, string expected)
    {
        _names.Add(name);
        if (claim.Params.ValueKind != JsonValueKind.Object || !claim.Params.TryGetProperty(name, out var given))
        {
            return otherwise;
        }

        var (right, value) = read(given);
        if (!right)
        {
            Refuse(name, expected);
        }

        return right ? value : otherwise;
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
