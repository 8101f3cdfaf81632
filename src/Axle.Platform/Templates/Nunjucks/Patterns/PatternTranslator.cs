using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

/// <param name="Text">The expression in .NET's language; every capturing group has its number as its name.</param>
internal sealed record TranslatedPattern(string Text, int Groups, IReadOnlyDictionary<string, int> Named);

/// <summary>
/// Translates a regular expression of JavaScript (without its u and v flags, with what browsers tolerate) into .NET's
/// language. The two look alike and differ nearly everywhere, so nothing is passed through: each atom is read by
/// JavaScript's rules and written in .NET's most literal form.
/// </summary>
internal sealed class PatternTranslator
{
    private const string LineEnds = @"\n\r\u2028\u2029";
    private const string Word = "A-Za-z0-9_";

    private readonly string _source;
    private readonly bool _multiline;
    private readonly int _position;
    private readonly StringBuilder _output = new();
    private readonly Dictionary<string, int> _named = new(StringComparer.Ordinal);
    private readonly int _groups;
    private readonly bool _hasNames;
    private int _at;
    private int _opened;

    private PatternTranslator(string source, bool multiline, int position)
    {
        (_source, _multiline, _position) = (source, multiline, position);
        (_groups, _hasNames) = CountGroups(source);
    }

    /// <exception cref="TemplateFault">JavaScript would refuse it.</exception>
    public static TranslatedPattern Translate(string source, bool multiline, int position)
    {
        var translator = new PatternTranslator(source, multiline, position);
        translator.Alternatives();
        return translator._at < source.Length
            ? throw translator.Fault("there is a ')' without its '('")
            : new TranslatedPattern(translator._output.ToString(), translator._groups, translator._named);
    }

