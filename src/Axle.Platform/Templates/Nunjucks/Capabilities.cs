using System.Collections.Frozen;
using Axle.Contracts;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>A function of the platform that templates may call. It gets values, never the template's own functions.</summary>
/// <param name="arguments">For a filter, its input comes first.</param>
internal delegate Result<Value> Capability(IReadOnlyList<Value> arguments);

/// <summary>
/// What templates can do beyond the language itself. There is nothing else through which one could reach the platform, so
/// whoever adds an entry decides what every template may do.
/// </summary>
internal sealed class Capabilities(IEnumerable<KeyValuePair<string, Capability>> filters, IEnumerable<KeyValuePair<string, Capability>> globals)
{
    private readonly FrozenDictionary<string, Capability> _filters = filters.ToFrozenDictionary(StringComparer.Ordinal);
    private readonly FrozenDictionary<string, Capability> _globals = globals.ToFrozenDictionary(StringComparer.Ordinal);

    public static Capabilities None { get; } = new([], []);

    /// <summary>The filter of this name, which hides one of the language.</summary>
    public Capability? Filter(string name) => _filters.GetValueOrDefault(name);

    /// <summary>The global function of this name; the values of a template hide it.</summary>
    public Capability? Global(string name) => _globals.GetValueOrDefault(name);

    /// <summary>These and more functions.</summary>
    public Capabilities WithGlobals(IEnumerable<KeyValuePair<string, Capability>> more) => new(_filters, _globals.Concat(more));
}
