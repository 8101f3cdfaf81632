namespace Axle.Tests.Templates.Nunjucks;

/// <summary>Axle's side of the comparison with Backstage's engine; started by tests/peers/nunjucks/run and by nobody else.</summary>
public sealed class PeerTests
{
    [Fact(Explicit = true)]
    public void Answers_the_cases_in_a_file()
    {
        using var cases = File.OpenText(Environment.GetEnvironmentVariable("AXLE_NUNJUCKS_CASES")!);
        using var answers = File.CreateText(Environment.GetEnvironmentVariable("AXLE_NUNJUCKS_ANSWERS")!);
        PeerCases.Answer(cases, answers);
    }
}
