using Axle.Contracts;

namespace Axle.Platform.Secrets.Stores;

/// <summary>How one kind of store is asked. Knows its paths and answers; <see cref="StoreHttp"/> does the asking.</summary>
internal interface IStoreReader
{
    /// <summary>See <see cref="StoreKinds"/>.</summary>
    string Kind { get; }

    /// <summary>Why a reference cannot be one of this kind of store.</summary>
    Error? Refuse(RemoteReference reference);

    /// <summary>All fields of what lies at a path.</summary>
    Task<Result<IReadOnlyDictionary<string, SecretValue>>> ReadAsync(RemoteStore store, SecretValue token, string path, StoreHttp http, CancellationToken stop);

    /// <summary>Why the store cannot be used as it is configured, for instance because its token is not taken; null when it can.</summary>
    Task<Error?> TestAsync(RemoteStore store, SecretValue token, StoreHttp http, CancellationToken stop);

    /// <summary>Keeps the token from running out, where that is possible; that it is not is no failure.</summary>
    Task KeepAliveAsync(RemoteStore store, SecretValue token, StoreHttp http, CancellationToken stop);
}