    private void Alternatives()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        while (_at < _source.Length && _source[_at] != ')')
        {
            if (_source[_at] == '|')
            {
                _output.Append('|');
                _at++;
            }
            else
            {
                Term();
            }
        }
    }

    private void Term()
    {
        var start = _output.Length;
        var repeatable = Atom();
        if (!TakeQuantifier(out var quantifier))
        {
            return;
        }

        if (!repeatable)
        {
            throw Fault("there is nothing to repeat before a quantifier");
        }

        // One element of .NET's language may be several of its characters.
        _output.Insert(start, "(?:").Append(')').Append(quantifier);
    }

    /// <returns>Whether it may be repeated.</returns>
    private bool Atom()
    {
        var character = _source[_at++];
        switch (character)
        {
            case '^':
                _output.Append(_multiline ? $@"(?:\A|(?<=[{LineEnds}]))" : @"\A");
                return false;
            case '$':
                _output.Append(_multiline ? $@"(?:\z|(?=[{LineEnds}]))" : @"\z");
                return false;
            case '.':
                _output.Append($"[^{LineEnds}]");
                return true;
            case '(':
                return OpenGroup();
            case '[':
                _output.Append(new PatternClass(_source, _at, _hasNames, Fault).Translate(out _at));
                return true;
            case '\\':
                return Escape();
            case '*' or '+' or '?':
                throw Fault("there is nothing to repeat before a quantifier");
            case '{' when Braces(_at - 1, out _, out _):
                throw Fault("there is nothing to repeat before a quantifier");
            default:
                _output.Append(Quoted(character));
                return true;
        }
    }

    private bool OpenGroup()
    {
        var repeatable = true;
        if (Take("?:"))
        {
            _output.Append("(?:");
        }
        else if (Take("?="))
        {
            _output.Append("(?=");
        }
        else if (Take("?!"))
        {
            _output.Append("(?!");
        }
        else if (Take("?<="))
        {
            _output.Append("(?<=");
            repeatable = false;
        }
        else if (Take("?<!"))
        {
            _output.Append("(?<!");
            repeatable = false;
        }
        else if (_at < _source.Length && _source[_at] == '?')
        {
            var name = Take("?<") ? GroupName() : throw Fault("'(?' begins no group that is known");
            if (!_named.TryAdd(name, ++_opened))
            {
                throw Fault($"the group '{name}' is there twice");
            }

            _output.Append(CultureInfo.InvariantCulture, $"(?<{_opened}>");
        }
        else
        {
            _output.Append(CultureInfo.InvariantCulture, $"(?<{++_opened}>");
        }

        Alternatives();
        if (!Take(")"))
        {
            throw Fault("a group has no ')'");
        }

        _output.Append(')');
        return repeatable;
    }

    private bool Escape()
    {
        if (_at >= _source.Length)
        {
            throw Fault("it ends in a backslash");
        }

        var character = _source[_at];
        if (character is 'b' or 'B')
        {
            _at++;
            _output.Append(character == 'b'
                ? $"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))"
                : $"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))");
            return false;
        }

        if (character is >= '1' and <= '9' && TakeBackreference() is { } number)
        {
            Backreference(number);
        }
        else if (character == 'k' && _hasNames)
        {
            _at++;
            var name = Take("<") ? GroupName() : throw Fault(@"'\k' needs the name of a group");
            Backreference(NumberOf(name));
        }
        else if (PatternClass.Set(character) is { } set)
        {
            _at++;
            _output.Append('[').Append(set).Append(']');
        }
        else
        {
            _output.Append(Quoted(PatternClass.EscapedCharacter(_source, ref _at, inClass: false)));
        }

        return true;
    }

    /// <summary>A group that has not matched yet is empty in JavaScript, and a failure in .NET.</summary>
    private void Backreference(int number) => _output.Append(CultureInfo.InvariantCulture, $@"(?({number})\k<{number}>)");

    private int? TakeBackreference()
    {
        var end = _at;
        var number = 0;
        while (end < _source.Length && char.IsAsciiDigit(_source[end]) && number <= _groups)
        {
            number = (number * 10) + _source[end++] - '0';
        }

        if (number > _groups || (end < _source.Length && char.IsAsciiDigit(_source[end])))
        {
            return null;
        }

        _at = end;
        return number;
    }

    private int NumberOf(string name)
    {
        // The group may come after the reference.
        var number = 0;
        for (var at = 0; at < _source.Length; at++)
        {
            if (_source[at] == '\\')
            {
                at++;
            }
            else if (_source[at] == '[')
            {
                at = PatternClass.SkipFrom(_source, at);
            }
            else if (_source[at] == '(' && Captures(_source, at))
            {
                number++;
                if (string.CompareOrdinal(_source, at, $"(?<{name}>", 0, name.Length + 4) == 0)
                {
                    return number;
                }
            }
        }

        throw Fault($"there is no group '{name}'");
    }

    private string GroupName()
    {
        var end = _source.IndexOf('>', _at);
        var name = end > _at ? _source[_at..end] : "";
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsLetterOrDigit(c) || c is '_' or '$'))
        {
            throw Fault("a group has no proper name");
        }

        _at = end + 1;
        return name;
    }

    private bool TakeQuantifier(out string quantifier)
    {
        quantifier = "";
        if (_at >= _source.Length)
        {
            return false;
        }

        if (_source[_at] is '*' or '+' or '?')
        {
            quantifier = _source[_at++].ToString();
        }
        else if (_source[_at] == '{' && Braces(_at, out var end, out quantifier))
        {
            _at = end;
        }
        else
        {
            return false;
        }

        quantifier += Take("?") ? "?" : "";
        return true;
    }

    /// <summary><c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; anything else in braces is plain text.</summary>
    private bool Braces(int at, out int end, out string quantifier)
    {
        (end, quantifier) = (0, "");
        var close = _source.IndexOf('}', at);
        var parts = close < 0 ? [] : _source[(at + 1)..close].Split(',');
        if (parts.Length is 0 or > 2 || parts[0].Length == 0 || !parts.All(part => part.All(char.IsAsciiDigit)))
        {
            return false;
        }

        var min = Bounded(parts[0]);
        var max = parts.Length == 1 ? min : parts[1].Length == 0 ? int.MaxValue : Bounded(parts[1]);
        if (max < min)
        {
            throw Fault("the bounds of a quantifier are the wrong way round");
        }

        end = close + 1;
        quantifier = string.Create(CultureInfo.InvariantCulture, $"{{{min},{(max == int.MaxValue ? "" : max.ToString(CultureInfo.InvariantCulture))}}}");
        return true;
    }

    private bool Take(string expected)
    {
        if (string.CompareOrdinal(_source, _at, expected, 0, expected.Length) != 0)
        {
            return false;
        }

        _at += expected.Length;
        return true;
    }

    private TemplateFault Fault(string message) => TemplateFault.Syntax($"this is no regular expression: {message}", _position);

    private static (int Groups, bool HasNames) CountGroups(string source)
    {
        var (groups, hasNames) = (0, false);
        for (var at = 0; at < source.Length; at++)
        {
            if (source[at] == '\\')
            {
                at++;
            }
            else if (source[at] == '[')
            {
                at = PatternClass.SkipFrom(source, at);
            }
            else if (source[at] == '(' && Captures(source, at))
            {
                groups++;
                hasNames |= at + 1 < source.Length && source[at + 1] == '?';
            }
        }

        return (groups, hasNames);
    }

    private static bool Captures(string source, int at) =>
        at + 1 >= source.Length || source[at + 1] != '?' || (at + 3 < source.Length && source[at + 2] == '<' && source[at + 3] is not ('=' or '!'));

    /// <summary>Beyond what fits, more makes no difference.</summary>
    private static int Bounded(string digits) => int.TryParse(digits, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static string Quoted(char character) =>
        char.IsAsciiLetterOrDigit(character) ? character.ToString() : string.Create(CultureInfo.InvariantCulture, $@"\u{(int)character:x4}");
}
