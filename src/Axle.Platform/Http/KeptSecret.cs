namespace Axle.Platform.Http;

/// <summary>Marks an endpoint whose answer holds a secret, so that it is never kept for a repeated request.</summary>
public sealed class KeptSecret
{
    public static KeptSecret Instance { get; } = new();

    private KeptSecret()
    {
    }
}
