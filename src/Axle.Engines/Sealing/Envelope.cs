using System.Security.Cryptography;
using System.Text;

namespace Axle.Engines.Sealing;

/// <summary>
/// A value closed by AES-256-GCM under a key of its own, which is closed in turn by the master key; both under the same
/// context. Layout: algorithm (1 byte), id of the master key (8), nonce (12), closed key (32 + 16), nonce (12), closed value
/// (n + 16).
/// </summary>
internal static class Envelope
{
    public const int KeyIdLength = 8;

    private const byte Aes256Gcm = 1;
    private const int NonceBytes = 12;
    private const int KeyBytes = 32;
    private const int TagBytes = 16;
    private const int KeyAt = 1 + KeyIdLength;
    private const int ValueAt = KeyAt + NonceBytes + KeyBytes + TagBytes;

    public static byte[] Seal(ReadOnlySpan<byte> value, ReadOnlySpan<byte> context, string keyId, byte[] key)
    {
        var envelope = new byte[ValueAt + NonceBytes + value.Length + TagBytes];
        Span<byte> inner = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(inner);
        Head(envelope, keyId);
        Close(inner, context, key, envelope.AsSpan(KeyAt, ValueAt - KeyAt));
        Close(value, context, inner, envelope.AsSpan(ValueAt));
        CryptographicOperations.ZeroMemory(inner);
        return envelope;
    }

    public static byte[] Open(ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> context, byte[] key)
    {
        var inner = Uncover(envelope[KeyAt..ValueAt], context, key);
        var value = Uncover(envelope[ValueAt..], context, inner);
        CryptographicOperations.ZeroMemory(inner);
        return value;
    }

    public static byte[] Rewrap(ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> context, byte[] oldKey, string keyId, byte[] key)
    {
        var inner = Uncover(envelope[KeyAt..ValueAt], context, oldKey);
        var fresh = envelope.ToArray();
        Head(fresh, keyId);
        Close(inner, context, key, fresh.AsSpan(KeyAt, ValueAt - KeyAt));
        CryptographicOperations.ZeroMemory(inner);
        return fresh;
    }

    /// <exception cref="CryptographicException">It is no envelope.</exception>
    public static string KeyOf(ReadOnlySpan<byte> envelope) => envelope.Length >= ValueAt + NonceBytes + TagBytes && envelope[0] == Aes256Gcm
        ? Encoding.ASCII.GetString(envelope.Slice(1, KeyIdLength))
        : throw new CryptographicException("This was not closed by Axle, or was cut off.");

    private static void Head(Span<byte> envelope, string keyId)
    {
        envelope[0] = Aes256Gcm;
        Encoding.ASCII.GetBytes(keyId, envelope.Slice(1, KeyIdLength));
    }

    private static void Close(ReadOnlySpan<byte> value, ReadOnlySpan<byte> context, ReadOnlySpan<byte> key, Span<byte> into)
    {
        using var aes = new AesGcm(key, TagBytes);
        RandomNumberGenerator.Fill(into[..NonceBytes]);
        aes.Encrypt(into[..NonceBytes], value, into.Slice(NonceBytes, value.Length), into[(NonceBytes + value.Length)..], context);
    }

    private static byte[] Uncover(ReadOnlySpan<byte> closed, ReadOnlySpan<byte> context, byte[] key)
    {
        using var aes = new AesGcm(key, TagBytes);
        var value = new byte[closed.Length - NonceBytes - TagBytes];
        aes.Decrypt(closed[..NonceBytes], closed[NonceBytes..^TagBytes], closed[^TagBytes..], value, context);
        return value;
    }
}
