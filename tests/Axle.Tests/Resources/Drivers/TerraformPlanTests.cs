using Axle.Platform.Resources.Drivers;

namespace Axle.Tests.Resources.Drivers;

public sealed class TerraformPlanTests
{
    public static TheoryData<string, string, bool, string> Plans => new()
    {
        // what Terraform plans                    resource type            exists  foreseen
        { "create", "aws_s3_bucket", false, ForeseenActions.Create },
        { "create", "aws_s3_bucket", true, ForeseenActions.Change },
        { "update", "aws_s3_bucket", true, ForeseenActions.Change },
        { "replace", "aws_s3_bucket", true, ForeseenActions.Replace },
        { "delete", "aws_s3_bucket", true, ForeseenActions.Replace },
        { "replace", "random_password", true, ForeseenActions.Change },
        { "replace", "null_resource", true, ForeseenActions.Change },
        { "move", "aws_s3_bucket", true, ForeseenActions.Change },
        { "read", "aws_s3_bucket", true, ForeseenActions.Unchanged },
        { "noop", "aws_s3_bucket", true, ForeseenActions.Unchanged },
    };

    [Theory, MemberData(nameof(Plans))]
    public void A_planned_change_is_foreseen(string action, string type, bool exists, string foreseen) =>
        Assert.Equal(foreseen, TerraformPlan.Read(
            $$$$"""
            a line that is no JSON
            {"type":"version","terraform":"1.11.4"}
            {"type":"planned_change","change":{"resource":{"addr":"{{{{type}}}}.x","resource_type":"{{{{type}}}}"},"action":"{{{{action}}}}"}}
            {"type":"outputs","outputs":{"name":{"sensitive":false,"action":"noop"}}}
            {broken
            """,
            exists).Action);
}
