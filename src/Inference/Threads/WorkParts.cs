namespace AdaptiveKv.Inference.Threads;

/// <summary>The parts of a loop's items that fall to one member of a team, as it comes to them: for foreach without an allocation. Every item falls to one member.</summary>
/// <param name="tickets">Who has taken what.</param>
/// <param name="count">Items of the loop.</param>
/// <param name="member">The member.</param>
/// <param name="loop">Number of the loop.</param>
internal readonly struct WorkParts(WorkTickets tickets, int count, int member, uint loop)
{
    /// <summary>The parts in order.</summary>
    public Enumerator GetEnumerator() => new(tickets, count, member, loop);

    /// <summary>Takes part after part: of the member's own even share, then of those that follow.</summary>
    public struct Enumerator(WorkTickets tickets, int count, int member, uint loop)
    {
        private int looked;

        /// <summary>Neighbouring items.</summary>
        public WorkShare Current { get; private set; }

        /// <summary>Next part.</summary>
        public bool MoveNext()
        {
            for (; looked < tickets.Helped; looked++)
            {
                int owner = (member + looked) % tickets.Members;
                WorkShare share = WorkShare.Of(count, owner, tickets.Members);
                WorkShare taken = tickets.Take(owner, loop, share.Count);
                if (taken.Count > 0)
                {
                    Current = new WorkShare(share.From + taken.From, share.From + taken.To);
                    return true;
                }
            }

            return false;
        }
    }
}
