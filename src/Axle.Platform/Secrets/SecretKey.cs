using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Engines.Sealing;

namespace Axle.Platform.Secrets;

/// <summary>
/// The master key as this capability uses it: opened once at start, and checked against what is stored. Without the right key
/// the platform runs, but nothing secret is read or written.
/// </summary>
internal sealed class SecretKey
{
    private const string Schema = "axle.secrets/1";
    private const string Tenant = "default";
    private const string FingerprintFact = "fingerprint";
    private const int FingerprintKeyBytes = 32;

    private readonly MasterKey? _master;
    private readonly byte[] _fingerprintKey = [];

    public SecretKey(PlatformOptions options, SecretDatabase database)
    {
        // A key folder that is gone altogether looks like a new platform; what is stored tells that it is none.
        var known = Known(database);
        if (known is not null && options.MasterKey is null && !File.Exists(Path.Combine(options.DataFolder, "keys", "master.key")))
        {
            Sealed = new MasterKeyMissing(Path.Combine(options.DataFolder, "keys", "master.key"));
            return;
        }

        try
        {
            if (!MasterKey.Open(options.DataFolder, options.MasterKey?.Reveal()).TryGet(out _master, out var error))
            {
                Sealed = error;
                return;
            }

            _fingerprintKey = known is null ? First(database) : _master.Unseal(known, Fact(FingerprintFact));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Sealed = new KeyFolderUnreadable(Path.Combine(options.DataFolder, "keys"), e.Message);
        }
        catch (CryptographicException)
        {
            Sealed = new MasterKeyForeign(_master!.Id);
        }
    }

    /// <summary>Why nothing opens; null when all is well.</summary>
    public Error? Sealed { get; }

    /// <summary>The master key.</summary>
    /// <exception cref="InvalidOperationException">The store is sealed; callers ask <see cref="Sealed"/> first.</exception>
    public MasterKey Master => Sealed is null ? _master! : throw new InvalidOperationException(Sealed.Message);

    /// <summary>The key of <see cref="ISecrets.Fingerprint"/>.</summary>
    public byte[] FingerprintKey => Sealed is null ? _fingerprintKey : throw new InvalidOperationException(Sealed.Message);

    public byte[] Seal(SecretScope scope, string name, int version, SecretValue value) => Master.Seal(Encoding.UTF8.GetBytes(value.Reveal()), Context(scope, name, version));

    /// <summary>Null when it was changed, moved from elsewhere, or closed by a key that is not there.</summary>
    public SecretValue? Unseal(byte[] envelope, SecretScope scope, string name, int version)
    {
        try
        {
            return new SecretValue(Encoding.UTF8.GetString(Master.Unseal(envelope, Context(scope, name, version))));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Closed by the key in use; null when it does not open.</summary>
    public byte[]? Rewrap(byte[] envelope, string context)
    {
        try
        {
            return Master.Rewrap(envelope, context);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>What a value is and whose. Part of every seal, so that a ciphertext moved to another row never opens.</summary>
    public static string Context(SecretScope scope, string name, int version) => $"{Schema}|{Tenant}|{scope.Path}|{name}|{version}";

    /// <summary>The context of something that the capability keeps for itself.</summary>
    public static string Fact(string name) => $"{Schema}|{Tenant}|fact|{name}";

    private static byte[]? Known(SecretDatabase database) =>
        database.Read("SELECT envelope FROM facts WHERE name = $name", row => (byte[])row[0], ("$name", FingerprintFact)).FirstOrDefault();

    private byte[] First(SecretDatabase database)
    {
        var key = RandomNumberGenerator.GetBytes(FingerprintKeyBytes);
        var envelope = _master!.Seal(key, Fact(FingerprintFact));
        database.Write(writer => writer.Run("INSERT INTO facts (name, envelope) VALUES ($name, $envelope)", ("$name", FingerprintFact), ("$envelope", envelope)));
        return key;
    }
}

/// <summary>The folder of the key cannot be read or written.</summary>
internal sealed record KeyFolderUnreadable(string Folder, string Why)
    : Error("secrets.sealed", $"The master key in {Folder} cannot be read: {Why.TrimEnd('.')}.", "Give the platform's user the folder (mode 0700) and its files (0600), then start again.", 503);

/// <summary>There is a key, but it does not open this platform's secrets.</summary>
internal sealed record MasterKeyForeign(string Found)
    : Error("secrets.sealed", $"The master key {Found} does not open what secrets.db holds: they belong to different platforms, or to different times.", "Put back the key that belongs to this secrets.db, or the secrets.db that belongs to this key, then start again.", 503);
