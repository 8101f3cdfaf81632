using Axle.Contracts;
using Axle.Portal.Components;
using Bunit;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Portal;

/// <summary>What the cards of a resource show in each state.</summary>
public sealed class ResourceCardTests : BunitContext
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly ResourceView s_ready = new()
    {
        Name = "orders.db.staging",
        Ref = EntityRef.Of(Kinds.ResourceClaim, "orders.db.staging"),
        Type = "postgres",
        Environment = "staging",
        Phase = ResourcePhases.Ready,
        CredentialVersion = 2,
        CredentialAt = s_now.AddDays(-3),
        RotateEveryDays = 30,
    };

    public ResourceCardTests() => Services.AddSingleton<TimeProvider>(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(s_now));

    public static TheoryData<ResourceView, string, string> States => new()
    {
        { s_ready, "Ready", "healthy" },
        { s_ready with { Next = "axle resource replace orders.db.staging --accept-data-loss" }, "Out of date", "degraded" },
        { s_ready with { Rotation = Rotation(RotationStates.Applied) }, "Rotating", "deploying" },
        { s_ready with { Rotation = Rotation(RotationStates.Done) }, "Ready", "healthy" },
        { s_ready with { Phase = ResourcePhases.Failed, Next = "axle provisioner list" }, "Failed", "failing" },
        { s_ready with { Phase = ResourcePhases.Pending }, "Pending", "deploying" },
        { s_ready with { Phase = ResourcePhases.Provisioning }, "Provisioning", "deploying" },
        { s_ready with { Removal = Removal() }, "Being removed", "deploying" },
        { s_ready with { Phase = ResourcePhases.Removed, Removal = Removal(), Next = "axle undo orders.db.staging" }, "Removed", "idle" },
    };

    [Theory, MemberData(nameof(States))]
    public void A_resource_has_one_word_and_tone(ResourceView view, string word, string tone) => Assert.Equal(new Health(word, tone), Health.Of(view));

    [Fact]
    public void A_quiet_credential_says_when_it_was_made_and_when_it_changes_next_and_can_be_rotated()
    {
        var card = Credential(s_ready);

        Assert.Contains("Version 2, made 3 d ago. It is rotated every 30 days, next on 19 Dec 2026.", card.Find("p").TextContent, StringComparison.Ordinal);
        Assert.NotNull(card.Find("form[method=post][action='/resources/orders.db.staging/rotate'] button"));
        Assert.Equal("axle resource rotate orders.db.staging", card.Find(".command").TextContent);
        Assert.Empty(card.FindAll(".steps"));
    }

    [Theory]
    [InlineData(RotationStates.Requested, 1)]
    [InlineData(RotationStates.Published, 5)]
    [InlineData(RotationStates.Revoked, 7)]
    public void A_rotation_shows_what_is_done_what_runs_and_what_it_waits_for(string state, int done)
    {
        var card = Credential(s_ready with { Rotation = Rotation(state) with { Message = "waiting for orders in staging" } });

        var steps = card.FindAll(".steps li");
        Assert.Equal([.. Enumerable.Repeat("done", done), "running", .. Enumerable.Repeat("waiting", 7 - done)], steps.Select(step => step.ClassName));
        Assert.Contains("waiting for orders in staging", steps[done].TextContent, StringComparison.Ordinal);
        Assert.Contains("asked for by jane", card.Markup, StringComparison.Ordinal);
        Assert.Empty(card.FindAll("form"));
    }

    [Fact]
    public void A_finished_rotation_says_how_long_it_took_and_that_the_old_login_is_refused()
    {
        var card = Credential(s_ready with { Rotation = Rotation(RotationStates.Done) with { StartedAt = s_now.AddSeconds(-70), At = s_now.AddSeconds(-65.5), RevokedAt = s_now.AddSeconds(-66) } });

        Assert.Contains("Last rotated by jane in 4.5 s; the old login was refused 1 min ago.", card.FindAll("p")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_may_not_manage_it_sees_no_button() => Assert.Empty(Credential(s_ready, may: false).FindAll("form"));

    [Fact]
    public void What_is_being_removed_is_not_rotated() => Assert.Empty(Credential(s_ready with { Removal = Removal() }).FindAll("form"));

    [Fact]
    public void Deletion_of_what_nobody_uses_asks_for_one_tick_without_force()
    {
        var card = Render<DeleteCard>(p => p.Add(c => c.View, s_ready));

        Assert.NotNull(card.Find("form[action='/resources/orders.db.staging/delete'] input[type=checkbox][name=sure][required]"));
        Assert.Empty(card.FindAll("[name=force]"));
        Assert.Contains("kept for 7 days", card.Markup, StringComparison.Ordinal);
        Assert.Equal("axle resource delete orders.db.staging", card.Find(".command").TextContent);
    }

    [Fact]
    public void Deletion_of_what_is_used_names_who_uses_it_before_the_button()
    {
        var card = Render<DeleteCard>(p => p.Add(c => c.View, s_ready with { Consumers = ["component:orders", "resourceclaim:billing.db.staging"] }));

        Assert.Equal(["/components/orders", "/resources/billing.db.staging"], card.FindAll(".facts a").Select(a => a.GetAttribute("href")));
        Assert.NotNull(card.Find("input[type=checkbox][name=force][required]"));
        Assert.Empty(card.FindAll("[name=sure]"));
        Assert.Equal("axle resource delete orders.db.staging --force", card.Find(".command").TextContent);
    }

    [Fact]
    public void A_database_that_does_not_answer_says_so_instead()
    {
        var card = Render<DatabaseCard>(p => p.Add(c => c.Name, "orders.db.staging").Add(c => c.Why, "The database did not answer within 1 s."));

        Assert.Equal("The database did not answer within 1 s.", card.Find(".empty").TextContent);
        Assert.Empty(card.FindAll("table"));
    }

    [Fact]
    public void A_database_shows_its_biggest_tables_and_slowest_statements_as_text()
    {
        var stats = new DatabaseStats("orders.db.staging", "15.18", 12 << 20, 3, 50, 0.987, 10, 1, 0, [new("public.lines", 20000, 3 << 20)], [new("select '<b>'", 4, 1.26, 1500)]);

        var card = Render<DatabaseCard>(p => p.Add(c => c.Name, "orders.db.staging").Add(c => c.Stats, stats));

        Assert.Contains("12 MiB, 3 of 50 connections open", card.Find("p").TextContent, StringComparison.Ordinal);
        Assert.Equal(["20000", "3 MiB", "4", "1.3 ms", "1.5 s"], card.FindAll("td").Select(cell => cell.TextContent));
        Assert.Empty(card.FindAll("b"));
    }

    [Fact]
    public void Of_many_users_the_first_are_named_and_the_others_counted()
    {
        var who = Render<Who>(p => p.Add(w => w.All, ["component:a", "component:b", "component:c", "component:d"]).Add(w => w.Most, 2));

        Assert.Equal(["a", "b"], who.FindAll("a").Select(link => link.TextContent));
        Assert.Contains("and 2 more", who.Markup, StringComparison.Ordinal);
    }

    private static RotationStatus Rotation(string state) => new(state, 3, "user:default/jane", s_now.AddSeconds(-5), s_now);

    private static ResourceRemoval Removal() => new(s_now, "user:default/jane", s_now.AddDays(7));

    private IRenderedComponent<CredentialCard> Credential(ResourceView view, bool may = true) => Render<CredentialCard>(p => p.Add(c => c.View, view).Add(c => c.MayManage, may));
}
