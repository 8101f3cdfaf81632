using System.Security.Cryptography;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Sprig's random functions. What they give becomes passwords: the system's cryptographic source, and no other.</summary>
internal static class RandomFunctions
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const int LengthMax = 4096;

    private static readonly string s_ascii = string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c));

    public static IEnumerable<Function> All { get; } =
    [
        new("randAlphaNum", 1, 1, a => Text(a, Letters + Digits)),
        new("randAlpha", 1, 1, a => Text(a, Letters)),
        new("randNumeric", 1, 1, a => Text(a, Digits)),
        new("randAscii", 1, 1, a => Text(a, s_ascii)),
        new("randInt", 2, 2, a => a.Integer(0) < a.Integer(1) ? (long)RandomNumberGenerator.GetInt32(a.Integer(0), a.Integer(1)) : throw a.Wrong("the first number must be less than the second")),
        new("uuidv4", 0, 0, _ => Guid.NewGuid().ToString()),
    ];

    private static string Text(Arguments a, string characters) => a.Integer(0) is var length and >= 0 and <= LengthMax
        ? RandomNumberGenerator.GetString(characters, length)
        : throw a.Wrong($"makes 0 to {LengthMax} characters");
}
