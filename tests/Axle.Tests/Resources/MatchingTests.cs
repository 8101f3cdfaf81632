using Axle.Contracts;
using Axle.Platform.Resources;

namespace Axle.Tests.Resources;

/// <summary>Who makes a resource, when several could.</summary>
public sealed class MatchingTests
{
    private static readonly Matching.Candidate[] s_all =
    [
        Of("builtin", uri: "axle://postgres"),
        Of("ours"),
        Of("production-only", environment: "production"),
        Of("large", @class: "large"),
        Of("large-production", @class: "large", environment: "production"),
        Of("the-one", id: "ledger"),
        Of("other-type", type: "redis"),
    ];

    public static TheoryData<string, string?, string, string> Rules => new()
    {
        // class    id        environment   chosen
        { "default", null,     "staging",    "ours" },
        { "default", null,     "production", "production-only" },
        { "default", null,     "Production", "production-only" },
        { "large",   null,     "staging",    "large" },
        { "large",   null,     "production", "large-production" },
        { "large",   "ledger", "production", "the-one" },
        { "default", "ledgers", "staging",   "ours" },
    };

    [Theory, MemberData(nameof(Rules))]
    public void The_most_specific_one_makes_it(string @class, string? id, string environment, string chosen) =>
        Assert.Equal(chosen, Matching.Choose(s_all, "postgres", @class, id, environment).Value.Name);

    [Fact]
    public void A_tie_names_both()
    {
        var tie = Matching.Choose([.. s_all, Of("theirs")], "postgres", "default", null, "staging").Error;
        Assert.Equal(["ours", "theirs"], Assert.IsType<ProvisionersTie>(tie).Names);
    }

    [Fact]
    public void Nobody_is_a_refusal_that_names_what_there_is()
    {
        var nobody = Assert.IsType<NoProvisioner>(Matching.Choose(s_all, "mongodb", "default", null, "staging").Error);
        Assert.Equal(["postgres", "redis"], nobody.Known);
    }

    private static Matching.Candidate Of(string name, string type = "postgres", string? @class = null, string? id = null, string? environment = null, string uri = "template://x") =>
        new(name, new ProvisionerSpec { Uri = uri, Type = type, Class = @class, Id = id, Environment = environment });
}
