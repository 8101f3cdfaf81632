using System.Globalization;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>The query of a request. The first thing wrong in it is kept, unknown names included, as Backstage refuses them.</summary>
internal sealed class Parameters
{
    private readonly IQueryCollection _query;

    public Parameters(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        _query = query;
        foreach (var name in query.Keys)
        {
            if (!known.Contains(name))
            {
                Error ??= new CatalogInputInvalid($"Unknown query parameter '{name}'");
            }
        }
    }

    public Error? Error { get; private set; }

    public IEnumerable<string?> All(string name) => _query[name];

    public string? One(string name) => _query[name] is [var first, ..] ? first : null;

    /// <summary>Separated by commas; null when it is not there.</summary>
    public IReadOnlyList<string>? List(string name) =>
        _query.TryGetValue(name, out var values) ? [.. values.SelectMany(value => value!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))] : null;

    public int Number(string name, int otherwise, int least)
    {
        if (One(name) is not { } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least)
        {
            return number;
        }

        Error ??= new CatalogInputInvalid($"Invalid {name} '{text}', must be a whole number of at least {least}");
        return otherwise;
    }

    /// <summary>The value, or nothing when it is refused: <see cref="Error"/> has why.</summary>
    public T? Take<T>(Result<T> read)
    {
        if (read.Error is { } error)
        {
            Error ??= error;
            return default;
        }

        return read.Value;
    }
}
