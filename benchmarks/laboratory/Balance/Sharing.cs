using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;

namespace AdaptiveKv.Laboratory.Balance;

/// <summary>How evenly a region's units fall to some members who take them as they come to them, when each unit takes the time it takes alone.</summary>
/// <param name="Longest">Time until the last member is done, in microseconds.</param>
/// <param name="Mean">Mean over the members of the time that they work.</param>
/// <param name="LargestShare">The largest member's part of what is shared out, over the mean: 1 where all are even.</param>
internal sealed record Sharing(double Longest, double Mean, double LargestShare)
{
    /// <summary>Runs the taking itself, <see cref="WorkTickets"/>, in a time of its own: the member who is done first takes next.</summary>
    /// <param name="region">Its loops, with the time of all their units.</param>
    /// <param name="members">Number of members.</param>
    public static Sharing Of(WorkRegion region, int members)
    {
        WorkTickets tickets = new(members);
        Member[] all = [.. Enumerable.Range(0, members).Select(number => new Member(number, region, tickets))];
        for (Member? first = all[0]; first is not null; first = all.Where(member => !member.IsDone).MinBy(member => member.Taken))
        {
            first.Take();
        }

        double mean = all.Average(member => member.Taken), largest = all.Max(member => member.Taken);
        return new Sharing(region.OwnMicroseconds + largest, region.OwnMicroseconds + mean, mean > 0 ? largest / mean : 1);
    }

    private sealed class Member(int number, WorkRegion region, WorkTickets tickets)
    {
        private int loop = -1;
        private WorkParts.Enumerator parts;

        public double Taken { get; private set; }

        public bool IsDone { get; private set; } = region.Loops.Count == 0;

        // A part of the loop it is in, or of the next one that has some.
        public void Take()
        {
            while (loop < 0 || !parts.MoveNext())
            {
                if (++loop == region.Loops.Count)
                {
                    IsDone = true;
                    return;
                }

                parts = tickets.Begin(region.Loops[loop].Units, number).GetEnumerator();
            }

            Taken += region.Loops[loop].Microseconds * parts.Current.Count / region.Loops[loop].Units;
        }
    }
}
