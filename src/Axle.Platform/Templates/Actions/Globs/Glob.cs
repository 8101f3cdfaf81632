using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// One pattern for paths, in the language of npm's fast-glob as Backstage uses it: <c>*</c> and <c>?</c> within a folder,
/// <c>**</c> across folders, sets in brackets, <c>!(…)</c> and its kin; files that begin with a dot are files like others.
/// </summary>
internal sealed class Glob
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(1);

    private static readonly SearchValues<char> s_dynamic = SearchValues.Create("*?[]{}()!+@|\\");
    private static readonly SearchValues<char> s_notInExtension = SearchValues.Create("\\/.*?[(");
    private static readonly SearchValues<char> s_notInNames = SearchValues.Create("-*+?.^${}(|)[\\");

    private readonly List<Regex> _patterns;

    public Glob(string pattern) => _patterns = [.. GlobBraces.Expand(pattern).Select(one => new Regex(new Translator(one).Translate(), RegexOptions.CultureInvariant, s_timeMax))];

    /// <summary>A pattern that takes too long to decide about a path does not match it.</summary>
    public bool Matches(string path)
    {
        try
        {
            return _patterns.Exists(pattern => pattern.IsMatch(path));
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>Whether there is anything in it that stands for more than itself.</summary>
    public static bool IsDynamic(string pattern) => pattern.AsSpan().ContainsAny(s_dynamic);

    private sealed class Translator(string pattern)
    {
        private const string Segment = "[^/]";
        private readonly StringBuilder _regex = new();
        private readonly Stack<string> _closings = new();
        private int _at;

        public string Translate()
        {
            while (pattern.AsSpan(_at).StartsWith("./"))
            {
                _at += 2;
            }

            _regex.Append(@"\A(?:");
            while (_at < pattern.Length)
            {
                Next();
            }

            while (_closings.TryPop(out var closing))
            {
                _regex.Append(closing == Negated ? NegatedEnd() : closing);
            }

            return _regex.Append(@")/?\z").ToString();
        }

        private bool AtStart => _at == 0 || pattern[_at - 1] == '/';

        private void Next()
        {
            var c = pattern[_at];
            if (AtStart && c is '*' or '?' or '!' or '+' or '@' && !Globstar(_at))
            {
                // A folder or file has a name.
                _regex.Append("(?=[^/])");
            }

            if (c is '!' or '+' or '@' or '*' or '?' && _at + 1 < pattern.Length && pattern[_at + 1] == '(')
            {
                Open(c);
                return;
            }

            switch (c)
            {
                case '*':
                    Star();
                    break;
                case '?':
                    _regex.Append(Segment);
                    _at++;
                    break;
                case '[' when Set() is { } end:
                    _at = end;
                    break;
                case '(':
                    _regex.Append("(?:");
                    _closings.Push(")");
                    _at++;
                    break;
                case '|' when _closings.Count > 0:
                    _regex.Append('|');
                    _at++;
                    break;
                case ')' when _closings.TryPop(out var closing):
                    _at++;
                    _regex.Append(closing == Negated ? NegatedEnd() : closing);
                    break;
                case '\\' when _at + 1 < pattern.Length:
                    _regex.Append(Regex.Escape(pattern[_at + 1].ToString()));
                    _at += 2;
                    break;
                default:
                    _regex.Append(Regex.Escape(c.ToString()));
                    _at++;
                    break;
            }
        }

        private const string Negated = "!";

        private void Open(char kind)
        {
            _regex.Append(kind == '!' ? "(?:(?!(?:" : "(?:");
            _closings.Push(kind switch { '!' => Negated, '*' => ")*", '+' => ")+", '?' => ")?", _ => ")" });
            _at += 2;
        }

        /// <summary>Anything that is not what was excluded; at the pattern's end the exclusion is of whole names.</summary>
        private string NegatedEnd()
        {
            var rest = pattern[_at..];
            return rest.TrimStart(')').Length == 0 ? @")\z)[^/]*)"
                : rest.StartsWith('.') && !rest.AsSpan(1).ContainsAny(s_notInExtension) ? $"){Regex.Escape(rest)})[^/]*?)"
                : "))[^/]*?)";
        }

        private bool Globstar(int at) =>
            pattern.AsSpan(at).StartsWith("**") && (at == 0 || pattern[at - 1] == '/') && (at + 2 == pattern.Length || pattern[at + 2] == '/');

        private void Star()
        {
            if (!Globstar(_at))
            {
                while (_at < pattern.Length && pattern[_at] == '*' && !(_at + 1 < pattern.Length && pattern[_at + 1] == '('))
                {
                    _at++;
                }

                _regex.Append("[^/]*?");
                return;
            }

            _at += 2;
            if (_at < pattern.Length)
            {
                // With its slash: no folder, or any number of them.
                _at++;
                _regex.Append("(?:.*/)?");
            }
            else if (_regex.Length > 0 && _regex[^1] == '/')
            {
                // The folder itself, and all in it.
                _regex.Length--;
                _regex.Append("(?:/.*)?");
            }
            else
            {
                _regex.Append(".*");
            }
        }

        /// <summary>Appends a set, or the same characters as they stand: <c>[id].tsx</c> is also a file's name.</summary>
        private int? Set()
        {
            var from = _at + 1;
            var negated = from < pattern.Length && pattern[from] is '!' or '^';
            from += negated ? 1 : 0;
            var end = pattern.IndexOf(']', Math.Min(from + 1, pattern.Length));
            while (end > 0 && pattern.AsSpan(from, end - from).LastIndexOf("[:") is >= 0 and var posix && pattern.AsSpan(from + posix, end - from - posix).IndexOf(":]") < 0 && end + 1 < pattern.Length && pattern[end - 1] == ':')
            {
                end = pattern.IndexOf(']', end + 1);
            }

            if (end < 0)
            {
                return null;
            }

            var inside = pattern[from..end];
            var set = Posix(inside);
            var literal = pattern[_at..(end + 1)];
            _regex.Append(!inside.AsSpan().ContainsAny(s_notInNames) && !negated ? $"(?:{Regex.Escape(literal)}|[{set}])" : $"[{(negated ? "^/" : "")}{set}]");
            return end + 1;
        }

        private static string Posix(string inside) => inside
            .Replace("[:alnum:]", "a-zA-Z0-9", StringComparison.Ordinal)
            .Replace("[:alpha:]", "a-zA-Z", StringComparison.Ordinal)
            .Replace("[:digit:]", "0-9", StringComparison.Ordinal)
            .Replace("[:lower:]", "a-z", StringComparison.Ordinal)
            .Replace("[:upper:]", "A-Z", StringComparison.Ordinal)
            .Replace("[:word:]", "A-Za-z0-9_", StringComparison.Ordinal)
            .Replace("[:xdigit:]", "A-Fa-f0-9", StringComparison.Ordinal)
            .Replace("[:space:]", @"\s", StringComparison.Ordinal)
            .Replace("[", @"\[", StringComparison.Ordinal);
    }
}
