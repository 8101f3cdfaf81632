using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;

namespace Axle.Tests.Resources;

public sealed class ResourceTypesTests
{
    public static TheoryData<string, string[], string, string[]> Params => new()
    {
        { "route", [], """{"host":"a.b","path":"/","port":80}""", [] },
        { "route", [], """{"host":"a.b","port":"web"}""", ["params.path: is missing: begins with /"] },
        { "route", [], """{"host":1,"path":"/","port":null}""", ["params.host: must be text, and is a number", "params.port: must not be empty"] },
        { "horizontal-pod-autoscaler", [], """{"minReplicas":"2","maxReplicas":"many"}""", ["params.maxReplicas: must be a whole number, and is text"] },
        { "redis", ["memory"], """{"memroy":1}""", ["params.memroy: is not known; did you mean memory?"] },
        { "redis", [], """{"anything":1}""", [] },
        { "own-type", [], """{"anything":1}""", [] },
        { "redis", [], """[]""", ["params: must be a mapping"] },
        { "dns", ["zone"], "null", [] },
    };

    public static TheoryData<string, string[], string, string[], string[]> Outputs => new()
    {
        { "postgres", [], """{"host":"h","port":5432,"name":"n","database":"n","username":"u"}""", ["password"], [] },
        { "postgres", [], """{"host":"h","port":"5432","name":"n","database":"n","username":"u"}""", ["password", "uri"], [] },
        { "postgres", [], """{"host":"h","port":"x","name":"n","database":"n"}""", ["password"], ["outputs.username: is missing: every postgres has it", "outputs.port: must be a whole number, and is text"] },
        { "postgres", [], """{"host":"h","port":1,"name":"n","database":"n","username":"u","password":"p"}""", [], ["outputs.password: is secret, and is given openly"] },
        { "postgres", ["host"], """{"host":"h"}""", [], [] },
        { "own-type", ["a", "b"], """{"a":1}""", [], ["outputs.b: is promised by expected_outputs and missing"] },
        { "own-type", [], """{"apiToken":"x"}""", [], ["outputs.apiToken: is secret, and is given openly"] },
        { "s3", ["access_key_id"], """{"access_key_id":"id"}""", ["secret_key"], [] },
        { "environment", [], """{"A":"1"}""", [], [] },
    };

    [Theory, MemberData(nameof(Params))]
    public void Params_are_checked_by_type_and_provisioner(string type, string[] supported, string @params, string[] problems) =>
        Assert.Equal(problems, ResourceTypes.CheckParams(Spec(type) with { SupportedParams = supported }, JsonElement.Parse(@params)).Select(p => p.ToString()));

    [Theory, MemberData(nameof(Outputs))]
    public void Outputs_are_checked_by_type_and_promise(string type, string[] expected, string open, string[] secret, string[] problems) =>
        Assert.Equal(
            problems,
            ResourceTypes.CheckOutputs(Spec(type) with { ExpectedOutputs = expected }, JsonElement.Parse(open).EnumerateObject().ToDictionary(o => o.Name, o => o.Value), secret.ToDictionary(s => s, _ => "secret-value")).Select(p => p.ToString()));

    [Theory]
    [InlineData("password", true)]
    [InlineData("adminPassword", true)]
    [InlineData("DB_PASSWD", true)]
    [InlineData("api-key", true)]
    [InlineData("access_key", true)]
    [InlineData("aws_secret_key", true)]
    [InlineData("connection_string", true)]
    [InlineData("access_key_id", false)]
    [InlineData("username", false)]
    [InlineData("host", false)]
    [InlineData("key", false)]
    public void A_name_says_whether_it_is_secret(string name, bool secret) => Assert.Equal(secret, ResourceTypes.SaysSecret(name));

    [Theory]
    [InlineData("""{"address":"amqp://u:p@h/"}""", "address")]
    [InlineData("""{"settings":{"nested":{"password":"x"}}}""", "settings")]
    [InlineData("""{"list":["a","holds 1234567 too"]}""", "list")]
    [InlineData("""{"address":"http://h:80/a@b"}""", null)]
    [InlineData("""{"count":5,"none":null}""", null)]
    public void An_output_that_holds_a_secret_is_one(string outputs, string? secret)
    {
        var split = OutputSplit.Of(Spec("own-type"), System.Text.Json.Nodes.JsonNode.Parse(outputs)!.AsObject(), ["1234567"]);

        Assert.Equal(secret is null ? [] : new[] { secret }, split.Secret.Keys);
    }

    [Fact]
    public void Every_output_that_is_named_like_a_secret_is_one_in_the_table() =>
        Assert.Empty(
            from type in ResourceTypes.All
            from output in type.Outputs
            where ResourceTypes.SaysSecret(output.Name) && !output.Secret
            select $"{type.Name}.{output.Name}");

    private static ProvisionerSpec Spec(string type) => new() { Uri = "template://a/b", Type = type };
}
