using System.Buffers;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Axle.Agent.Ingress;

/// <summary>
/// HTTP/2 without TLS on the port of HTTP/1.1, as gRPC clients speak it. Without TLS's negotiation Kestrel takes every connection for
/// HTTP/1.1, so the first bytes are looked at, and a connection that begins with HTTP/2's preface is marked as negotiated.
/// </summary>
internal static class PriorKnowledge
{
    private static readonly Negotiated s_http2 = new();

    /// <param name="listen">Where to look at connections.</param>
    /// <param name="timeout">How long a new connection may stay silent; Kestrel's own timeouts begin after this.</param>
    public static void UsePriorKnowledge(this ListenOptions listen, TimeSpan timeout) => listen.Use(next => async connection =>
    {
        bool isHttp2;
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            limit.CancelAfter(timeout);
            try
            {
                isHttp2 = await BeginsWithPrefaceAsync(connection, limit.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException)
            {
                // Silent for too long, or gone.
                connection.Abort();
                return;
            }
        }

        if (isHttp2)
        {
            connection.Features.Set<ITlsHandshakeFeature>(s_http2);
            connection.Features.Set<ITlsApplicationProtocolFeature>(s_http2);
        }

        await next(connection);
    });

    private static async ValueTask<bool> BeginsWithPrefaceAsync(ConnectionContext connection, CancellationToken stop)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var result = await input.ReadAsync(stop);
            var buffer = result.Buffer;
            var compared = (int)Math.Min(buffer.Length, Preface.Length);
            var matches = Matches(buffer, compared);
            var decided = !matches || compared == Preface.Length || result.IsCompleted;
            // Nothing is consumed: Kestrel reads the same bytes again.
            input.AdvanceTo(buffer.Start, decided ? buffer.Start : buffer.End);
            if (decided)
            {
                return matches && compared == Preface.Length;
            }
        }
    }

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n"u8;

    private static bool Matches(ReadOnlySequence<byte> buffer, int length)
    {
        Span<byte> begin = stackalloc byte[Preface.Length];
        buffer.Slice(0, length).CopyTo(begin);
        return begin[..length].SequenceEqual(Preface[..length]);
    }

#pragma warning disable SYSLIB0058 // The interface has these members; there is no cipher to name.
    private sealed class Negotiated : ITlsHandshakeFeature, ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

        // None: Kestrel then asks for no TLS version, and requests keep the scheme http.
        public SslProtocols Protocol => SslProtocols.None;

        public CipherAlgorithmType CipherAlgorithm => CipherAlgorithmType.None;

        public int CipherStrength => 0;

        public HashAlgorithmType HashAlgorithm => HashAlgorithmType.None;

        public int HashStrength => 0;

        public ExchangeAlgorithmType KeyExchangeAlgorithm => ExchangeAlgorithmType.None;

        public int KeyExchangeStrength => 0;
    }
#pragma warning restore SYSLIB0058
}
