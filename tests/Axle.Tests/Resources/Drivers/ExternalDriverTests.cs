namespace Axle.Tests.Resources.Drivers;

public sealed class ExternalDriverTests : IDisposable
{
    private const string Kafka = """
        - uri: external://kafka-topic
          type: kafka-topic
          outputs: { host: kafka.internal, port: 9092, name: orders, num_partitions: 3 }
          secret_outputs: { sasl: KAFKA_PASSWORD }
        """;

    private readonly ScratchPlatform _platform = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _platform.Dispose();

    [Fact]
    public async Task Consumers_are_given_what_is_written_down_and_the_organisations_secrets()
    {
        _platform.Secrets.Organisation["KAFKA_PASSWORD"] = "k-1";

        var made = (await _platform.External().EnsureAsync(ScratchPlatform.Claim(ScratchPlatform.Provisioner(Kafka)), Stop)).Value;

        Assert.Equal("kafka.internal", made.Outputs["host"].GetString());
        Assert.Equal(9092, made.Outputs["port"].GetInt32());
        Assert.Equal("k-1", made.SecretOutputs["sasl"]);
    }

    [Fact]
    public async Task A_secret_that_is_missing_is_named()
    {
        var refused = (await _platform.External().EnsureAsync(ScratchPlatform.Claim(ScratchPlatform.Provisioner(Kafka)), Stop)).Error!;

        Assert.Equal("resources.secret_missing", refused.Code);
        Assert.Contains("KAFKA_PASSWORD", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_in_clear_is_refused_without_repeating_it()
    {
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner("- uri: external://redis\n  type: redis\n  outputs: { host: h, password: clear-text }"));

        var refused = (await _platform.External().EnsureAsync(claim, Stop)).Error!;

        Assert.Contains("'password' is secret and stands in clear", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("clear-text", refused.Message + refused.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_tells_which_outputs_change()
    {
        _platform.Secrets.Organisation["KAFKA_PASSWORD"] = "k-1";
        var claim = ScratchPlatform.Claim(ScratchPlatform.Provisioner(Kafka));
        Assert.Equal("create", (await _platform.External().PlanAsync(claim, Stop)).Value.Action);
        var after = ScratchPlatform.After(claim, (await _platform.External().EnsureAsync(claim, Stop)).Value);
        Assert.Equal("unchanged", (await _platform.External().PlanAsync(after, Stop)).Value.Action);

        var moved = after with { Provisioner = ScratchPlatform.Provisioner(Kafka.Replace("kafka.internal", "kafka-2.internal", StringComparison.Ordinal)) };

        var plan = (await _platform.External().PlanAsync(moved, Stop)).Value;
        Assert.Equal("change", plan.Action);
        Assert.Equal(["output host: \"kafka.internal\" → \"kafka-2.internal\""], plan.Lines);
    }
}
