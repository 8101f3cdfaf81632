using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Axle.Agent.Ingress;

/// <summary>
/// HTTP/2 on a port without TLS. Kestrel speaks only HTTP/1.1 where TLS does not tell the version; so the first bytes of a connection
/// do (RFC 9113, section 3.3: a client with prior knowledge begins with <c>PRI * HTTP/2.0</c>, and no HTTP/1 method is named so), and
/// those that begin with them are handed to a second server, which listens here instead of at a socket.
/// </summary>
internal sealed class Http2Handover(TimeSpan patience) : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _handedOver = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; } = new HandoverEndPoint();

    private static ReadOnlySpan<byte> Preface => "PRI "u8;

    /// <summary>The first server's connection middleware.</summary>
    public ConnectionDelegate Before(ConnectionDelegate http1) => connection =>
    {
        // A client's first bytes are mostly here with its connection.
        if (connection.Transport.Input.TryRead(out var read))
        {
            var isHttp2 = IsHttp2(read.Buffer);
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, isHttp2 is null ? read.Buffer.End : read.Buffer.Start);
            if (isHttp2 is { } known)
            {
                return known ? HandOverAsync(connection) : http1(connection);
            }
        }

        return LookAsync(connection, http1);
    };

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _handedOver.Reader.WaitToReadAsync(cancellationToken) && _handedOver.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _handedOver.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private async Task LookAsync(ConnectionContext connection, ConnectionDelegate http1)
    {
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, closing);
        limit.CancelAfter(patience);
        var input = connection.Transport.Input;
        bool? isHttp2;
        try
        {
            do
            {
                var read = await input.ReadAsync(limit.Token);
                isHttp2 = read.IsCompleted && IsHttp2(read.Buffer) is null ? false : IsHttp2(read.Buffer);
                input.AdvanceTo(read.Buffer.Start, isHttp2 is null ? read.Buffer.End : read.Buffer.Start);
            }
            while (isHttp2 is null);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It said nothing in time, left, or we are stopping: there is no request to answer.
            return;
        }

        await (isHttp2.Value ? HandOverAsync(connection) : http1(connection));
    }

    /// <summary>Null when more bytes are needed.</summary>
    private static bool? IsHttp2(in ReadOnlySequence<byte> begun)
    {
        Span<byte> first = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(begun.Length, Preface.Length);
        begun.Slice(0, length).CopyTo(first);
        return !Preface.StartsWith(first[..length]) ? false : length == Preface.Length ? true : null;
    }

    private Task HandOverAsync(ConnectionContext connection)
    {
        var handed = new HandedConnection(connection);
        return _handedOver.Writer.TryWrite(handed) ? handed.Ended : Task.CompletedTask;
    }

    /// <summary>The second server disposes of what it accepted; the socket belongs to the first, which waits for that.</summary>
    private sealed class HandedConnection(ConnectionContext connection) : ConnectionContext
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public override string ConnectionId { get => connection.ConnectionId; set => connection.ConnectionId = value; }

        public override IFeatureCollection Features => connection.Features;

        public override IDictionary<object, object?> Items { get => connection.Items; set => connection.Items = value; }

        public override IDuplexPipe Transport { get => connection.Transport; set => connection.Transport = value; }

        public override EndPoint? LocalEndPoint { get => connection.LocalEndPoint; set => connection.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => connection.RemoteEndPoint; set => connection.RemoteEndPoint = value; }

        public override CancellationToken ConnectionClosed { get => connection.ConnectionClosed; set => connection.ConnectionClosed = value; }

        public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

        public override ValueTask DisposeAsync()
        {
            _ended.TrySetResult();
            return base.DisposeAsync();
        }
    }

    private sealed class HandoverEndPoint : EndPoint
    {
        public override string ToString() => "http2 without TLS";
    }
}
