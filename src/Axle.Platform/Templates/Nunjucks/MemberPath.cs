using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Paths as lodash's <c>get</c> reads them: names with dots between them, and indexes or quoted names in brackets.</summary>
internal static class MemberPath
{
    public static List<string> Parse(string text)
    {
        var path = new List<string>();
        var name = new StringBuilder();
        var afterBracket = false;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '[' && text.IndexOf(']', at) is > 0 and var close)
            {
                if (name.Length > 0)
                {
                    path.Add(name.ToString());
                    name.Clear();
                }

                path.Add(Unquoted(text[(at + 1)..close]));
                afterBracket = true;
                at = close;
            }
            else if (text[at] == '.')
            {
                // A dot behind a bracket ends nothing; one at the beginning ends an empty name.
                if (!afterBracket)
                {
                    path.Add(name.ToString());
                }

                name.Clear();
                afterBracket = false;
            }
            else
            {
                name.Append(text[at]);
                afterBracket = false;
            }
        }

        if (!afterBracket)
        {
            path.Add(name.ToString());
        }

        return path;
    }

    private static string Unquoted(string text) =>
        text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1].Replace("\\", "", StringComparison.Ordinal) : text;
}
