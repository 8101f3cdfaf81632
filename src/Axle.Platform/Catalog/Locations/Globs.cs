using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Patterns of paths: <c>*</c> within a folder, <c>**</c> through any number of them, <c>?</c> one character.</summary>
internal static class Globs
{
    public static bool Has(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>The paths that match, in order. Linear in each path's length, whatever the pattern.</summary>
    public static IEnumerable<string> Matching(string pattern, IEnumerable<string> paths)
    {
        var form = Form(pattern.Trim('/'));
        return paths.Where(path => form.IsMatch(path)).Order(StringComparer.Ordinal);
    }

    public static bool Matches(string pattern, string text) => Form(pattern).IsMatch(text);

    private static Regex Form(string pattern)
    {
        var form = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when pattern.AsSpan(i).StartsWith("**/"):
                    form.Append("(.*/)?");
                    i += 2;
                    break;
                case '*' when pattern.AsSpan(i).StartsWith("**"):
                    form.Append(".*");
                    i++;
                    break;
                case '*':
                    form.Append("[^/]*");
                    break;
                case '?':
                    form.Append("[^/]");
                    break;
                default:
                    form.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return new Regex(form.Append(@"\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
