namespace Axle.Cli;

/// <summary>What the CLI's exit codes mean; scripts rely on them.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The platform refused, or what was asked failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No platform answers.</summary>
    public const int Unreachable = 3;

    /// <summary>The rollout that was waited for failed.</summary>
    public const int RolloutFailed = 4;

    /// <summary>Interrupted by a signal.</summary>
    public const int Interrupted = 130;

    public const string Help = "0 ok · 1 refused or failed · 2 wrong usage · 3 cannot reach the platform · 4 rollout failed · 130 interrupted";
}
