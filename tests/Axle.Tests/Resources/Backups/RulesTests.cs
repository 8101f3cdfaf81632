using Axle.Contracts;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Backups.Postgres;
using CsCheck;

namespace Axle.Tests.Resources.Backups;

/// <summary>What is decided without a database: when, how many, which names, which rules.</summary>
public sealed class RulesTests
{
    private static readonly EntityRef s_claim = EntityRef.Of("ResourceClaim", "orders.db.staging");
    private static readonly DateTimeOffset s_noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_hundred_databases_begin_at_many_times_of_the_night()
    {
        var times = Enumerable.Range(0, 100).Select(number => BackupTimes.Next(EntityRef.Of("ResourceClaim", $"db-{number}"), new BackupPolicy(), s_noon)!.Value).ToList();
        Assert.All(times, time => Assert.InRange(time.Hour, 1, 4));
        Assert.True(times.GroupBy(time => time).Max(group => group.Count()) <= 5);
        Assert.True(times.Distinct().Count() > 60);
    }

    [Fact]
    public void However_many_times_were_missed_one_backup_is_due()
    {
        var policy = new BackupPolicy("0 3 * * *");
        Assert.Null(BackupTimes.Due(s_claim, policy, s_noon, s_noon.AddHours(14.9)));
        Assert.Equal(s_noon.AddHours(15), BackupTimes.Due(s_claim, policy, s_noon, s_noon.AddHours(15)));
        Assert.Equal(s_noon.AddDays(400).AddHours(-9), BackupTimes.Due(s_claim, policy, s_noon, s_noon.AddDays(400)));
        Assert.Null(BackupTimes.Due(s_claim, new BackupPolicy(""), s_noon, s_noon.AddDays(400)));
    }

    [Theory]
    [InlineData("0 3 * * *", 7, null)]
    [InlineData(null, 0, null)]
    [InlineData("", 1, null)]
    [InlineData("0 25 * * *", 7, "resources.backup_schedule")]
    [InlineData("every night", 7, "resources.backup_schedule")]
    [InlineData(null, -1, "resources.backup_keep")]
    public void A_policy_that_means_nothing_is_refused(string? schedule, int keep, string? code) => Assert.Equal(code, BackupTimes.Wrong(new BackupPolicy(schedule, keep))?.Code);

