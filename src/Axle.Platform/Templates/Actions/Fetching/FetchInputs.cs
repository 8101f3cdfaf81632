using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Actions;

/// <summary>The inputs that fetching actions share.</summary>
internal static class FetchInputs
{
    public static (string, JsonObject) Url => ("url", Schema.Text("Relative path or absolute address of what to fetch."));

    public static (string, JsonObject) TargetFolder => ("targetPath", Schema.Text("Folder among the task's files to write to; the root when not given."));

    public static (string, JsonObject) TargetFile => ("targetPath", Schema.Text("File among the task's files to write."));

    public static (string, JsonObject) Token => ("token", Schema.Text("A token for reading the address."));

    /// <summary>What rendering one file takes.</summary>
    public static (string, JsonObject)[] Rendering =>
    [
        ("values", Schema.Map("Values that the templates see as values.")),
        ("cookiecutterCompat", Schema.Flag("Templates are written as {{ cookiecutter.name }}.")),
        ("replace", Schema.Flag("Replace what exists already, which otherwise stays.")),
        ("trimBlocks", Schema.Flag("The line end after a tag belongs to the tag.")),
        ("lstripBlocks", Schema.Flag("White space in front of a tag at the beginning of a line belongs to the tag.")),
    ];

    /// <summary>What rendering a folder takes.</summary>
    public static (string, JsonObject)[] TreeRendering =>
    [
        .. Rendering,
        ("copyWithoutTemplating", Schema.Texts("Patterns of files whose content is copied as it is.")),
        ("copyWithoutRender", Schema.Texts("Means nothing any more: write copyWithoutTemplating.")),
        ("templateFileExtension", Schema.Either("Only files with this extension are templates, and lose it; true is .njk.", new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "boolean" })),
    ];
}
