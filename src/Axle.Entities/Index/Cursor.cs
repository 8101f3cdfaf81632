using System.Buffers.Text;
using System.Text;

namespace Axle.Entities.Index;

/// <summary>Where the next page begins: behind a key, or before a revision. Opaque to clients.</summary>
internal readonly record struct Cursor(string? AfterKey, long? BeforeRevision)
{
    /// <summary>A key is at most three names of 63 characters and two separators; anything longer is not ours.</summary>
    private const int TextMax = 400;

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(AfterKey is null ? $"n{BeforeRevision}" : $"k{AfterKey}"));

    public static bool TryParse(string? text, out Cursor cursor)
    {
        cursor = default;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (text.Length > TextMax || !Base64Url.IsValid(text))
        {
            return false;
        }

        var inside = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        if (inside.StartsWith('k') && inside.Length > 1)
        {
            cursor = new Cursor(inside[1..], null);
            return true;
        }

        if (inside.StartsWith('n') && long.TryParse(inside.AsSpan(1), System.Globalization.NumberStyles.None, null, out var revision))
        {
            cursor = new Cursor(null, revision);
            return true;
        }

        return false;
    }
}
