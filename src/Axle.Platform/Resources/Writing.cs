using Axle.Contracts;

namespace Axle.Platform.Resources;

/// <summary>Writes that must not be refused: a refusal is a bug, except that the thing is gone.</summary>
internal static class Writing
{
    public static void OrThrow(this Result<Entity> written, EntityRef which)
    {
        if (!written.TryGet(out _, out var error) && error.Status != 404)
        {
            throw new InvalidOperationException($"{which.Short} cannot be written: {error.Message}{string.Concat(error.Problems.Select(problem => $" {problem}"))}");
        }
    }
}
