using Axle.Contracts;

namespace Axle.Platform.Ownership;

/// <summary>
/// The administrator's token in <c>admin.token</c> of the data folder, readable by the owner of that folder only: who
/// may read the folder is who runs the platform.
/// </summary>
internal sealed class AdminToken(Tokens tokens, PlatformOptions options)
{
    public const string FileName = "admin.token";

    private const string Name = "admin.token";

    public static EntityRef User { get; } = EntityRef.Of(Kinds.User, "admin");

    /// <summary>Makes a new one; the one before, and all sessions that came from it, end.</summary>
    /// <returns>The file.</returns>
    public string Renew()
    {
        foreach (var old in tokens.List(User).Where(token => token.Name == Name))
        {
            tokens.Revoke(old.Id);
        }

        var created = tokens.Create(User, Name, Tokens.DaysMax, ["*"]).Value;
        var file = Path.Combine(options.DataFolder, FileName);
        var fresh = file + ".new";
        File.Delete(fresh);
        var settings = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            settings.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(fresh, settings))
        {
            writer.WriteLine(created.Token);
        }

        File.Move(fresh, file, overwrite: true);
        return file;
    }
}
