using Axle.Contracts;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Secrets;

/// <summary>Puts a new master key in use and closes everything anew with it. Cut off anywhere, the next start finishes it.</summary>
internal sealed class RotateKey(SecretKey key, SecretStore store, ILogger<RotateKey> log)
{
    public static IResult Endpoint(RotateKey self) => self.Run().ToHttp(TypedResults.Ok);

    public Result<SecretKeyRotation> Run()
    {
        if (key.Master.FromVariable)
        {
            return new KeyFromVariable();
        }

        key.Master.Rotate();
        return new SecretKeyRotation(key.Master.Id, key.Master.Count, Finish());
    }

    /// <summary>Closes what an earlier key closed.</summary>
    /// <returns>How many.</returns>
    public int Finish()
    {
        var count = store.Rewrap();
        if (count > 0)
        {
            log.LogInformation("{Count} secrets are closed by the master key {Key} now; earlier keys stay for backups", count, key.Master.Id);
        }

        return count;
    }
}
