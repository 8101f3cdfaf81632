using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Merges data into the text of a YAML document: lines that nothing is changed on stay as they are, with their comments. It is
/// made of few rules, and what it gives is read again by whoever asks, since YAML has more forms than those rules know.
/// </summary>
internal sealed class YamlEditing
{
    private readonly List<Edit> _edits = [];
    private readonly string _text;
    private readonly YamlStyle _style;
    private readonly bool _joinLists;

    private YamlEditing(string text, YamlStyle style, bool joinLists) => (_text, _style, _joinLists) = (text, style, joinLists);

    /// <summary>The text with the data in it; null when it has a form that is not known here.</summary>
    public static string? Merged(string text, JsonNode? there, JsonNode? content, YamlStyle style, bool joinLists)
    {
        var ended = text.EndsWith('\n') ? text : text + "\n";
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(ended));
            if (stream.Documents is not [{ RootNode: YamlMappingNode { Style: not MappingStyle.Flow, Children.Count: > 0 } root }] || there is not JsonObject old || content is not JsonObject change)
            {
                return null;
            }

            var editing = new YamlEditing(ended, style, joinLists);
            editing.Map(root, old, change);
            return editing.Text();
        }
        catch (Exception e) when (e is YamlException or ArgumentException)
        {
            return null;
        }
    }

    private string Text()
    {
        var text = _text;
        foreach (var edit in _edits.OrderByDescending(edit => edit.From).ThenByDescending(edit => edit.Order))
        {
            text = string.Concat(text.AsSpan(0, edit.From), edit.Text, text.AsSpan(edit.To));
        }

        return text;
    }

    private void Map(YamlMappingNode map, JsonObject old, JsonObject change)
    {
        var added = new JsonObject();
        foreach (var (name, value) in change)
        {
            if (map.Children.FirstOrDefault(entry => entry.Key is YamlScalarNode { Value: { } key } && key == name) is not { Key: YamlScalarNode key, Value: { } node })
            {
                added[name] = value?.DeepClone();
            }
            else if (node is YamlMappingNode { Style: not MappingStyle.Flow, Children.Count: > 0 } inner && old[name] is JsonObject inside && value is JsonObject more)
            {
                Map(inner, inside, more);
            }
            else if (node is YamlSequenceNode { Style: not SequenceStyle.Flow, Children.Count: > 0 } list && old[name] is JsonArray items && _joinLists)
            {
                // What is there stays; what is new comes after it, below the same dashes.
                var joined = (JsonArray)Merging.Merge(items, value, joinLists: true)!;
                if (joined.Count > items.Count)
                {
                    After(End(list), Indented(Written(new JsonArray([.. joined.Skip(items.Count).Select(item => item?.DeepClone())])), Column(list)));
                }
            }
            else
            {
                var merged = Merging.Merge(old[name], value, _joinLists);
                if (!JsonNode.DeepEquals(merged, old[name]))
                {
                    Replace(key, node, name, merged);
                }
            }
        }

        if (added.Count > 0)
        {
            After(End(map), Indented(Written(added), Column(map)));
        }
    }

    /// <summary>The value stands beside its key, or in lines below; a comment that ends the key's line stays there.</summary>
    private void Replace(YamlScalarNode key, YamlNode node, string name, JsonNode? value)
    {
        var lines = Written(new JsonObject { [name] = value?.DeepClone() })[..^1].Split('\n');
        var keyed = Written(new JsonObject { [name] = true }).Length - _style.True.Length - " \n".Length;
        var colon = _text.IndexOf(':', (int)key.End.Index);
        var beside = lines[0][Math.Min(keyed, lines[0].Length)..];
        var below = lines.Length > 1 ? Indented(string.Join('\n', lines.Skip(1)) + "\n", Column(key)) : "";
        var (from, to) = ((int)node.Start.Index, End(node));
        if (from <= colon || to <= from || _text.IndexOf('\n', colon) < from)
        {
            // Nothing is beside the key: the lines below are those of its value, if it has one.
            var line = _text.IndexOf('\n', colon) + 1;
            _edits.Add(new Edit(colon + 1, colon + 1, beside, 0));
            _edits.Add(new Edit(line, to > line ? _text.IndexOf('\n', to) + 1 : line, below, 1));
        }
        else
        {
            _edits.Add(new Edit(colon + 1, to, beside, 0));
            After(to, below);
        }
    }

    private void After(int place, string lines) => _edits.Add(new Edit(_text.IndexOf('\n', place) + 1, _text.IndexOf('\n', place) + 1, lines, 1 + _edits.Count));

    private string Written(JsonNode value) => YamlFormat.Write(value, _style);

    private static int Column(YamlNode node) => (int)node.Start.Column - 1;

    private static string Indented(string lines, int column) =>
        string.Concat(lines[..^1].Split('\n').Select(line => line.Length == 0 ? "\n" : $"{new string(' ', column)}{line}\n"));

    /// <summary>Where what is written of it ends, without the comments after it.</summary>
    private int End(YamlNode node)
    {
        var end = node switch
        {
            YamlMappingNode map => Closed(map.Children.SelectMany(entry => (YamlNode[])[entry.Key, entry.Value]), map, map.Style == MappingStyle.Flow ? '}' : null),
            YamlSequenceNode list => Closed(list.Children, list, list.Style == SequenceStyle.Flow ? ']' : null),
            _ => (int)node.End.Index,
        };
        while (end > 0 && end > node.Start.Index && char.IsWhiteSpace(_text[end - 1]))
        {
            end--;
        }

        return end;
    }

    /// <summary>The tree says where a list or mapping begins, and nothing of its end.</summary>
    private int Closed(IEnumerable<YamlNode> children, YamlNode node, char? bracket)
    {
        var last = children.Select(End).Append((int)node.Start.Index).Max();
        return bracket is { } close ? _text.IndexOf(close, last) + 1 : last;
    }

    /// <param name="Order">Of those at the same place, the order in which they stand there.</param>
    private sealed record Edit(int From, int To, string Text, int Order);
}