    [Fact]
    public void Retention_never_lets_go_of_the_last_proved_backup() => Gen.Select(Gen.Int[1, 4], Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Bool).List[0, 20]).Sample((keep, list) =>
    {
        var phases = new[] { BackupPhases.Succeeded, BackupPhases.Failed, BackupPhases.Running, BackupPhases.Pending };
        var all = list.Select((one, index) => new BackupTimes.Kept($"b{index}", one.Item2 ? BackupTriggers.Schedule : BackupTriggers.Manual, s_noon.AddHours(index), phases[one.Item1], one.Item1 == 0 && one.Item3)).ToList();
        var gone = BackupTimes.Expired(all, keep);
        var left = all.Where(one => !gone.Contains(one.Id)).ToList();
        Assert.Equal(all.LastOrDefault(one => one.Proved), left.LastOrDefault(one => one.Proved));
        Assert.DoesNotContain(all, one => gone.Contains(one.Id) && one.Phase is BackupPhases.Running or BackupPhases.Pending && gone.Contains(one.Id));
        foreach (var trigger in (string[])[BackupTriggers.Schedule, BackupTriggers.Manual])
        {
            var (there, kept) = (all.Count(Done), left.Count(Done));
            Assert.InRange(kept, Math.Min(there, keep), keep + 1);
            bool Done(BackupTimes.Kept one) => one.Trigger == trigger && one.Phase == BackupPhases.Succeeded;
        }
    });

    [Fact]
    public void Masking_rules_are_read_with_their_places()
    {
        var read = MaskFile.Read("customers:\n  email: email\n  phone: null\n  note: {fixed: \"it's\"}\nshop.orders:\n  address: shuffle\n");
        Assert.Equal(
            [new MaskRule("customers", "email", "email"), new MaskRule("customers", "phone", "null"), new MaskRule("customers", "note", "fixed", "it's"), new MaskRule("shop.orders", "address", "shuffle")],
            read.Value);
        var wrong = MaskFile.Read("customers:\n  email: drop table\n  phone: {fixed: null}\norders: [a]\n").Error!;
        Assert.Equal([2, 3, 4], wrong.Problems.Select(problem => problem.Line!.Value));
    }

    [Fact]
    public void No_text_makes_the_mask_reader_fail() => Gen.String.Sample(text => MaskFile.Read(text) is { Ok: true } or { Error.Problems.Count: > 0 });

    [Theory]
    [InlineData("null", true, true, false, "must not be null; use another rule")]
    [InlineData("null", true, false, false, null)]
    [InlineData("email", false, false, false, "is integer, and email is for text; use null, fixed or shuffle")]
    [InlineData("shuffle", false, false, false, null)]
    [InlineData("fixed", true, false, true, "is computed from other columns; mask those")]
    public void A_rule_must_fit_its_column(string rule, bool isText, bool notNull, bool generated, string? expected) =>
        Assert.Equal(expected, PgMask.Wrong(new MaskRule("t", "c", rule), [new PgMask.Column("c", isText ? "text" : "integer", isText, notNull, generated)])?.Message);

    [Fact]
    public void A_quoted_name_or_text_ends_where_it_should() => Gen.String.Sample(text =>
    {
        var name = PgText.Name(text);
        Assert.Equal(text, name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal));
        Assert.DoesNotContain('"', name[1..^1].Replace("\"\"", "", StringComparison.Ordinal));
        var quoted = PgText.Text(text);
        Assert.DoesNotContain('\'', quoted[(quoted.IndexOf('\'', StringComparison.Ordinal) + 1)..^1].Replace("''", "", StringComparison.Ordinal));
        Assert.Equal(text.Contains('\\', StringComparison.Ordinal), quoted[0] == 'E');
    });

    [Fact]
    public void Extensions_and_their_schemas_leave_an_archives_list()
    {
        const string List =
            """
            ; Archive created at 2026-11-23
            8; 2615 16400 SCHEMA - tools owner
            9; 2615 16401 SCHEMA - toolshed owner
            2; 3079 16385 EXTENSION - pg_trgm 
            4401; 0 0 COMMENT - EXTENSION pg_trgm 
            4402; 0 0 COMMENT public TABLE orders owner
            215; 1259 16399 TABLE public EXTENSION owner
            """;
        var kept = PgToc.WithoutExtensions(List.ReplaceLineEndings("\n"), [new ExtensionUse("pg_trgm", "tools")]);
        Assert.Equal(["; Archive created at 2026-11-23", "9; 2615 16401 SCHEMA - toolshed owner", "4402; 0 0 COMMENT public TABLE orders owner", "215; 1259 16399 TABLE public EXTENSION owner"], kept.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(1, "0/2000028", "000000010000000000000002")]
    [InlineData(1, "0/FF000028", "0000000100000000000000FF")]
    [InlineData(3, "1A/1000000", "000000030000001A00000001")]
    public void A_place_in_the_log_is_in_a_file(long timeline, string place, string file) => Assert.Equal(file, BaseBackupReconciler.WalFile(timeline, place));

    [Fact]
    public void A_server_is_copied_when_it_is_new_each_night_and_again_after_a_failure()
    {
        Assert.True(BaseBackupScheduler.IsDue(s_claim, null, null, s_noon));
        Assert.False(BaseBackupScheduler.IsDue(s_claim, s_noon, BackupPhases.Succeeded, s_noon.AddHours(12)));
        Assert.True(BaseBackupScheduler.IsDue(s_claim, s_noon, BackupPhases.Succeeded, s_noon.AddHours(18)));
        Assert.False(BaseBackupScheduler.IsDue(s_claim, s_noon, BackupPhases.Running, s_noon.AddHours(18)));
        Assert.False(BaseBackupScheduler.IsDue(s_claim, s_noon, BackupPhases.Failed, s_noon.AddMinutes(15)));
        Assert.True(BaseBackupScheduler.IsDue(s_claim, s_noon, BackupPhases.Failed, s_noon.AddMinutes(16)));
    }

    [Fact]
    public void A_difference_names_the_table()
    {
        var one = new Contents { Tables = [new("a", 3, "7"), new("b", 0, "0")] };
        Assert.Null(one.Difference(one with { Tables = [new("b", 0, "0"), new("a", 3, "7")] }));
        Assert.Equal(one.Checksum(), (one with { Tables = [new("b", 0, "0"), new("a", 3, "7")] }).Checksum());
        Assert.Equal("the table b is missing", one.Difference(one with { Tables = [new("a", 3, "7")] }));
        Assert.Equal("the table a has 2 rows instead of 3", one.Difference(one with { Tables = [new("a", 2, "7"), new("b", 0, "0")] }));
        Assert.Equal("the table a has other values", one.Difference(one with { Tables = [new("a", 3, "8"), new("b", 0, "0")] }));
        Assert.NotEqual(one.Checksum(), (one with { Tables = [new("a", 3, "8"), new("b", 0, "0")] }).Checksum());
    }
}
