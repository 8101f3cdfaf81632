namespace Axle.Platform.Resources.GoTemplates;

/// <summary>
/// All functions of templates: Go's own and those of sprig that provisioners use. Where sprig hides a mistake (a wrong
/// regular expression, text that is no JSON) this is an error, so a function and its <c>must…</c> twin are the same.
/// </summary>
internal static class Functions
{
    private static readonly Dictionary<string, Function> s_all = BuiltInFunctions.All
        .Concat(TextFunctions.All)
        .Concat(PatternFunctions.All)
        .Concat(NumberFunctions.All)
        .Concat(ListFunctions.All)
        .Concat(MapFunctions.All)
        .Concat(CodingFunctions.All)
        .Concat(RandomFunctions.All)
        .ToDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>Functions of sprig that are left out on purpose.</summary>
    private static readonly HashSet<string> s_outside = ["env", "expandenv", "getHostByName", "now", "date", "dateInZone", "ago", "htmlDate", "htmlDateInZone", "dateModify", "genPrivateKey", "genCA", "genSelfSignedCert", "genSignedCert", "derivePassword", "bcrypt", "htpasswd", "encryptAES", "decryptAES", "osBase", "call", "js"];

    public static IReadOnlyCollection<string> Names => s_all.Keys;

    public static Function? Find(string name) =>
        s_all.TryGetValue(name, out var function) ? function
        : name.StartsWith("must", StringComparison.Ordinal) && name.Length > 4 && s_all.TryGetValue(char.ToLowerInvariant(name[4]) + name[5..], out var twin) ? twin
        : null;

    /// <summary>Why there is no such function.</summary>
    public static string WhyNot(string name) =>
        s_outside.Contains(name) ? $"the function {name} is not offered: a template sees what it is given, and no clock, key store, variable or network"
        : Workloads.Nearest.To(name, s_all.Keys) is { } near ? $"there is no function {Workloads.Field.Shorten(name)}; did you mean {near}?"
        : $"there is no function {Workloads.Field.Shorten(name)}";
}
