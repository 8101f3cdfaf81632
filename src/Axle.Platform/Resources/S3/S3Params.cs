using Axle.Contracts;

namespace Axle.Platform.Resources.S3;

/// <summary>What a workload can ask of its bucket.</summary>
/// <param name="StorageBytes">Of all objects together, at most.</param>
internal sealed record S3Params(long StorageBytes)
{
    private const long StorageLeast = 1L << 20;
    private const long StorageMost = 16L << 40;

    public static S3Params Default { get; } = new(10L << 30);

    public static Result<S3Params> Read(ResourceClaimSpec claim)
    {
        var given = new ParamReader(claim, "s3");
        return given.Done(new S3Params(given.Bytes("maxStorage", Default.StorageBytes, StorageLeast, StorageMost, "must be an amount from 1Mi to 16Ti, as in \"10Gi\"")));
    }
}
