using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Tests;

/// <summary>
/// The hostile inputs in the folders beside this file. <c>[[text*number]]</c> in one stands for so many of that text, so that what
/// is large by repetition stays a line.
/// </summary>
internal static partial class Hostile
{
    public static IEnumerable<string> Files(string kind) =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Corpus", kind)).Order(StringComparer.Ordinal);

    public static IEnumerable<string> Names(string kind) => Files(kind).Select(file => Path.GetFileName(file));

    public static byte[] Read(string kind, string name)
    {
        // What is no UTF-8 comes out as it went in.
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Corpus", kind, name)));
        return Encoding.Latin1.GetBytes(Expanded(text));
    }

    public static string Text(string kind, string name) => Encoding.UTF8.GetString(Read(kind, name));

    public static string Expanded(string text) => Repeated().Replace(text, one =>
        new StringBuilder().Insert(0, Regex.Unescape(one.Groups["what"].Value), int.Parse(one.Groups["times"].ValueSpan, CultureInfo.InvariantCulture)).ToString());

    [GeneratedRegex(@"\[\[(?!\[)(?<what>[^\n]*?)\*(?<times>[0-9]+)\]\]")]
    private static partial Regex Repeated();
}
