using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>What one rendering has used up of its <see cref="RenderLimits"/>; also notices when nobody waits for it any more.</summary>
internal sealed class Budget(RenderLimits limits, CancellationToken stop)
{
    /// <summary>How many steps may pass before the token is looked at again.</summary>
    private const int StepsBetweenLooks = 1024;

    private int _work;
    private int _depth;
    private long _output;
    private long _text;
    private int _capabilityCalls;
    private TimeSpan _patternTime;

    public RenderLimits Limits => limits;

    /// <summary>One node or element more.</summary>
    public void Charge(int steps = 1)
    {
        var before = _work / StepsBetweenLooks;
        _work += steps;
        if ((uint)_work > (uint)limits.WorkMax)
        {
            throw TemplateFault.Limit($"rendering takes more than {Shown(limits.WorkMax)} steps");
        }

        if (_work / StepsBetweenLooks != before)
        {
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>One level deeper. A fault ends the rendering, so leaving needs no <c>finally</c>.</summary>
    public void Enter()
    {
        Charge();
        if (++_depth > limits.DepthMax)
        {
            throw TemplateFault.Limit($"the template nests more than {Shown(limits.DepthMax)} levels");
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
    }

    public void Leave() => _depth--;

    public void ChargeOutput(int characters)
    {
        _output += characters;
        if (_output > limits.OutputMax)
        {
            throw TemplateFault.Limit($"the output has more than {Shown(limits.OutputMax)} characters");
        }
    }

    /// <summary>Called before a text of this length is made or gone through.</summary>
    public void ChargeText(long characters)
    {
        _text += characters;
        if (characters > limits.TextMax || _text > limits.TextTotalMax)
        {
            throw TemplateFault.Limit($"a text on the way has more than {Shown(limits.TextMax)} characters, or all of them more than {Shown(limits.TextTotalMax)}");
        }

        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Called before a list or record of this size is made.</summary>
    public void CheckElements(double count)
    {
        if (count > limits.ElementsMax)
        {
            throw TemplateFault.Limit($"a list or record has more than {Shown(limits.ElementsMax)} elements");
        }
    }

    public void ChargeCapability()
    {
        if (++_capabilityCalls > limits.CapabilityCallsMax)
        {
            throw TemplateFault.Limit($"the template calls the platform's filters and globals more than {Shown(limits.CapabilityCallsMax)} times");
        }
    }

    /// <summary>Adds the time since this timestamp to what regular expressions have used.</summary>
    public void ChargePatternTime(long began)
    {
        _patternTime += Stopwatch.GetElapsedTime(began);
        if (_patternTime > limits.PatternTimeMax)
        {
            throw TemplateFault.Limit($"regular expressions take longer than {limits.PatternTimeMax.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
        }
    }

    private static string Shown(long number) => number.ToString(CultureInfo.InvariantCulture);
}
