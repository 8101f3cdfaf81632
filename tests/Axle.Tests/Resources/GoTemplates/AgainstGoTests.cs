using System.Runtime.CompilerServices;
using System.Text.Json;
using Axle.Platform.Resources.GoTemplates;

namespace Axle.Tests.Resources.GoTemplates;

/// <summary>Every case of <c>go.json</c>, whose outputs were recorded from Go itself with sprig.</summary>
public sealed class AgainstGoTests
{
    private static readonly JsonElement s_recorded = JsonElement.Parse(File.ReadAllText(Path.Combine(Here(), "go.json")));

    public static TheoryData<string, string?> Cases
    {
        get
        {
            var data = new TheoryData<string, string?>();
            foreach (var each in s_recorded.GetProperty("cases").EnumerateArray())
            {
                data.Add(each.GetProperty("template").GetString()!, each.TryGetProperty("output", out var output) ? output.GetString() : null);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_template_gives_what_Go_gives_and_fails_where_Go_fails(string template, string? output)
    {
        var dot = GoValues.From(s_recorded.GetProperty("data"));

        var parsed = GoTemplate.Parse("case", template);
        var result = parsed.Ok ? parsed.Value.Run(dot) : parsed.Error!;

        if (output is null)
        {
            Assert.IsType<TemplateWrong>(result.Error);
        }
        else
        {
            Assert.Equal(output, result.Ok ? result.Value : result.ToString());
        }
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
