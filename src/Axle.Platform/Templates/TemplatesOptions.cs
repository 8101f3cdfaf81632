namespace Axle.Platform.Templates;

/// <summary>Where templates come from.</summary>
public sealed class TemplatesOptions
{
    /// <summary>Folder with a folder for each template. Without it: <c>templates</c> beside the server's folder, or the nearest one above it.</summary>
    public string? Folder { get; set; }
}
