using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;

namespace Axle.Engines.Sealing;

/// <summary>
/// The key that closes everything secret which Axle keeps on disk, in both planes. It comes from <c>keys/master.key</c> below
/// the data folder (mode 0600: the key in use on the first line, retired ones below it, 32 bytes in Base64 each) or, where a
/// disk must not hold it, from the variable <c>AXLE_MASTER_KEY</c> (the same, separated by commas).
/// </summary>
/// <remarks>
/// <c>keys/master.id</c> remembers which key was used: a key that went missing, or is another one, is an error and never
/// silently a new key.
/// </remarks>
public sealed class MasterKey
{
    /// <summary>The variable that holds the key where no file may.</summary>
    public const string Variable = "AXLE_MASTER_KEY";

    private const int KeyBytes = 32;
    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Others hold the lock for as long as a small file takes to be written.</summary>
    private static readonly TimeSpan s_lockMax = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string? _variable;
    private readonly Lock _lock = new();
    private IReadOnlyList<(string Id, byte[] Key)> _ring;

    private MasterKey(string folder, string? variable, IReadOnlyList<(string Id, byte[] Key)> ring) => (_folder, _variable, _ring) = (folder, variable, ring);

    /// <summary>Short, public name of the key in use.</summary>
    public string Id => _ring[0].Id;

    /// <summary>How many keys can open things; more than one after a rotation.</summary>
    public int Count => _ring.Count;

    /// <summary>Whether the key comes from the variable.</summary>
    public bool FromVariable => _variable is not null;

    /// <summary>Reads the key; makes the first one of a new data folder.</summary>
    /// <param name="dataFolder">The platform's.</param>
    /// <param name="variable">What <see cref="Variable"/> holds.</param>
    public static Result<MasterKey> Open(string dataFolder, string? variable)
    {
        var folder = Path.Combine(dataFolder, "keys");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var asked = string.IsNullOrWhiteSpace(variable) ? null : variable;
        if (!File.Exists(IdIn(folder)) && Begin(folder, asked) is { } refusal)
        {
            return refusal;
        }

        if (!Read(folder, asked).TryGet(out var ring, out var error))
        {
            return error;
        }

        var known = File.ReadAllText(IdIn(folder)).Trim();
        return ring.Any(key => key.Id == known)
            ? new MasterKey(folder, asked, ring)
            : new MasterKeyWrong(asked is null ? FileIn(folder) : $"the variable {Variable}", known, ring[0].Id);
    }

    /// <summary>Closes a value. What is closed under one context opens under no other.</summary>
    /// <param name="context">What the value is and whose: authenticated, not kept.</param>
    public byte[] Seal(ReadOnlySpan<byte> value, string context) => Envelope.Seal(value, Encoding.UTF8.GetBytes(context), _ring[0].Id, _ring[0].Key);

    /// <summary>Opens what <see cref="Seal"/> closed.</summary>
    /// <exception cref="CryptographicException">It was changed, belongs to another context, or no known key closed it.</exception>
    public byte[] Unseal(ReadOnlySpan<byte> envelope, string context) => Envelope.Open(envelope, Encoding.UTF8.GetBytes(context), Find(Envelope.KeyOf(envelope)));

    /// <summary>The same value, closed by the key in use; only the inner key is closed anew.</summary>
    /// <exception cref="CryptographicException">As for <see cref="Unseal"/>.</exception>
    public byte[] Rewrap(ReadOnlySpan<byte> envelope, string context) =>
        Envelope.Rewrap(envelope, Encoding.UTF8.GetBytes(context), Find(Envelope.KeyOf(envelope)), _ring[0].Id, _ring[0].Key);

    /// <summary>Whether the key in use closed it.</summary>
    public bool IsCurrent(ReadOnlySpan<byte> envelope) => Envelope.KeyOf(envelope) == Id;

