namespace Axle.Platform.Templates.Nunjucks;

/// <param name="Cookiecutter">Outputs are <c>{{ … }}</c>, and some of Jinja's names and methods exist.</param>
/// <param name="TrimBlocks">A line end right after a tag belongs to the tag.</param>
/// <param name="LstripBlocks">White space before a tag that comes first in its line belongs to the tag.</param>
internal sealed record SyntaxOptions(bool Cookiecutter = false, bool TrimBlocks = false, bool LstripBlocks = false)
{
    public static SyntaxOptions Default { get; } = new();
}
