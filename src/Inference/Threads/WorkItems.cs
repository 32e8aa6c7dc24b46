namespace AdaptiveKv.Inference.Threads;

/// <summary>The items of <see cref="WorkParts"/>, one by one.</summary>
/// <param name="parts">The parts.</param>
internal readonly struct WorkItems(WorkParts parts)
{
    /// <summary>The items.</summary>
    public Enumerator GetEnumerator() => new(parts.GetEnumerator());

    /// <summary>Walks through part after part.</summary>
    public struct Enumerator(WorkParts.Enumerator parts)
    {
        private WorkParts.Enumerator parts = parts;
        private int last = -1;

        /// <summary>The item.</summary>
        public int Current { get; private set; } = -1;

        /// <summary>Next item.</summary>
        public bool MoveNext()
        {
            if (Current < last)
            {
                Current++;
                return true;
            }

            if (!parts.MoveNext())
            {
                return false;
            }

            (Current, last) = (parts.Current.From, parts.Current.To - 1);
            return true;
        }
    }
}
