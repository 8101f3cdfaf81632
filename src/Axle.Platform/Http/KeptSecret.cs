namespace Axle.Platform.Http;

/// <summary>Marks an endpoint whose answer holds a secret, so that it is never kept for a repeated request; or whose request does.</summary>
public sealed class KeptSecret
{
    /// <summary>The answer holds one.</summary>
    public static KeptSecret Instance { get; } = new(inRequest: false);

    /// <summary>The request holds one: not even a digest of its body is kept, since a short secret can be guessed from that.</summary>
    public static KeptSecret InRequest { get; } = new(inRequest: true);

    private KeptSecret(bool inRequest) => IsInRequest = inRequest;

    public bool IsInRequest { get; }
}
