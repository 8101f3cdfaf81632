using System.Diagnostics;
using Axle.Platform.Resources.GoTemplates;
using Axle.Platform.Workloads;
using CsCheck;

namespace Axle.Tests.Resources.GoTemplates;

public sealed class GoTemplateTests
{
    private static readonly GoStruct s_dot = new("Data", new Dictionary<string, object?>
    {
        ["Params"] = new GoMap { ["name"] = "orders" },
        ["Services"] = new GoMap { Zero = new GoStruct("Service", new Dictionary<string, object?> { ["Host"] = "" }) { Missing = true } },
    });

    public static TheoryData<string, int, int, string> Mistakes => new()
    {
        { "a\n  {{ nofunc }}", 2, 6, "there is no function nofunc" },
        { "{{ randAlphaNun 5 }}", 1, 4, "did you mean randAlphaNum?" },
        { "{{ env \"HOME\" }}", 1, 4, "the function env is not offered" },
        { "{{ .Nothing }}", 1, 4, "there is no .Nothing here; there are .Params, .Services" },
        { "x\n\n{{ lower .Params.missing }}", 3, 4, "argument 1 must be text, and is nothing (is a key missing?)" },
        { "{{ if .Params }}\n", 1, 4, "{{if}} has no {{end}}" },
        { "{{ $x }}", 1, 4, "the variable $x is not declared" },
        { "ab {{ fail \"tell the user\" }}", 1, 7, "tell the user" },
        { "{{ substr 0 }}", 1, 4, "substr takes 3 arguments, and has 1 here" },
        { "{{ .Params.a-b }}", 1, 13, "the character '-' cannot follow '.a'" },
        { "{{ index .Params 1 }}", 1, 4, "the keys of a mapping are text" },
        { "{{ regexMatch \"(?=x)\" \"x\" }}", 1, 4, "uses a group that Go does not have" },
        { "{{ \"\\d\" }}", 1, 5, "is no escape" },
    };

