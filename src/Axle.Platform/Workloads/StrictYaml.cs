using Axle.Contracts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Axle.Platform.Workloads;

/// <summary>
/// Reads one YAML document from people or their repositories into a tree with places. Never throws on any input, reports
/// every duplicate key, and refuses documents that would grow without bound (alias bombs, deep nesting).
/// </summary>
public static class StrictYaml
{
    /// <summary>Characters of a document.</summary>
    public const int LengthMax = 1024 * 1024;

    /// <summary>Values of a document after its aliases were followed.</summary>
    public const int ValuesMax = 50_000;

    /// <summary>How deep mappings and lists may stand inside each other.</summary>
    public const int DepthMax = 32;

    /// <summary>The document, with problems that leave a tree (duplicate keys); or no tree, and why.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">Its name for the places, or null.</param>
    /// <param name="problems">Every mistake is added here.</param>
    /// <param name="linesBefore">Lines of the file before the document, which its places count too.</param>
    /// <param name="anyKeys">A key may be a mapping or list, as in <c>- {{ name }}</c> without quotes; it is then named as the npm package yaml names it: <c>{ name }</c>.</param>
    public static YamlValue? Read(string text, string? file, ICollection<Problem> problems, int linesBefore = 0, bool anyKeys = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(problems);
        if (text.Length > LengthMax)
        {
            problems.Add(new Problem($"the file is too big: {text.Length} characters, and at most {LengthMax} are read", file));
            return null;
        }

        text = text.TrimStart('\uFEFF');
        return SimpleYaml.Read(text, file, linesBefore) ?? Parse(text, file, problems, linesBefore, anyKeys);
    }

    /// <summary>What <see cref="SimpleYaml"/> does not read.</summary>
    internal static YamlValue? Parse(string text, string? file, ICollection<Problem> problems, int linesBefore, bool anyKeys)
    {
        if (FindControlCharacter(text, file, linesBefore) is { } unprintable)
        {
            problems.Add(unprintable);
            return null;
        }

        return new Reading(text, new Scanner(new StringReader(text)), file, problems, linesBefore, anyKeys).Document();
    }

    private static Problem? FindControlCharacter(string text, string? file, int linesBefore)
    {
        var (line, start) = (linesBefore + 1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                (line, start) = (line + 1, i + 1);
            }
            else if (text[i] is < ' ' and not ('\t' or '\r') or '\u007f')
            {
                return new Problem($"the character U+{(int)text[i]:X4} is not allowed in YAML; write it escaped inside double quotes", file, line, i - start + 1);
            }
        }

