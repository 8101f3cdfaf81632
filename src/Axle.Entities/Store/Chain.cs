using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Axle.Entities.Store;

/// <summary>
/// Links each row of the log to the one before, so that a row that was changed, removed or slipped in later shows. The
/// entity goes in as its digest: a row whose content was dropped by retention can still be verified.
/// </summary>
internal static class Chain
{
    public static byte[] Start { get; } = new byte[SHA256.HashSizeInBytes];

    /// <param name="entity">Its JSON in UTF-8.</param>
    public static byte[] Digest(byte[] entity) => SHA256.HashData(entity);

    public static byte[] Link(byte[] before, long revision, string at, string actor, string verb, string which, byte[] digest, string? message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        Text(revision.ToString(CultureInfo.InvariantCulture));
        Text(at);
        Text(actor);
        Text(verb);
        Text(which);
        hash.AppendData(digest);
        Text(message);
        return hash.GetHashAndReset();

        // Lengths first: otherwise text could move from one field to the next unnoticed.
        void Text(string? text)
        {
            var bytes = text is null ? null : Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes?.Length ?? -1);
            hash.AppendData(length);
            hash.AppendData(bytes ?? []);
        }
    }
}
