namespace AdaptiveKv.Inference.Threads;

/// <summary>
/// Who has taken what of the loops that all members of a team run one after the other. Each has an even share and takes parts of it from the front, smaller ones
/// towards the end; who has finished takes parts of the shares of the members behind it. So a core that is slower than others, or is gone for a moment, holds up
/// nobody for longer than a part takes. A share's ticket says of which loop it is and how many of its items are taken. Nothing is reset between loops: a member goes
/// on to the next loop when all shares that it helps with are taken, so a ticket of a later loop says that this loop's share is taken, too.
/// </summary>
/// <param name="members">Of the team.</param>
internal sealed class WorkTickets(int members)
{
    private const int LineLongs = 16; // Two lines of 64 bytes: processors fetch pairs.
    private const int PartsOfRest = 2;
    private const int MostHelped = 8; // Looking at a ticket that another core has changed takes as long as a small part.

    private readonly long[] tickets = new long[(members + 1) * LineLongs];
    private readonly uint[] loops = new uint[(members + 1) * 2 * LineLongs];

    /// <summary>Members of the team.</summary>
    public int Members => members;

    /// <summary>Shares that a member takes from, its own included.</summary>
    public int Helped => Math.Min(members, MostHelped);

    /// <summary>Begins a member's next loop: all members have the same loops.</summary>
    public WorkParts Begin(int count, int member) => new(this, count, member, ++loops[(member + 1) * 2 * LineLongs]);

    /// <summary>Takes a part of a share.</summary>
    /// <param name="owner">Whose share it is.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="count">Items of the share.</param>
    /// <returns>Items counted from the share's first; none where all are taken.</returns>
    public WorkShare Take(int owner, uint loop, int count)
    {
        if (count == 0)
        {
            return default;
        }

        ref long ticket = ref tickets[(owner + 1) * LineLongs];
        for (long seen = Volatile.Read(ref ticket); ;)
        {
            int age = (int)((uint)(seen >> 32) - loop); // Numbers wrap round after some hours.
            int first = age < 0 ? 0 : (int)(uint)seen;
            if (age > 0 || first == count)
            {
                return default;
            }

            int end = members == 1 ? count : first + Math.Max((count - first) / PartsOfRest, 1);
            long before = Interlocked.CompareExchange(ref ticket, ((long)loop << 32) | (uint)end, seen);
            if (before == seen)
            {
                return new WorkShare(first, end);
            }

            seen = before;
        }
    }
}
