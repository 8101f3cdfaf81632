using System.Text.Json;
using Axle.Portal.Forms;

namespace Axle.Tests.Portal;

public sealed class QuestionTests
{
    private const string Everything = """
        [{
          "required": ["name", "owner", "region"],
          "properties": {
            "name": { "title": "Name", "type": "string", "pattern": "^[a-z]+$", "ui:autofocus": true },
            "owner": { "type": "string", "ui:field": "OwnerPicker" },
            "region": { "type": "string", "enum": ["eu", "us"], "default": "eu" }
          }
        }, {
          "properties": {
            "tracing": { "type": "boolean", "default": true },
            "workers": { "type": "integer", "minimum": 1, "maximum": 16, "default": 2 },
            "about": { "type": "string", "ui:widget": "textarea", "maxLength": 300 }
          }
        }]
        """;

    public static TheoryData<string, Asked, bool, string?> Asks => new()
    {
        // name      asked with      required default
        { "name",    Asked.Text,     true,    null },
        { "owner",   Asked.Owner,    true,    null },
        { "region",  Asked.Choice,   true,    "eu" },
        { "tracing", Asked.YesNo,    false,   "true" },
        { "workers", Asked.Number,   false,   "2" },
        { "about",   Asked.LongText, false,   null },
    };

    [Theory, MemberData(nameof(Asks))]
    public void Each_parameter_is_asked_with_what_fits_its_schema(string name, Asked asked, bool required, string? byDefault)
    {
        var question = Assert.Single(Read(Everything), q => q.Name == name);

        Assert.Equal((asked, required, byDefault), (question.Asked, question.Required, question.Default));
    }

    [Fact]
    public void Questions_keep_the_order_of_the_template_across_its_pages() =>
        Assert.Equal(["name", "owner", "region", "tracing", "workers", "about"], Read(Everything).Select(q => q.Name));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""[{"properties": []}]""")]
    public void Name_and_owner_are_asked_even_when_the_template_forgets_them(string schema) =>
        Assert.Equal(["name", "owner"], Read(schema).Select(q => q.Name));

    public static TheoryData<string, string?, string?> Answers => new()
    {
        // question  posted    answer
        { "tracing", null,     "false" },
        { "tracing", "true",   "true" },
        { "workers", "",       null },
        { "workers", "3",      "3" },
        { "about",   "",       null },
        { "about",   "a\r\nb", "a\nb" },
        { "region",  null,     null },
    };

    [Theory, MemberData(nameof(Answers))]
    public void What_a_browser_posts_becomes_the_answer(string name, string? posted, string? expected) =>
        Assert.Equal(expected, Read(Everything).Single(q => q.Name == name).Answer(_ => posted));

    [Theory]
    [InlineData("^[a-z0-9][a-z0-9-]{0,61}$", @"^[a-z0-9][a-z0-9\-]{0,61}$")]
    [InlineData("[-a]", @"[\-a]")]
    [InlineData("[^-a]", @"[^\-a]")]
    [InlineData(@"[a\-]", @"[a\-]")]
    [InlineData("a-b", "a-b")]
    public void A_pattern_is_written_as_browsers_read_it(string schema, string browser) =>
        Assert.Equal(browser, Read(JsonSerializer.Serialize(new { properties = new { name = new { type = "string", pattern = schema } } })).Single(q => q.Name == "name").Pattern);

    private static IReadOnlyList<Question> Read(string schema) => Question.ReadAll(JsonDocument.Parse(schema).RootElement);
}
