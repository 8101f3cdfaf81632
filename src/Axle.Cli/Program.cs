using System.Runtime.InteropServices;
using Axle.Cli;

// The first signal asks nicely: a verb ends its waiting and says what goes on without it. The second one ends at once.
using var interrupted = new CancellationTokenSource();
void OnSignal(PosixSignalContext context)
{
    if (!interrupted.IsCancellationRequested)
    {
        context.Cancel = true;
        interrupted.Cancel();
    }
}

using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);

return await new AxleCli(CliHost.OfThisProcess()).RunAsync(args, interrupted.Token);