    /// <summary>Each wants more time, memory or stack than a template may have.</summary>
    public static TheoryData<string> Bombs => new()
    {
        "{{ range until 10000 }}{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}{{ end }}",
        "{{ $x := \"0123456789\" }}{{ range until 1000 }}{{ $x = print $x $x }}{{ end }}",
        "{{ $x := list 1 2 }}{{ range until 1000 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}",
        "{{ $x := list 1 2 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}",
        "{{ $x := list 1 }}{{ $y := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ $y = list $y $y }}{{ end }}{{ deepEqual $x $y }}",
        "{{ $x := dict }}{{ range until 60 }}{{ $x = dict \"a\" $x \"b\" $x }}{{ end }}{{ merge (dict) $x }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toPrettyJson $d }}",
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}",
        "{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}",
        "{{ define \"r\" }}{{ template \"r\" . }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}",
        "{{ repeat 2000000000 \"x\" }}",
        "{{ indent 2000000000 \"x\" }}",
        "{{ printf \"%2000000000d\" 1 }}",
        "{{ printf \"%*d\" 9999 1 | repeat 5000 }}",
        "{{ until 2000000000 }}",
        "{{ untilStep 0 2000000000 1 }}",
        "{{ randAlphaNum 2000000000 }}",
        "{{ splitList \"\" (repeat 100000 \"x\") }}",
        "{{ replace \"x\" (repeat 1000 \"y\") (repeat 100000 \"x\") }}",
        "{{ range until 10000 }}{{ regexReplaceAll \"(a*)*b\" (repeat 10000 \"a\") \"\" }}{{ end }}",
        "{{ regexMatch \"((((a{1,100}){1,100}){1,100}){1,100})\" \"a\" }}",
        string.Concat(Enumerable.Repeat("{{ if 1 }}", 5000)),
        "{{ " + new string('(', 5000),
        new string('x', 2_000_000),
        "{{ range 2000000000 }}{{ end }}",
    };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place(string source, int line, int column, string message)
    {
        var parsed = GoTemplate.Parse("init", source);
        var wrong = Assert.IsType<TemplateWrong>(parsed.Ok ? parsed.Value.Run(s_dot).Error : parsed.Error);

        Assert.Equal((line, column), (wrong.Problem.Line, wrong.Problem.Column));
        Assert.Contains(message, wrong.Problem.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Bombs))]
    public void A_template_that_wants_too_much_is_ended(string source)
    {
        var watch = Stopwatch.StartNew();
        var parsed = GoTemplate.Parse("bomb", source);

        Assert.IsType<TemplateWrong>(parsed.Ok ? parsed.Value.Run(s_dot).Error : parsed.Error);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
    }

    [Fact]
    public void The_place_in_the_file_is_that_of_the_template_in_it()
    {
        var wrong = (TemplateWrong)GoTemplate.Parse("init", "a: 1\nb: {{ nofunc }}\n", new Place("my.provisioners.yaml", 12, 1), indent: 4).Error!;

        Assert.Equal(("my.provisioners.yaml", 13, 11), (wrong.Problem.File, wrong.Problem.Line, wrong.Problem.Column));
    }

    [Fact]
    public void A_field_of_a_missing_struct_is_empty_and_the_struct_counts_as_missing() =>
        Assert.Equal("[missing]", GoTemplate.Parse("t", "{{ $s := index .Services \"none\" }}[{{ if not $s }}missing{{ end }}{{ $s.Host }}]").Value.Run(s_dot).Value);

    [Theory]
    [InlineData("randAlphaNum 40", @"^[0-9A-Za-z]{40}\z")]
    [InlineData("randAlpha 40", @"^[A-Za-z]{40}\z")]
    [InlineData("randNumeric 40", @"^[0-9]{40}\z")]
    [InlineData("randAscii 40", @"^[ -~]{40}\z")]
    [InlineData("uuidv4", @"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z")]
    public void A_random_text_has_its_form_and_is_another_one_each_time(string call, string form)
    {
        var template = GoTemplate.Parse("t", $"{{{{ {call} }}}}").Value;

        var (one, two) = (template.Run(null).Value, template.Run(null).Value);

        Assert.Matches(form, one);
        Assert.NotEqual(one, two);
    }

    [Fact]
    public void Every_function_answers_any_arguments_with_a_value_or_a_refusal()
    {
        object?[] values = [null, true, 0L, 5L, -3L, long.MinValue, 1.5, double.NaN, double.PositiveInfinity, "", "x", "12", "%d%s%*[", "(", new GoList(), new GoList { 1L, "a", null }, new GoMap(), new GoMap { ["a"] = new GoMap { ["b"] = 1L } }, s_dot];
        var arguments = Among.These(values).List[0, 4];
        Gen.Select(Among.These(Functions.Names.Order(StringComparer.Ordinal).ToArray()), arguments).Sample(
            (name, given) =>
            {
                var map = new GoMap();
                for (var i = 0; i < given.Count; i++)
                {
                    map[$"v{i}"] = GoValues.Copy(given[i], new Work());
                }

                var call = $"{{{{ {name}{string.Concat(given.Select((_, i) => $" .v{i}"))} }}}}";
                var result = GoTemplate.Parse("t", call).Value.Run(map);
                return result.Ok || result.Error is TemplateWrong;
            },
            iter: 20_000);
    }

    [Fact]
    public void Whatever_is_written_is_read_or_refused()
    {
        var parts = Among.These("{{", "}}", "{{-", "-}}", " ", "\n", "if", "else", "end", "range", "with", "define", "template", "block", "break", "$x", "$", ":=", "=", "|", "(", ")", ",", ".", ".a", "\"s\"", "`r`", "'c'", "1", "-2.5", "nil", "true", "print", "index", "dig", "/*", "*/", "text", "\\", "\"", "😀");
        parts.List[0, 25].Sample(
            words =>
            {
                var parsed = GoTemplate.Parse("t", string.Concat(words));
                return parsed.Ok ? parsed.Value.Run(s_dot) is { Ok: true } or { Error: TemplateWrong } : parsed.Error is TemplateWrong;
            },
            iter: 20_000);
    }

    [Fact]
    public void Text_without_braces_comes_out_as_it_went_in() =>
        Gen.String.Where(text => !text.Contains("{{", StringComparison.Ordinal)).Sample(text => GoTemplate.Parse("t", text).Value.Run(null).Value == text);

    [Fact]
    public void A_quoted_text_is_read_back_as_it_was()
    {
        var characters = Gen.OneOf(Gen.Char[' ', '~'], Among.These('\n', '\t', '\0', '\\', '"', 'ü', '€', '\u200b'));
        characters.Array[0, 30].Select(c => new string(c)).Sample(text => GoTemplate.Parse("t", $"{{{{ {GoFormat.Quote(text)} }}}}").Value.Run(null).Value == text);
    }

    [Fact]
    public void A_number_is_written_so_that_it_is_read_back() =>
        Gen.Double.Where(double.IsFinite).Sample(number => double.Parse(GoFormat.Float(number), System.Globalization.CultureInfo.InvariantCulture) == number);

    [Fact]
    public void Json_goes_through_toJson_and_fromJson_unchanged() =>
        Gen.String.Dictionary(Gen.OneOf(Gen.String.Select(s => (object?)s), Gen.Double[-1e300, 1e300].Select(d => (object?)d), Gen.Bool.Select(b => (object?)b)))[0, 5].Sample(entries =>
        {
            var map = new GoMap();
            foreach (var (key, value) in entries.Where(e => IsWellFormed(e.Key) && (e.Value is not string text || IsWellFormed(text))))
            {
                map[key] = value;
            }

            return GoTemplate.Parse("t", "{{ if deepEqual . (fromJson (toJson .)) }}same{{ end }}").Value.Run(map).Value == "same";
        });

    private static bool IsWellFormed(string text) => !text.Any(char.IsSurrogate);
}
