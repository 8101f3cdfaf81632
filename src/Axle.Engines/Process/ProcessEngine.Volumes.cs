using System.Net.Http.Headers;

namespace Axle.Engines.Process;

/// <summary>Volumes that the agent keeps apart from workloads.</summary>
public sealed partial class ProcessEngine
{
    /// <inheritdoc/>
    public Task<VolumeSize?> ObserveVolumeAsync(string name, CancellationToken stop) => GetAsync($"volumes/{Escape(name)}", AgentJson.Default.VolumeSize, stop);

    /// <inheritdoc/>
    public async Task ReadVolumeAsync(string name, Stream output, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"volumes/{Escape(name)}/archive");
        using var response = await SendAsync(request, stop);
        await ThrowIfRefusedAsync(response, stop);
        await using var archive = await response.Content.ReadAsStreamAsync(stop);
        var buffer = new byte[128 * 1024];
        while (await ReadPieceAsync(archive, buffer, stop) is var read and > 0)
        {
            await output.WriteAsync(buffer.AsMemory(0, read), stop);
        }
    }

    /// <inheritdoc/>
    public async Task FillVolumeAsync(string name, Stream archive, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(archive);
        using var content = new StreamContent(archive) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        await DoAsync(HttpMethod.Put, $"volumes/{Escape(name)}/archive", content, stop);
    }

    /// <inheritdoc/>
    public Task RenameVolumeAsync(string from, string to, CancellationToken stop) => DoAsync(HttpMethod.Post, $"volumes/{Escape(from)}/rename?to={Escape(to)}", null, stop);

    /// <inheritdoc/>
    public Task RemoveVolumeAsync(string name, CancellationToken stop) => DoAsync(HttpMethod.Delete, $"volumes/{Escape(name)}", null, stop);

    /// <summary>What goes wrong on the way is the agent's; what goes wrong where it is written is the caller's.</summary>
    private static async Task<int> ReadPieceAsync(Stream archive, Memory<byte> buffer, CancellationToken stop)
    {
        try
        {
            return await archive.ReadAsync(buffer, stop);
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !stop.IsCancellationRequested)
        {
            throw new EngineUnavailableException("The connection to the agent was lost.", e);
        }
    }
}
