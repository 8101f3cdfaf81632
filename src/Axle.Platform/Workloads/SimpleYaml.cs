using System.Buffers;
using System.Text;

namespace Axle.Platform.Workloads;

/// <summary>
/// Reads YAML as nearly all of it is written, in one pass: mappings and lists in blocks, texts of one line, literal blocks, short
/// lists in brackets. Whatever else there is, and every mistake, is left to <see cref="StrictYaml"/>'s parser, which says the same
/// of all that this one reads.
/// </summary>
internal sealed class SimpleYaml
{
    // Tabs, carriage returns, other controls and other ends of lines.
    private static readonly SearchValues<char> s_odd = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Where(c => c is (< ' ' or >= 0x7F) and not '\n').Select(c => (char)c), '\u2028', '\u2029', '\uFEFF', '\uFFFE', '\uFFFF']);

    private static readonly SearchValues<char> s_inWords = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./@");
    private static readonly SearchValues<char> s_inKeys = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./@ ");
    private static readonly SearchValues<char> s_beginsNoText = SearchValues.Create(" -?:,[]{}#&*!|>'\"%@`");

    private readonly string _text;
    private readonly string? _file;
    private int _line; // Its number in the file.
    private int _start; // Where it begins.
    private int _end; // Where its line feed is.
    private int _at; // What is read next.
    private bool _isEnded;
    private int _values;

    private SimpleYaml(string text, string? file, int linesBefore) => (_text, _file, _line, _end) = (text, file, linesBefore, -1);

    /// <summary>The document, or null when it has anything unusual.</summary>
    public static YamlValue? Read(string text, string? file, int linesBefore)
    {
        if (text.AsSpan().ContainsAny(s_odd))
        {
            return null;
        }

        var reading = new SimpleYaml(text, file, linesBefore);
        return reading.NextLine() && reading.Block(0) is { } value && reading._isEnded ? value : null;
    }

    private int Column => _at - _start;

    private Place Here => new(_file, _line, Column + 1);

    /// <summary>Goes to what the next line has that is neither empty nor a comment.</summary>
    private bool NextLine()
    {
        while (_end + 1 < _text.Length)
        {
            BeginLine(_end + 1);
            if (_at < _end && _text[_at] != '#')
            {
                return true;
            }
        }

        _isEnded = true;
        return false;
    }

    private void BeginLine(int start)
    {
        var rest = _text.AsSpan(start);
        var length = rest.IndexOf('\n') is >= 0 and var found ? found : rest.Length;
        var spaces = rest[..length].IndexOfAnyExcept(' ');
        (_line, _start, _end) = (_line + 1, start, start + length);
        _at = spaces < 0 ? _end : start + spaces;
    }

    /// <summary>Whether nothing but a comment follows on the line.</summary>
    private bool IsLast(int at)
    {
        var rest = _text.AsSpan(at.._end);
        var spaces = rest.IndexOfAnyExcept(' ');
        return spaces < 0 || (spaces > 0 && rest[spaces] == '#');
    }

    private bool IsItem => _text[_at] == '-' && (_at + 1 == _end || _text[_at + 1] == ' ');

    private YamlValue? Block(int depth) =>
        depth > StrictYaml.DepthMax || ++_values > StrictYaml.ValuesMax ? null : IsItem ? List(depth) : Map(depth);

    private YamlList? List(int depth)
    {
        var (indentation, place, items) = (Column, Here, new List<YamlValue>());
        do
        {
            _at++;
            if (Value(indentation, depth, isItem: true) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }
        while (!_isEnded && Column == indentation && IsItem);
        return _isEnded || Column <= indentation ? new YamlList(items, place) : null;
    }

    private YamlMap? Map(int depth)
    {
        var (indentation, place, entries) = (Column, Here, new YamlEntries());
        do
        {
            var keyPlace = Here;
            if (Key() is not { } key || Value(indentation, depth, isItem: false) is not { } value || !entries.TryAdd(new YamlEntry(key, keyPlace, value)))
            {
                return null;
            }
        }
        while (!_isEnded && Column == indentation);
        return _isEnded || Column < indentation ? new YamlMap(entries.All, place) : null;
    }

    /// <summary>A key that is followed by its colon, which is passed.</summary>
    private string? Key()
    {
        var (start, end, next) = (_at, 0, 0);
        if (_text[_at] is '"' or '\'')
        {
            (start, end) = (_at + 1, EndOfQuoted(_at));
            next = end + 1;
        }
        else
        {
            next = end = EndOfPlain(_at, out var isKey);
            end = isKey ? end : -1;
        }

        // A key that is longer is none by YAML's rules.
        if (end < 0 || end - start > 1000 || next >= _end || _text[next] != ':' || (next + 1 < _end && _text[next + 1] != ' '))
        {
            return null;
        }

        _at = next + 1;
        return _text[start..end] is var key && key != "<<" ? key : null;
    }

    /// <summary>What stands behind a colon or dash, on this line or below it; afterwards comes the next line.</summary>
    private YamlValue? Value(int indentation, int depth, bool isItem)
    {
        if (IsLast(_at))
        {
            var isThere = NextLine() && (Column > indentation || (!isItem && Column == indentation && IsItem));
            return isThere ? Block(depth + 1) : null;
        }

        _at += _text.AsSpan(_at).IndexOfAnyExcept(' ');
        if (isItem && (IsItem || IsKey))
        {
            return Block(depth + 1);
        }

        if (depth + 1 >= StrictYaml.DepthMax || ++_values > StrictYaml.ValuesMax)
        {
            return null;
        }

        YamlValue? value = _text[_at] switch
        {
            '|' => Literal(indentation),
            '[' => Words(),
            '{' => Nothing(),
            '"' or '\'' => Quoted(),
            _ => Plain(),
        };

        // A text that goes on below, or a mistake.
        return value is not null && (_isEnded || Column <= indentation) ? value : null;
    }

    private bool IsKey
    {
        get
        {
            if (_text[_at] is not ('"' or '\''))
            {
                return EndOfPlain(_at, out var isKey) >= 0 && isKey;
            }

            var end = EndOfQuoted(_at);
            return end >= 0 && end + 1 < _end && _text[end + 1] == ':';
        }
    }

    private YamlScalar? Plain()
    {
        var end = EndOfPlain(_at, out var isKey);
        return end < 0 || isKey ? null : Scalar(_text[_at..end], isPlain: true, end);
    }

    private YamlScalar? Quoted()
    {
        var end = EndOfQuoted(_at);
        return end < 0 ? null : Scalar(_text[(_at + 1)..end], isPlain: false, end + 1);
    }

    private YamlMap? Nothing()
    {
        var place = Here;
        return _text.AsSpan(_at.._end).StartsWith("{}") && IsLast(_at + 2) ? Then(new YamlMap([], place)) : null;
    }

    private YamlScalar? Scalar(string text, bool isPlain, int end)
    {
        var place = Here;
        return IsLast(end) ? Then(new YamlScalar(text, isPlain ? ScalarTypes.OfPlain(text) : ScalarType.Text, place)) : null;
    }

    private T Then<T>(T value)
    {
        NextLine();
        return value;
    }

    /// <summary>A list of words on one line: <c>[java, "spring boot"]</c>.</summary>
    private YamlList? Words()
    {
        var (place, items) = (Here, new List<YamlValue>());
        _at++;
        while (SkipSpaces())
        {
            if (_text[_at] == ']' && items.Count == 0)
            {
                break;
            }

            var isPlain = _text[_at] is not ('"' or '\'');
            var start = isPlain ? _at : _at + 1;
            var length = isPlain ? _text.AsSpan(_at.._end).IndexOfAnyExcept(s_inWords) : EndOfQuoted(_at) - start;
            if (length < (isPlain ? 1 : 0) || (isPlain && !char.IsAsciiLetterOrDigit(_text[_at])) || ++_values > StrictYaml.ValuesMax)
            {
                return null;
            }

            var text = _text.Substring(start, length);
            items.Add(new YamlScalar(text, isPlain ? ScalarTypes.OfPlain(text) : ScalarType.Text, Here));
            _at = start + length + (isPlain ? 0 : 1);
            if (!SkipSpaces() || _text[_at] is not (',' or ']'))
            {
                return null;
            }

            if (_text[_at] == ']')
            {
                break;
            }

            _at++;
        }

        return _at < _end && IsLast(_at + 1) ? Then(new YamlList(items, place)) : null;
    }

    private bool SkipSpaces()
    {
        var spaces = _text.AsSpan(_at.._end).IndexOfAnyExcept(' ');
        _at = spaces < 0 ? _end : _at + spaces;
        return _at < _end;
    }

    /// <summary>A block as it is written: <c>|</c> or, without its last line feed, <c>|-</c>.</summary>
    private YamlScalar? Literal(int parent)
    {
        var (place, isStripped) = (Here, _text.AsSpan(_at.._end) is "|-");
        if (!isStripped && _end - _at > 1)
        {
            return null;
        }

        var (text, indentation, empty) = (new StringBuilder(), -1, 0);
        while (_end + 1 < _text.Length)
        {
            BeginLine(_end + 1);
            if (_end == _text.Length)
            {
                return null; // Without a line feed at its end the chomping differs.
            }

            if (_at == _end && (indentation < 0 || _end - _start <= indentation))
            {
                // Spaces before the first line may say how far the block is indented.
                if (indentation < 0 && _end > _start)
                {
                    return null;
                }

                empty++;
                continue;
            }

            if (indentation < 0)
            {
                indentation = Column;
                if (indentation <= parent)
                {
                    return null;
                }
            }

            if (_at < _end && Column < indentation)
            {
                return text.Length > 0 && _text[_at] != '#' ? Block() : null;
            }

            text.Append('\n', empty).Append(_text, _start + indentation, _end - _start - indentation).Append('\n');
            empty = 0;
        }

        _isEnded = true;
        return text.Length > 0 ? Block() : null;

        YamlScalar Block() => new(text.ToString(0, text.Length - (isStripped ? 1 : 0)), ScalarType.Text, place);
    }

    /// <summary>Where the text in quotation marks ends that begins here: its last mark. Negative when it goes on below or has escapes.</summary>
    private int EndOfQuoted(int at)
    {
        var mark = _text[at];
        var length = _text.AsSpan((at + 1).._end).IndexOfAny(mark, '\\');
        var end = at + 1 + length;
        return length < 0 || (_text[end] != mark) || (end + 1 < _end && _text[end + 1] == mark) ? -1 : end;
    }

    /// <summary>Where the text without quotation marks ends that begins here. Negative when it could be anything else.</summary>
    private int EndOfPlain(int at, out bool isKey)
    {
        isKey = false;
        var isNegative = _text[at] == '-' && at + 1 < _end && char.IsAsciiLetterOrDigit(_text[at + 1]);
        if ((s_beginsNoText.Contains(_text[at]) && !isNegative) || _text.AsSpan(at).StartsWith("..."))
        {
            return -1;
        }

        for (var i = at + 1; ; i++)
        {
            var found = i < _end ? _text.AsSpan(i.._end).IndexOfAny(':', '#') : -1;
            if (found < 0)
            {
                return at + _text.AsSpan(at.._end).TrimEnd(' ').Length;
            }

            i += found;
            if (_text[i] == '#')
            {
                if (_text[i - 1] == ' ')
                {
                    return at + _text.AsSpan(at..i).TrimEnd(' ').Length;
                }
            }
            else if (i + 1 == _end || _text[i + 1] == ' ')
            {
                isKey = true;
                return _text[i - 1] != ' ' && !_text.AsSpan(at..i).ContainsAnyExcept(s_inKeys) ? i : -1;
            }
            else if (!char.IsAsciiLetterOrDigit(_text[i + 1]) && _text[i + 1] is not ('/' or '_' or '.'))
            {
                return -1;
            }
        }
    }
}
