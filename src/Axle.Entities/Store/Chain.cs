using System.Buffers;
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
        var link = new ArrayBufferWriter<byte>(256);
        link.Write(before);
        Text(revision.ToString(CultureInfo.InvariantCulture));
        Text(at);
        Text(actor);
        Text(verb);
        Text(which);
        link.Write(digest);
        Text(message);
        return SHA256.HashData(link.WrittenSpan);

        // Lengths first: otherwise text could move from one field to the next unnoticed.
        void Text(string? text)
        {
            BinaryPrimitives.WriteInt32BigEndian(link.GetSpan(4), text is null ? -1 : Encoding.UTF8.GetByteCount(text));
            link.Advance(4);
            Encoding.UTF8.GetBytes(text ?? "", link);
        }
    }
}
