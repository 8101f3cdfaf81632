using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Secrets;
using CsCheck;

namespace Axle.Tests.Secrets;

public sealed class RedactorTests : IAsyncDisposable
{
    private readonly SecretBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public void A_value_is_replaced_in_every_form_and_all_places()
    {
        const string Value = "p@ss/w\"rd+ü=1";
        Set("DB_PASSWORD", Value);
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(Value));
        Assert.Equal(
            "a [secret DB_PASSWORD] b [secret DB_PASSWORD]",
            _bench.Secrets.Redact($"a {Value} b {Value}"));
        Assert.DoesNotContain(base64.TrimEnd('='), _bench.Secrets.Redact($"Basic {base64}"), StringComparison.Ordinal);
        Assert.Equal("http://u:[secret DB_PASSWORD]@h", _bench.Secrets.Redact($"http://u:{Uri.EscapeDataString(Value)}@h"));
        Assert.Equal("{\"a\":\"[secret DB_PASSWORD]\"}", _bench.Secrets.Redact(JsonSerializer.Serialize(new { a = Value })));
    }

    [Fact]
    public void Earlier_and_pending_versions_are_replaced_too_and_a_new_value_at_once()
    {
        Set("KEY", "first-value");
        Assert.Equal("[secret KEY]", _bench.Secrets.Redact("first-value"));
        Assert.Equal("second-value", _bench.Secrets.Redact("second-value"));
        Set("KEY", "second-value");
        Assert.Equal("[secret KEY] [secret KEY]", _bench.Secrets.Redact("first-value second-value"));
    }

    [Fact]
    public void Of_two_that_begin_alike_the_longer_is_replaced_whole()
    {
        Set("SHORT", "abcdef");
        Set("LONG", "abcdefghij");
        Assert.Equal("[secret LONG]!", _bench.Secrets.Redact("abcdefghij!"));
        Assert.Equal("[secret SHORT]!", _bench.Secrets.Redact("abcdef!"));
    }

    [Fact]
    public void Short_values_and_plain_text_stay_and_cost_no_copy()
    {
        Set("PIN", "12345");
        const string Line = "12345 requests served";
        Assert.Same(Line, _bench.Secrets.Redact(Line));
    }

    [Fact]
    public async Task The_password_inside_a_kept_login_is_replaced_but_not_its_user_name()
    {
        var claim = EntityRef.Of("ResourceClaim", "db");
        await _bench.Secrets.KeepAsync(claim, "login", 1, new SecretValue("""{"username":"orders_a","password":"very-secret-1"}"""), TestContext.Current.CancellationToken);
        Assert.Equal("orders_a [secret login]", _bench.Secrets.Redact("orders_a very-secret-1"));
    }

    [Fact]
    public void The_lines_of_a_key_are_replaced_one_by_one()
    {
        var body = new string('Q', 64);
        Set("TLS_KEY", $"-----BEGIN THING-----\n{body}\n-----END THING-----\n");
        Assert.Equal("-----BEGIN THING-----", _bench.Secrets.Redact("-----BEGIN THING-----"));
        Assert.Equal("  [secret TLS_KEY]", _bench.Secrets.Redact("  " + body));
    }

    [Fact]
    public void Whatever_the_text_no_value_survives() => Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 6, 12], Gen.String[Gen.Char["abAB01 "], 0, 40], Gen.Int[0, 40]).Sample((value, noise, at) =>
    {
        Set("ANY", value);
        var text = noise.Insert(Math.Min(at, noise.Length), value);
        Assert.DoesNotContain(value, _bench.Secrets.Redact(text), StringComparison.Ordinal);
    }, iter: 30, threads: 1);

    private void Set(string name, string value) => _bench.Store.Set(SecretScope.Organisation, name, new SecretValue(value), "user:default/jane");
}
