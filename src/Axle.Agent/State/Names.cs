using System.Security.Cryptography;

namespace Axle.Agent.State;

/// <summary>Ids from outside become file names, so they are checked; ids made here are short and never used twice.</summary>
internal static class Names
{
    private const int LengthMax = 150;
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Letters, digits, <c>-_.</c>, beginning with a letter or digit.</summary>
    public static bool AreValid(string? id) =>
        id is { Length: > 0 and <= LengthMax } && char.IsAsciiLetterOrDigit(id[0]) && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    public static string Random(int length) => RandomNumberGenerator.GetString(Letters, length);
}