        return null;
    }

    private sealed class Reading(string text, Scanner scanner, string? file, ICollection<Problem> problems, int linesBefore, bool anyKeys)
    {
        private readonly Parser _parser = new(scanner);
        private readonly Dictionary<AnchorName, YamlValue> _anchors = [];
        private readonly HashSet<AnchorName> _open = [];
        private int _values;

        public YamlValue? Document()
        {
            try
            {
                _parser.Consume<StreamStart>();
                if (_parser.Accept<StreamEnd>(out _))
                {
                    return Refuse<YamlValue>("the file is empty", new Place(file, linesBefore + 1, 1));
                }

                _parser.Consume<DocumentStart>();
                if (Value(0) is not { } value)
                {
                    return null;
                }

                _parser.Consume<DocumentEnd>();
                if (!_parser.Accept<StreamEnd>(out _))
                {
                    return Refuse<YamlValue>("there is a second document here; one file describes one thing", PlaceOf(_parser.Current ?? throw new YamlException("ended")));
                }

                return value;
            }
            catch (YamlException e)
            {
                problems.Add(Syntax(e));
                return null;
            }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException or OverflowException)
            {
                // The parser has a few inputs that trip it instead of being refused; for the writer they are one thing. It has read
                // up to what tripped it.
                problems.Add(new Problem("is no YAML that can be read from here on", file, linesBefore + (int)Math.Max(1, scanner.CurrentPosition.Line), (int)Math.Max(1, scanner.CurrentPosition.Column)));
                return null;
            }
        }

        // Null means refused: the problem was added, and reading ends.
        private YamlValue? Value(int depth)
        {
            var place = PlaceOf(Peek());
            if (++_values > ValuesMax)
            {
                return Refuse<YamlValue>($"the document has more than {ValuesMax} values", place);
            }

            if (depth > DepthMax)
            {
                return Refuse<YamlValue>($"mappings and lists are nested deeper than {DepthMax}", place);
            }

            if (_parser.TryConsume<AnchorAlias>(out var alias))
            {
                return Follow(alias, place, depth);
            }

            if (_parser.TryConsume<Scalar>(out var scalar))
            {
                return Keep(scalar.Anchor, new YamlScalar(scalar.Value, TypeOf(scalar), place));
            }

            return _parser.Accept<SequenceStart>(out _) ? List(depth, place) : Map(depth, place);
        }

        private YamlValue? Follow(AnchorAlias alias, Place place, int depth)
        {
            if (_open.Contains(alias.Value))
            {
                return Refuse<YamlValue>($"the alias *{alias.Value} contains itself", place);
            }

            if (!_anchors.TryGetValue(alias.Value, out var target))
            {
                return Refuse<YamlValue>($"there is no anchor &{alias.Value} before this alias", place);
            }

            // The tree is shared, but whoever walks it pays for each use: count it as if it were written out.
            var (size, deep) = Measure(target);
            _values += size;
            return _values > ValuesMax || depth + deep > DepthMax
                ? Refuse<YamlValue>($"the aliases make the document larger than {ValuesMax} values or deeper than {DepthMax}", place)
                : target;
        }

        private (int Size, int Depth) Measure(YamlValue value)
        {
            if (!_measured.TryGetValue(value, out var known))
            {
                var parts = value switch
                {
                    YamlList list => list.Items.Select(Measure),
                    YamlMap map => map.Entries.Select(e => Measure(e.Value)),
                    _ => [],
                };
                var (size, depth) = (1L, 0);
                foreach (var part in parts)
                {
                    (size, depth) = (size + part.Size, Math.Max(depth, part.Depth + 1));
                }

                _measured[value] = known = ((int)Math.Min(size, ValuesMax + 1), depth);
            }

            return known;
        }

        private readonly Dictionary<YamlValue, (int Size, int Depth)> _measured = new(ReferenceEqualityComparer.Instance);

        private YamlList? List(int depth, Place place)
        {
            var start = _parser.Consume<SequenceStart>();
            Open(start.Anchor);
            var items = new List<YamlValue>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                if (Value(depth + 1) is not { } item)
                {
                    return null;
                }

                items.Add(item);
            }

            return Keep(start.Anchor, new YamlList(items, place));
        }

        private YamlMap? Map(int depth, Place place)
        {
            var start = _parser.Consume<MappingStart>();
            Open(start.Anchor);
            var entries = new YamlEntries();
            var merged = new List<YamlValue>();
            while (!_parser.TryConsume<MappingEnd>(out _))
            {
                var keyPlace = PlaceOf(Peek());
                if (!_parser.TryConsume<Scalar>(out var key))
                {
                    if (!anyKeys)
                    {
                        return Refuse<YamlMap>("a key must be a plain name", keyPlace);
                    }

                    if (Value(depth + 1) is not { } written)
                    {
                        return null;
                    }

                    key = new Scalar(InOneLine(written));
                }

                if (Value(depth + 1) is not { } value)
                {
                    return null;
                }

                if (key is { Value: "<<", Style: ScalarStyle.Plain })
                {
                    merged.Add(value);
                }
                else if (!entries.TryAdd(new YamlEntry(key.Value, keyPlace, value)))
                {
                    problems.Add(new Problem($"the key '{key.Value}' is here twice; it is first on line {entries.Find(key.Value)?.Place?.Line}", file, keyPlace.Line, keyPlace.Column));
                }
            }

            return Merge(entries, merged) ? Keep(start.Anchor, new YamlMap(entries.All, place)) : null;
        }

        private static string InOneLine(YamlValue value) => value switch
        {
            YamlMap map => map.Entries.Count == 0 ? "{}" : $"{{ {string.Join(", ", map.Entries.Select(entry => entry.Value is YamlScalar { Type: ScalarType.Null } ? entry.Key : $"{entry.Key}: {InOneLine(entry.Value)}"))} }}",
            YamlList list => list.Items.Count == 0 ? "[]" : $"[ {string.Join(", ", list.Items.Select(InOneLine))} ]",
            YamlScalar scalar => scalar.Type == ScalarType.Null ? "null" : scalar.Text,
            _ => "",
        };

        // "<<: *base" and "<<: [*a, *b]": what is written here wins, then the earlier one.
        private bool Merge(YamlEntries entries, List<YamlValue> merged)
        {
            foreach (var source in merged.SelectMany(m => m is YamlList list ? list.Items : [m]))
            {
                if (source is not YamlMap map)
                {
                    return Refuse<YamlMap>("'<<' merges mappings only", source.Place!) is not null;
                }

                foreach (var entry in map.Entries)
                {
                    entries.TryAdd(entry);
                }
            }

            return true;
        }

        private void Open(AnchorName anchor)
        {
            if (!anchor.IsEmpty)
            {
                _open.Add(anchor);
            }
        }

        private T Keep<T>(AnchorName anchor, T value)
            where T : YamlValue
        {
            if (!anchor.IsEmpty)
            {
                _open.Remove(anchor);
                _anchors[anchor] = value;
            }

            return value;
        }

        private ParsingEvent Peek() => _parser.Accept<ParsingEvent>(out var next) ? next : throw new YamlException("the document ends too early");

        private Place PlaceOf(ParsingEvent at) => new(file, linesBefore + (int)Math.Max(1, at.Start.Line), (int)Math.Max(1, at.Start.Column));

        private T? Refuse<T>(string message, Place place)
            where T : YamlValue
        {
            problems.Add(new Problem(message, place.File, place.Line, place.Column));
            return null;
        }

        private static ScalarType TypeOf(Scalar scalar)
        {
            if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
            {
                return scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? ScalarTypes.OfPlain(scalar.Value) : ScalarType.Text;
            }

            // An explicit tag counts only where the text fits it; !!str is what people use.
            return scalar.Tag.Value switch
            {
                "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:null" => ScalarTypes.OfPlain(scalar.Value),
                _ => ScalarType.Text,
            };
        }

        private Problem Syntax(YamlException e)
        {
            var lines = text.Split('\n');
            var line = (int)Math.Clamp(e.Start.Line, 1, lines.Length);
            var column = e.Start.Line > lines.Length ? lines[^1].Length + 1 : (int)Math.Max(1, e.Start.Column);

            // The scanner words this as a missing colon or a bad key, from some line before.
            for (var i = line; i <= Math.Min(e.End.Line + 1, lines.Length); i++)
            {
                var indentation = lines[i - 1][..(lines[i - 1].Length - lines[i - 1].TrimStart().Length)];
                if (indentation.IndexOf('\t', StringComparison.Ordinal) is var tab and >= 0)
                {
                    return new Problem("a tab indents this line, and YAML allows only spaces there", file, linesBefore + i, tab + 1);
                }
            }

            var reason = (e.InnerException ?? e).Message;
            return new Problem($"is not valid YAML: {char.ToLowerInvariant(reason[0])}{reason[1..].TrimEnd('.')}", file, linesBefore + line, column);
        }
    }
}
