using System.Collections.Frozen;

namespace Axle.Platform.Templates.Nunjucks;

internal static class Names
{
    /// <summary>
    /// Names that reach an object's insides in JavaScript. They mean nothing here, and are refused as they are there, so
    /// that a template is accepted by both engines or by none.
    /// </summary>
    private static readonly FrozenSet<string> s_reserved = FrozenSet.Create(StringComparer.Ordinal, "constructor", "prototype", "__proto__");

    public static bool IsReserved(string name) => s_reserved.Contains(name);
}
