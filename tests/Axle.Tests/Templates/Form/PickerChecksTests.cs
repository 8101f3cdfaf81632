using System.Text.Json.Nodes;
using Axle.Platform.Templates.Form;

namespace Axle.Tests.Templates.Form;

/// <summary>What pickers want beyond the schema.</summary>
public sealed class PickerChecksTests
{
    [Theory]
    [InlineData("EntityNamePicker", "\"orders-2.b_c\"", null)]
    [InlineData("EntityNamePicker", "\"-orders\"", "must be 1 to 63 letters, digits, '-', '_' or '.', and begin and end with a letter or digit")]
    [InlineData("EntityNamePicker", "\"two words\"", "must be 1 to 63 letters, digits, '-', '_' or '.', and begin and end with a letter or digit")]
    [InlineData("EntityTagsPicker", """["a-b", "c++"]""", null)]
    [InlineData("EntityTagsPicker", """["a-b", "No"]""", "has 'No', and a tag is small letters, digits, ':', '+' and '#', with single dashes between them")]
    [InlineData("MultiEntityPicker", """["component:default/a", "api:b"]""", null)]
    [InlineData("MultiEntityPicker", """["component:default/a", "b"]""", "has 'b', which is no ref: kind:namespace/name")]
    [InlineData("RepoUrlPicker", "\"github.com?owner=a&repo=b\"", null)]
    [InlineData("RepoUrlPicker", "\"github.com?repo=b\"", "needs an owner")]
    [InlineData("RepoUrlPicker", "\"nobody.knows\"", "needs an owner and a repository")]
    [InlineData("RepoUrlPicker", "\"axle.test?repo=b\"", null)]
    [InlineData("RepoUrlPicker", "\"bitbucket.org?workspace=w&repo=b\"", "needs a project")]
    [InlineData("RepoUrlPicker", "\"dev.azure.com?project=p&repo=b\"", "needs an organization")]
    [InlineData("RepoUrlPicker", "\"?repo=b\"", "needs a host")]
    [InlineData("EntityPicker", "\"anything goes\"", null)]
    [InlineData("EntityNamePicker", "7", null)]
    public void An_answer_is_held_to_what_its_picker_gives(string picker, string answer, string? expected)
    {
        var schema = new JsonObject { ["ui:field"] = picker };
        var inner = new AskedField(["outer", "it"], schema, false, []);
        var checks = new PickerChecks(host => host switch { "github.com" => "github", "axle.test" => "axle", "bitbucket.org" => "bitbucketCloud", "dev.azure.com" => "azure", _ => null });

        var problem = checks.Check([new AskedField(["outer"], [], false, [inner])], new JsonObject { ["outer"] = new JsonObject { ["it"] = JsonNode.Parse(answer) } }).SingleOrDefault();

        Assert.Equal(expected, problem?.Message);
        Assert.True(problem is null || problem.Path.SequenceEqual(["outer", "it"]));
    }
}