    /// <summary>Whether it was closed by a key that is not there: it is whole, and opens again once that key is back.</summary>
    public bool Misses(ReadOnlySpan<byte> envelope)
    {
        try
        {
            var id = Envelope.KeyOf(envelope);
            if (KeyNamed(id) is null)
            {
                lock (_lock)
                {
                    Reload();
                }
            }

            return KeyNamed(id) is null && id.All(char.IsAsciiHexDigitLower);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Puts a new key in use; the ones before still open what they closed. Durable when it returns.</summary>
    /// <exception cref="InvalidOperationException">The key comes from the variable, which only whoever sets it can change.</exception>
    public void Rotate()
    {
        if (_variable is not null)
        {
            throw new InvalidOperationException($"The key comes from {Variable}: put a new one in front of it, separated by a comma, and start again.");
        }

        lock (_lock)
        {
            // Somebody else may have rotated it meanwhile, and no key may be lost.
            using var alone = Alone(_folder);
            Reload();
            var lines = _ring.Select(key => Convert.ToBase64String(key.Key)).Prepend(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
            Place(FileIn(_folder), string.Join('\n', lines) + "\n");
            Reload();
            Place(IdIn(_folder), _ring[0].Id + "\n");
        }
    }

    /// <summary>Makes the first key of a new folder, and remembers which one is used. Of many that start at once one does, and all use it.</summary>
    private static Error? Begin(string folder, string? variable)
    {
        using var alone = Alone(folder);
        if (File.Exists(IdIn(folder)))
        {
            return null;
        }

        if (variable is null && !File.Exists(FileIn(folder)))
        {
            Place(FileIn(folder), Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n");
        }

        if (!Read(folder, variable).TryGet(out var ring, out var error))
        {
            return error;
        }

        Place(IdIn(folder), ring[0].Id + "\n");
        return null;
    }

    /// <summary>Keeps other processes from making or changing keys, until it is disposed of or its process ends.</summary>
    /// <exception cref="IOException">Somebody holds it all the time, or it cannot be written.</exception>
    private static FileStream Alone(string folder)
    {
        var path = Path.Combine(folder, "master.lock");
        var (held, reason) = (default(FileStream), default(IOException));
        bool TryHold()
        {
            try
            {
                held = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = Ours });
                return true;
            }
            catch (IOException e) when (e.GetType() == typeof(IOException))
            {
                reason = e;
                return false;
            }
        }

        return SpinWait.SpinUntil(TryHold, s_lockMax)
            ? held!
            : throw new IOException($"{path} could not be locked for {s_lockMax.TotalSeconds} s: {reason!.Message}", reason);
    }

    private byte[] Find(string id)
    {
        if (KeyNamed(id) is { } known)
        {
            return known;
        }

        // The other plane may have rotated it.
        lock (_lock)
        {
            Reload();
        }

        return KeyNamed(id) ?? throw new CryptographicException($"It was closed by the key {id}, which is not there.");
    }

    private byte[]? KeyNamed(string id) => _ring.FirstOrDefault(key => key.Id == id).Key;

    private void Reload()
    {
        if (Read(_folder, _variable).TryGet(out var ring, out _))
        {
            _ring = ring;
        }
    }

    private static Result<IReadOnlyList<(string Id, byte[] Key)>> Read(string folder, string? variable)
    {
        var where = variable is null ? FileIn(folder) : $"the variable {Variable}";
        if (variable is null && !File.Exists(where))
        {
            return new MasterKeyMissing(where);
        }

        var ring = new List<(string Id, byte[] Key)>();
        foreach (var text in (variable ?? File.ReadAllText(where)).Split(['\n', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Base64.IsValid(text) || Convert.FromBase64String(text) is not { Length: KeyBytes } key)
            {
                return new MasterKeyUnreadable(where);
            }

            ring.Add((Convert.ToHexStringLower(SHA256.HashData(key))[..Envelope.KeyIdLength], key));
        }

        return ring.Count == 0 ? new MasterKeyUnreadable(where) : Result<IReadOnlyList<(string Id, byte[] Key)>>.Of(ring);
    }

    private static string FileIn(string folder) => Path.Combine(folder, "master.key");

    private static string IdIn(string folder) => Path.Combine(folder, "master.id");

    /// <summary>Written aside, flushed and moved: nobody reads half of it.</summary>
    private static void Place(string path, string content)
    {
        var fresh = $"{path}.{Path.GetRandomFileName()}";
        using (var stream = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Ours }))
        {
            stream.Write(Encoding.ASCII.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}

/// <summary>The key that closed this platform's secrets is gone.</summary>
public sealed record MasterKeyMissing(string Where)
    : Error("secrets.sealed", $"The master key is missing: {Where} is not there, and this platform has secrets that only it opens.", $"Put the file back from where you keep it, or set {MasterKey.Variable}, then start again. Nothing is lost until then.", 503);

/// <summary>There is a key, but not the one that closed this platform's secrets.</summary>
public sealed record MasterKeyWrong(string Where, string Wanted, string Found)
    : Error("secrets.sealed", $"The master key is another one: {Where} holds {Found}, and this platform's secrets were closed by {Wanted}.", "Put the right key back, then start again. Nothing is lost until then.", 503);

/// <summary>What should be the key is none.</summary>
public sealed record MasterKeyUnreadable(string Where)
    : Error("secrets.sealed", $"The master key cannot be read: {Where} does not hold 32 bytes in Base64 per line.", "Put the right key back, then start again. Nothing is lost until then.", 503);
