using WorldCupReplay.Display;
using WorldCupReplay.Publishing;
using WorldCupReplay.Tournament;

namespace WorldCupReplay;

/// <summary>Sends one goal after the other, at the pace that was asked for.</summary>
internal sealed class Replay(GoalPublisher publisher, ProgressDisplay display, TimeProvider time)
{
    private const int Completed = 0;
    private const int Failed = 1;

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<Goal> goals, ReplayPace pace, CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < goals.Count; i++)
            {
                if (i > 0)
                {
                    await Task.Delay(pace.Between(goals[i - 1].FellAt, goals[i].FellAt), time, cancellationToken);
                }

                await publisher.PublishAsync(goals[i], cancellationToken);
                display.Sent(goals[i]);
            }

            display.Finish("Every goal was sent.");
            return Completed;
        }
        catch (PublishFailedException e)
        {
            display.Finish(e.Message);
            return Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            display.Finish("Stopped.");
            return Failed;
        }
    }
}
