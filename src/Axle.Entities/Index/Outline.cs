using System.Text;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// What the index needs of a stored entity, read in one pass over its JSON without making objects of the rest: opening a large
/// store would otherwise take most of its time for objects that nobody asks for.
/// </summary>
internal readonly ref struct Outline
{
    private static readonly JsonReaderOptions s_reading = new() { MaxDepth = 128 };

    private static readonly (string Root, string Field, string Path)[] s_fields = [("spec", "type", "spec.type"), ("spec", "lifecycle", "spec.lifecycle"), ("status", "phase", "status.phase")];

    public required EntityRef Ref { get; init; }

    public required string Uid { get; init; }

    public required long Revision { get; init; }

    public required long Generation { get; init; }

    public required bool IsBeingDeleted { get; init; }

    public required Relation[] Relations { get; init; }

    /// <summary>As <see cref="Paths.Indexed"/>; null when only reading the entity can tell.</summary>
    public required List<(string Path, string Value)>? Indexed { get; init; }

    /// <summary>Where the relations stand in the JSON, with their name; empty when they are not there.</summary>
    public required (int Start, int End) RelationsAt { get; init; }

    /// <param name="json">An entity as the store writes it.</param>
    public static Outline Of(ReadOnlySpan<byte> json, Words words)
    {
        var reader = new Utf8JsonReader(json, s_reading);
        var reading = new Reading(words);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reading.Metadata(ref reader);
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                reader.Read();
                reading.Kind = words.Of(ref reader);
            }
            else if (reader.ValueTextEquals("relations"u8))
            {
                var start = (int)reader.TokenStartIndex;
                reading.Edges(ref reader);
                reading.Without = (start, (int)reader.BytesConsumed);
            }
            else if (reader.ValueTextEquals("spec"u8))
            {
                reading.Body(ref reader, "spec");
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                reading.Body(ref reader, "status");
            }
            else
            {
                reader.Skip();
            }
        }

        return reading.ToOutline();
    }

    /// <summary>As <see cref="RelationsAt"/>, without looking at what is behind them.</summary>
    public static (int Start, int End) RelationsIn(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, s_reading);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isThere, start) = (reader.ValueTextEquals("relations"u8), (int)reader.TokenStartIndex);
            reader.Skip();
            if (isThere)
            {
                return (start, (int)reader.BytesConsumed);
            }
        }

        return default;
    }

    private ref struct Reading(Words words)
    {
        private string _uid = "";
        private string _namespace = EntityRef.DefaultNamespace;
        private string _name = "";
        private long _revision;
        private long _generation;
        private bool _isBeingDeleted;
        private bool _isOdd;
        private readonly List<Relation> _edges = [];
        private readonly List<(string Path, string Value)> _indexed = [];

        public string Kind { private get; set; } = "";

        public (int Start, int End) Without { private get; set; }

        public readonly Outline ToOutline() => new()
        {
            Ref = new EntityRef(Kind, _namespace, _name),
            Uid = _uid,
            Revision = _revision,
            Generation = _generation,
            IsBeingDeleted = _isBeingDeleted,
            Relations = [.. _edges],
            Indexed = _isOdd ? null : _indexed,
            RelationsAt = Without,
        };

        public void Metadata(ref Utf8JsonReader reader)
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("uid"u8))
                {
                    reader.Read();
                    _uid = reader.GetString()!;
                }
                else if (reader.ValueTextEquals("namespace"u8))
                {
                    reader.Read();
                    _namespace = words.Of(ref reader);
                }
                else if (reader.ValueTextEquals("name"u8))
                {
                    reader.Read();
                    _name = reader.GetString()!;
                }
                else if (reader.ValueTextEquals("revision"u8))
                {
                    reader.Read();
                    _revision = reader.GetInt64();
                }
                else if (reader.ValueTextEquals("generation"u8))
                {
                    reader.Read();
                    _generation = reader.GetInt64();
                }
                else if (reader.ValueTextEquals("deletedAt"u8))
                {
                    reader.Read();
                    _isBeingDeleted = true;
                }
                else if (reader.ValueTextEquals("labels"u8))
                {
                    Labels(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        public readonly void Edges(ref Utf8JsonReader reader)
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var (type, target) = ("", "");
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isType = reader.ValueTextEquals("type"u8);
                    reader.Read();
                    (type, target) = isType ? (words.Of(ref reader), target) : (type, words.Of(ref reader));
                }

                _edges.Add(new Relation(type, EntityRef.Parse(target)));
            }
        }

        /// <summary>The fields of a spec or status that are indexed: nearly always each is there once, as a text.</summary>
        public void Body(ref Utf8JsonReader reader, string root)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return;
            }

            var found = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = FieldOf(root, reader.ValueSpan);
                reader.Read();
                if (field < 0)
                {
                    reader.Skip();
                    continue;
                }

                _isOdd |= reader.TokenType != JsonTokenType.String || (found & (1 << field)) != 0;
                found |= 1 << field;
                if (_isOdd)
                {
                    reader.Skip();
                }
                else
                {
                    _indexed.Add((s_fields[field].Path, words.Lower("", ref reader)));
                }
            }
        }

        private readonly void Labels(ref Utf8JsonReader reader)
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var path = words.Lower(Paths.Labels, ref reader);
                reader.Read();
                _indexed.Add((path, words.Lower("", ref reader)));
            }
        }

        private static int FieldOf(string root, ReadOnlySpan<byte> name)
        {
            for (var i = 0; i < s_fields.Length; i++)
            {
                if (s_fields[i].Root == root && name.Length == s_fields[i].Field.Length && Ascii.EqualsIgnoreCase(name, s_fields[i].Field))
                {
                    return i;
                }
            }

            return -1;
        }
    }
}
